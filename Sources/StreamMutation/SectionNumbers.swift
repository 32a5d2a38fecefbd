import MigrationStream

/// A number in the data of a section, for those who know more of it than the stream says.
public struct SectionNumber: Sendable {
  /// Of the device, and of the section among those that its manifest announces.
  public var device: UInt32
  public var section: Int
  /// Entry of the layout that the section has in the stream.
  public var entry: Int
  /// Octets from the start of the stream.
  public var position: Int
  public var width: Int
}

extension StreamMutator {
  /// The numbers of up to 8 octets in the data of all sections, their subsections left out, as far as layouts tell.
  public static func sectionNumbers(_ octets: [UInt8]) -> [SectionNumber] {
    let tree = RecordTree(octets)
    var numbers: [SectionNumber] = []
    var layouts: [Int] = []
    for (index, spot) in tree.records.enumerated() {
      if spot.knownKind == .layout { layouts.append(index) }
      guard spot.knownKind == .section, spot.bodyCount >= SectionHead.byteCount else { continue }
      let own = Int(octets.word32(spot.body.lowerBound + 4))
      let dataEnd =
        spot.body.lowerBound + SectionHead.byteCount
        + octets.clamped(spot.body.lowerBound + 16, spot.bodyCount - SectionHead.byteCount)
      for field in BodyFields(bodyOf: spot, in: tree).fields where field.isNumber && field.position < dataEnd {
        guard let entry = field.label.entry, own < layouts.count, field.label.layoutRecord == layouts[own] else { continue }
        numbers.append(
          SectionNumber(
            device: octets.word32(spot.start + HeaderPlace.device), section: Int(octets.word16(spot.body.lowerBound)),
            entry: entry, position: field.position, width: field.width))
      }
    }
    return numbers
  }

  public static func value(of number: SectionNumber, in octets: [UInt8]) -> UInt64 {
    octets.number(at: number.position, width: number.width)
  }

  /// Digests are left to ``StreamRepair``.
  public static func set(_ value: UInt64, _ number: SectionNumber, in octets: inout [UInt8]) {
    octets.setNumber(value, at: number.position, width: number.width)
  }
}
