/// Octets that can be read at any place: a file through `pread`, or memory.
///
/// Readers in this room never ask beyond ``octetCount`` and never for more than ``ForeignLimits/windowOctets`` at once
/// (the description of a QEMU stream excepted, which is at most ``ForeignLimits/descriptionOctets``).
public protocol RandomAccessOctets: Sendable {
  /// How many octets there are; does not change while a reader uses the source.
  var octetCount: UInt64 { get }

  /// Exactly `count` octets from `offset`.
  ///
  /// - Throws: ``ForeignError`` `.sourceUnreadable` when the octets cannot be had.
  func read(at offset: UInt64, count: Int) throws(ForeignError) -> [UInt8]
}

/// Octets held in memory.
public struct MemoryOctets: RandomAccessOctets {
  public let octets: [UInt8]

  public init(_ octets: [UInt8]) { self.octets = octets }

  public var octetCount: UInt64 { UInt64(octets.count) }

  public func read(at offset: UInt64, count: Int) throws(ForeignError) -> [UInt8] {
    guard let start = Int(exactly: offset), count >= 0, start <= octets.count,
      count <= octets.count - start
    else {
      throw ForeignError(
        .sourceUnreadable, .opening, at: offset, expected: UInt64(clamping: count),
        found: octetCount)
    }
    return Array(octets[start..<(start + count)])
  }
}

/// What the readers of this room accept at most, whatever the input says.
public struct ForeignLimits: Sendable {
  /// Octets fetched from the source at once.
  public static let windowOctets = 65_536
  /// Octets of a QEMU stream's JSON description; QEMU's own script looks at 10 MiB.
  public static let descriptionOctets = 16 << 20

  /// Sections (bindings of a section id to a name). Real machines have fewer than 100.
  public var sections = 65_536
  /// Records kept in the index; parts of iterative sections beyond it are counted, not listed.
  public var listedRecords = 131_072
  /// RAM blocks of one stream. Real machines have fewer than 300.
  public var memoryBlocks = 8_192
  /// Struct nesting in a description. Deepest seen: 7.
  public var nesting = 32
  /// Octets of a machine name.
  public var machineNameOctets = 255
  /// Fields and structs in a description: what 16 MiB of sensible JSON can hold.
  public var describedFields = 1_000_000
  /// Leaves and elements that take no octet of the stream, so that the input's size does not bound them.
  public var weightlessLeaves = 1_000_000
  /// Nodes of one typed tree.
  public var treeNodes = 4_000_000
  /// Diagnostics kept; more are counted.
  public var diagnostics = 1_000

  public init() {}
}
