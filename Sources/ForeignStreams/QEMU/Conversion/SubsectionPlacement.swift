import MigrationStream

/// A subsection and the part of its parent that it belongs to.
struct PlacedSubsection {
  /// From the parent's fields to a structure or list element; empty: the parent itself.
  var target: [TargetStep]
  var subsection: ConvertedSubsection
  /// Position in the device's announced subsections.
  var number: UInt16
}

/// The subsections that a device announces, numbered in the order in which they are met.
struct SubsectionAnnouncements {
  /// Two subsections of one name and version at one place are told apart by ``ordinal``: QEMU does send such.
  struct Identity: Hashable {
    var name: String
    var version: UInt32
    var ordinal: Int
  }

  /// One place, and what came to it.
  private struct Occupant: Hashable {
    var target: [UInt64]
    var name: String
    var version: UInt32
  }

  private(set) var list: [(name: String, version: UInt32)] = []
  private var numbers: [Identity: Int] = [:]
  private var names = UniqueNames()

  /// Direct subsections of a part, in the order that the format wants.
  ///
  /// - Returns: nil when there are more than the format can number.
  mutating func place(in group: ConvertedGroup) -> [PlacedSubsection]? {
    var found: [PlacedSubsection] = []
    Self.collect(group, target: [], firstField: 0, into: &found)
    var occupants: [Occupant: Int] = [:]
    for index in found.indices {
      let subsection = found[index].subsection
      let target = found[index].target.map { UInt64($0.field) << 32 | UInt64($0.element) }
      let occupant = Occupant(target: target, name: subsection.name, version: subsection.version)
      let ordinal = occupants[occupant, default: 0]
      occupants[occupant] = ordinal + 1
      let identity = Identity(name: subsection.name, version: subsection.version, ordinal: ordinal)
      guard let number = UInt16(exactly: number(of: identity)) else { return nil }
      found[index].number = number
    }
    guard found.count <= Int(UInt16.max) else { return nil }
    return found.sorted(by: Self.isBefore)
  }

  /// Announces all subsections below a part; false when the format cannot number them.
  mutating func announce(_ group: ConvertedGroup) -> Bool {
    guard let placed = place(in: group) else { return false }
    for one in placed where !announce(one.subsection.group) { return false }
    return true
  }

  private mutating func number(of identity: Identity) -> Int {
    if let number = numbers[identity] { return number }
    let number = list.count
    numbers[identity] = number
    list.append((names.take(identity.name, limit: ConversionPlanner.nameOctetsMax), identity.version))
    return number
  }

  private static func collect(
    _ group: ConvertedGroup, target: [TargetStep], firstField: Int, into found: inout [PlacedSubsection]
  ) {
    for subsection in group.subsections {
      found.append(PlacedSubsection(target: target, subsection: subsection, number: 0))
    }
    var number = firstField
    for field in group.fields {
      let here = UInt32(clamping: number)
      switch field.content {
      case .groups(let elements), .array(let elements, _):
        for (element, inner) in elements.enumerated() {
          let step = TargetStep(field: here, element: UInt32(clamping: element))
          collect(inner, target: target + [step], firstField: number + 1, into: &found)
        }
      case .list(let elements):
        for (element, inner) in elements.enumerated() {
          let step = TargetStep(field: here, element: UInt32(clamping: element))
          collect(inner, target: target + [step], firstField: 0, into: &found)
        }
      case .value, .items, .repeated: break
      }
      number += field.entryCount
    }
  }

  /// Ascending by target, step by step, a shorter one first; then by number.
  private static func isBefore(_ left: PlacedSubsection, _ right: PlacedSubsection) -> Bool {
    for (one, other) in zip(left.target, right.target) where one != other {
      return (one.field, one.element) < (other.field, other.element)
    }
    if left.target.count != right.target.count { return left.target.count < right.target.count }
    return left.number < right.number
  }
}
