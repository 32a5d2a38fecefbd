/// Numbers of QEMU's migration stream. All integers on the wire are big-endian.
///
/// Source: facts about QEMU 7.2 to 10.2, `migration/savevm.c`, `migration/ram.c`, `migration/qemu-file.h`.
enum QEMUFormat {
  /// The octets "QEVM".
  static let magic: UInt32 = 0x5145_564d
  static let version: UInt32 = 3
  /// Page sizes a target can have: 256 (AVR) up to 64 KiB, with room.
  static let pageSizes = 256...(1 << 20)

  /// Record types.
  enum Record {
    static let endOfStream: UInt8 = 0x00
    static let sectionStart: UInt8 = 0x01
    static let sectionPart: UInt8 = 0x02
    static let sectionEnd: UInt8 = 0x03
    static let sectionFull: UInt8 = 0x04
    static let subsection: UInt8 = 0x05
    static let description: UInt8 = 0x06
    static let configuration: UInt8 = 0x07
    static let command: UInt8 = 0x08
    static let footer: UInt8 = 0x7e
  }

  /// Octets of a section footer: the record type and the section id.
  static let footerOctets = 5

  /// Low bits of the words in a RAM section.
  enum Memory {
    static let zero: UInt64 = 0x002
    static let sizes: UInt64 = 0x004
    static let page: UInt64 = 0x008
    static let end: UInt64 = 0x010
    static let sameBlock: UInt64 = 0x020
    static let xbzrle: UInt64 = 0x040
    static let compressed: UInt64 = 0x100
    static let multifdFlush: UInt64 = 0x200
    /// The RAM section's version in every release since 2011.
    static let version: UInt32 = 4
    /// Octets in front of a mapped block: version, page size, bitmap offset, pages offset.
    static let mappedHeaderOctets = 28
  }

  /// Names of the sections that are not described because they are iterative, each with its own encoding.
  static let memorySection = "ram"
  static let hashTableSection = "spapr/htab"
  static let storageAttributesSection = "s390-storage_attributes"
  static let dirtyBitmapSection = "dirty-bitmap"
  static let blockSection = "block"

  /// What stands for a null pointer in an array of pointers.
  static let nullPointer: UInt8 = 0x30
}
