/// Numbers of QEMU's migration stream. All integers on the wire are big-endian.
///
/// Source: facts about QEMU 7.2 to 10.2, `migration/savevm.c`, `migration/ram.c`, `migration/qemu-file.h`.
public enum QEMUFormat {
  /// The octets "QEVM".
  public static let magic: UInt32 = 0x5145_564d
  public static let version: UInt32 = 3
  /// Page sizes a target can have: 256 (AVR) up to 64 KiB, with room.
  public static let pageSizes = 256...(1 << 20)

  /// Record types.
  public enum Record {
    public static let endOfStream: UInt8 = 0x00
    public static let sectionStart: UInt8 = 0x01
    public static let sectionPart: UInt8 = 0x02
    public static let sectionEnd: UInt8 = 0x03
    public static let sectionFull: UInt8 = 0x04
    public static let subsection: UInt8 = 0x05
    public static let description: UInt8 = 0x06
    public static let configuration: UInt8 = 0x07
    public static let command: UInt8 = 0x08
    public static let footer: UInt8 = 0x7e
  }

  /// The command that holds records of its own: the length of all of them, 4 octets, then the records.
  public static let packagedCommand: UInt16 = 7

  /// Octets of a section footer: the record type and the section id.
  public static let footerOctets = 5

  /// Low bits of the words in a RAM section.
  public enum Memory {
    public static let zero: UInt64 = 0x002
    public static let sizes: UInt64 = 0x004
    public static let page: UInt64 = 0x008
    public static let end: UInt64 = 0x010
    public static let sameBlock: UInt64 = 0x020
    public static let xbzrle: UInt64 = 0x040
    public static let compressed: UInt64 = 0x100
    public static let multifdFlush: UInt64 = 0x200
    /// The RAM section's version in every release since 2011.
    public static let version: UInt32 = 4
    /// Octets in front of a mapped block: version, page size, bitmap offset, pages offset.
    public static let mappedHeaderOctets = 28
  }

  /// Names of the sections that are not described because they are iterative, each with its own encoding.
  public static let memorySection = "ram"
  public static let hashTableSection = "spapr/htab"
  public static let storageAttributesSection = "s390-storage_attributes"
  public static let dirtyBitmapSection = "dirty-bitmap"
  public static let blockSection = "block"

  /// What stands for a null pointer in an array of pointers.
  public static let nullPointer: UInt8 = 0x30
}
