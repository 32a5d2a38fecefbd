/// What a field means to a reader, which decides what values are worth trying.
public enum FieldKind: UInt8, CaseIterable, Sendable {
  case number
  case signed
  /// Octets of something that lies elsewhere: a region, an area, what a device will send.
  case size
  /// Items that follow, or lie elsewhere.
  case count
  /// A position in a list: a device, a region, a layout, an element.
  case index
  /// A place: an offset, a guest address.
  case address
  case enumeration
  case flags
  /// Octets that follow.
  case length
  case version
  case mark
  case sequence
  case digest
  case boolean
  case float
  /// Zero, or a constant of the format.
  case fixed
  /// Octets without structure: texts, payloads, identities.
  case octets
}

/// One field of a stream.
struct FieldSpot: Sendable {
  /// Octets from the start of the stream.
  var position: Int
  var width: Int
  var kind: FieldKind
  var label: FieldLabel
  /// What the surroundings say is the largest legal value, or the number of legal ones; 0: unknown.
  var limit: UInt64 = 0
  /// What a layout says is the smallest legal value, with the sign of 64 bits; nil: it says nothing.
  var least: UInt64?
  /// Of a count or length: the octets that it counts, padding excluded.
  var tail: Range<Int>?
  /// Octets of one item of the tail.
  var unit = 1
  /// Lengths around the tail, of which this is the innermost; -1: none.
  var scope = -1

  /// Whether a length may stand beside it.
  var mayStartRange: Bool { kind == .address || kind == .size || kind == .number }

  /// Whether it is a number that 64 bits hold.
  var isNumber: Bool { width == 1 || width == 2 || width == 4 || width == 7 || width == 8 }
}

/// An array of section data whose length stands in the block: the blocks of its elements, then their variable parts.
///
/// ```
///  tail: blocks of unit octets | padding | variable part of element 0 | of element 1 | ...
///                                                                     ^ ends[0]      ^ ends[1]
/// ```
struct ArraySpot: Sendable {
  var count: FieldSpot
  var tail: Range<Int>
  /// Of each element's variable part; empty: elements have none.
  var ends: [Int] = []
  /// The innermost length around the array; -1: none.
  var scope = -1

  var elementCount: Int { tail.count / count.unit }
  var range: Range<Int> { tail.lowerBound..<(ends.last ?? variablesStart) }

  private var variablesStart: Int { tail.lowerBound + tail.count.padded }

  func block(_ index: Int) -> Range<Int> {
    let start = tail.lowerBound + index * count.unit
    return start..<(start + count.unit)
  }

  func variable(_ index: Int) -> Range<Int> {
    ends.isEmpty ? variablesStart..<variablesStart : (index == 0 ? variablesStart : ends[index - 1])..<ends[index]
  }
}

/// A length of what lies around: it changes with what is inside.
struct ScopeSpot: Sendable {
  var position: Int
  var width: Int
  /// The next one outwards; -1: none.
  var parent = -1
}

/// An item of a list whose number stands in front: an extent, a device, a subsection.
struct ItemSpot: Sendable {
  /// Lists whose items may stand in another list of that kind, under another parent.
  enum List: UInt8, Sendable { case regions, devices, parameters, announcements, subsections, elements, others }

  var list: List
  var range: Range<Int>
  var count: FieldSpot
  var label: FieldLabel
  /// The innermost length around the list; -1: none.
  var scope = -1
}

/// The fields of one record's body, of its header or of the preamble, as far as its octets go.
struct BodyFields: Sendable {
  /// More fields than that are not looked for.
  static let fieldsMax = 512

  var fields: [FieldSpot] = []
  var items: [ItemSpot] = []
  var scopes: [ScopeSpot] = []
  var arrays: [ArraySpot] = []

  var isFull: Bool { fields.count >= Self.fieldsMax || items.count >= Self.fieldsMax }

  mutating func add(
    _ position: Int, _ width: Int, _ kind: FieldKind, _ name: StaticString, _ element: Int? = nil, limit: UInt64 = 0
  ) {
    fields.append(
      FieldSpot(position: position, width: width, kind: kind, label: FieldLabel(name, element), limit: limit))
  }

  mutating func scope(_ position: Int, _ width: Int, in parent: Int = -1) -> Int {
    scopes.append(ScopeSpot(position: position, width: width, parent: parent))
    return scopes.count - 1
  }
}
