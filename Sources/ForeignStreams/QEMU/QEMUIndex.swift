/// One record of a QEMU stream, without its content.
public struct QEMURecord: Sendable, Equatable {
  /// Raw values are the record type octets of the stream.
  public enum Kind: UInt8, Sendable {
    case endOfStream = 0x00
    case sectionStart, sectionPart, sectionEnd, sectionFull
    case description = 0x06
    case configuration, command
  }

  public var kind: Kind
  /// True inside a PACKAGED command.
  public var isPackaged = false
  /// Where the record's type octet is, from the start of the stream.
  public var offset: UInt64
  /// Octets of the whole record, footer included.
  public var length: UInt64
  /// Where what follows the record's header is.
  public var payloadOffset: UInt64
  /// Octets of the payload, without the footer.
  public var payloadLength: UInt64
  /// The number in ``QEMUStream/sections`` of the section this belongs to; nil for other records.
  public var section: Int?
  /// The command's number, for commands.
  public var command: UInt16 = 0
}

/// One section: a device, or guest memory, or another thing that is sent in parts.
public struct QEMUSection: Sendable, Equatable {
  /// How a section's payload is encoded.
  public enum Content: Sendable, Equatable {
    case memory
    /// As the stream's description says.
    case described
    /// PowerPC's hashed page table, s390 storage attributes, dirty bitmaps, block migration, VFIO.
    case hashTable, storageAttributes, dirtyBitmap, block, vfio
    /// No description: opaque octets.
    case opaque
  }

  /// The number that binds the section's records together.
  public var id: UInt32
  /// QEMU's `idstr`, such as `0000:00:01.3/piix4_pm`.
  public var name: String
  public var instance: UInt32
  public var version: UInt32
  public var content: Content
  /// The name of the device's state type, such as `piix4_pm`; empty without a description.
  public var stateName = ""
  /// The record that begins the section.
  public var offset: UInt64
  public var payloadOffset: UInt64
  /// Octets of the payload of the first record; for full sections, of the whole state.
  public var payloadLength: UInt64 = 0
  /// Payload octets that the description explains, when it does not explain all; the rest is unknown.
  public var explainedLength: UInt64?
  /// Records of this section, the first one included.
  public var recordCount: UInt64 = 1
  /// The struct number in the description.
  var described: Int32?
}

/// A piece of the configuration record behind the machine's name.
public struct QEMUConfigurationPart: Sendable, Equatable {
  /// For instance `configuration/capabilities`.
  public var name: String
  public var version: UInt32
  public var payloadOffset: UInt64
  public var payloadLength: UInt64
}

/// A block of guest memory.
public struct QEMUMemoryBlock: Sendable, Equatable {
  /// The layout of a block whose pages lie at fixed places of the file.
  public struct Mapping: Sendable, Equatable {
    public var pageSize: UInt64
    /// Where the bitmap of stored pages is.
    public var bitmapOffset: UInt64
    /// Where page 0 is, or would be.
    public var pagesOffset: UInt64
  }

  /// The block's name, such as `pc.ram`.
  public var name: String
  public var nameOctets: [UInt8]
  /// Octets in use.
  public var length: UInt64
  /// Where the stream says so.
  public var lengthOffset: UInt64
  /// Where the guest sees it; only present when shared memory is left out of the stream.
  public var guestAddress: UInt64?
  /// The block's own page size; only present in postcopy streams when it is not the host's.
  public var pageSize: UInt64?
  public var mapping: Mapping?
}

/// Pages that follow each other in a block and, when stored, at equal distances in the stream.
public struct QEMUPageRun: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case data
    case zero
    /// Every octet of the pages is this one; only very old streams have values other than zero.
    case fill(UInt8)
    /// One page as a difference to its earlier content.
    case xbzrle
    /// One page compressed by zlib.
    case compressed
  }

  /// The number in ``QEMUStream/memoryBlocks``.
  public var block: Int
  public var kind: Kind
  /// Octets from the block's start to the first page.
  public var blockOffset: UInt64
  public var pageCount: UInt64
  /// Octets of one page.
  public var pageSize: UInt64
  /// Where the first page's octets are in the stream; 0 for zero pages.
  public var fileOffset: UInt64
  /// Octets from one page's start to the next one's in the stream; 0 for a single page.
  public var fileStride: UInt64
  /// Stored octets of one page: the page size, or less for the encoded kinds.
  public var storedLength: UInt64
}

/// Something that a reader got over and a person should know.
public struct QEMUDiagnostic: Sendable, Equatable {
  public enum Kind: String, Sendable {
    /// The section is not laid out as its description says; found again by its footer.
    case descriptionMismatch
    /// The description is unusable, or its length is wrong.
    case descriptionUnusable
    /// What looked like a description does not follow the end of the stream: left alone.
    case descriptionMisplaced
    /// Octets behind the end of the stream and its description.
    case trailingOctets
    /// The same section was sent before.
    case duplicateSection
    /// A described device has no section.
    case missingSection
    /// The section's version is not the one its description was made from.
    case versionMismatch
    /// The section has no description: its octets stay opaque.
    case opaqueSection
    /// The page size is nowhere in the stream: this one fits.
    case guessedPageSize
    /// Conversion: structs nest deeper than the format allows; the inner part became octets.
    case nestsTooDeep
    /// Conversion: a struct inside an array that only its first element tells of; it became octets.
    case variesInArray
    /// Conversion: the section is larger than a typed section may be, or has more fields; it became octets.
    case keptAsOctets
    /// Conversion: octets of a page behind the end of its block were left out.
    case pageBeyondBlock
  }

  public var kind: Kind
  public var offset: UInt64
  public var expected: UInt64
  public var found: UInt64
  /// Section or field.
  public var path: String
}
