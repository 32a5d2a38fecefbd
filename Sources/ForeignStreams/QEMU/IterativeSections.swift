/// Steps over the payloads of iterative sections that QEMU's description leaves out, each with an encoding of its own.
///
/// Source: facts about QEMU 7.2 to 10.2: `hw/ppc/spapr.c`, `hw/s390x/s390-stattrib.c`,
/// `migration/block-dirty-bitmap.c`, `migration/block.c`, `hw/vfio/migration.c`.
enum IterativeSections {
  private enum VFIO {
    static let tagMask: UInt64 = 0xffff_ffff_ffff_ff00
    static let tag: UInt64 = 0xffff_ffff_ef10_0000
    static let endOfState: UInt64 = 1
    static let configuration: UInt64 = 2
    static let setup: UInt64 = 3
    static let data: UInt64 = 4
    static let initialDataSent: UInt64 = 5
    static let configurationReady: UInt64 = 6
  }

  private static let tableEntryOctets = 16
  private static let blockOctets = 1 << 20
  private static let bitmapChunkOctetsMax: UInt64 = 10 << 10

  /// Which encoding a section of this name has, where it is not a described device.
  static func content(of name: String, in reader: inout StreamReader) throws(ForeignError)
    -> QEMUSection.Content
  {
    switch name {
    case QEMUFormat.hashTableSection: return .hashTable
    case QEMUFormat.storageAttributesSection: return .storageAttributes
    case QEMUFormat.dirtyBitmapSection: return .dirtyBitmap
    case QEMUFormat.blockSection: return .block
    default:
      guard reader.remaining >= 8 else { return .opaque }
      var probe = reader
      return try probe.u64() & VFIO.tagMask == VFIO.tag ? .vfio : .opaque
    }
  }

  /// Steps over a payload of `content`; returns false, with the cursor anywhere, where only the footer tells its end.
  static func skip(_ content: QEMUSection.Content, in reader: inout StreamReader)
    throws(ForeignError) -> Bool
  {
    switch content {
    case .hashTable: try skipHashTable(in: &reader)
    case .storageAttributes: try skipStorageAttributes(in: &reader)
    case .dirtyBitmap: try skipDirtyBitmap(in: &reader)
    case .block: try skipBlocks(in: &reader)
    case .vfio: return try skipVFIO(in: &reader)
    case .memory, .described, .opaque: return false
    }
    return true
  }

  /// A word that is not zero stands alone (the table's size, or all ones for none); zero is followed by chunks.
  private static func skipHashTable(in reader: inout StreamReader) throws(ForeignError) {
    guard try reader.u32() == 0 else { return }
    while true {
      let index = try reader.u32()
      let validCount = try reader.u16()
      let invalidCount = try reader.u16()
      if index == 0, validCount == 0, invalidCount == 0 { return }
      try reader.skip(Int(validCount) * tableEntryOctets)
    }
  }

  private static func skipStorageAttributes(in reader: inout StreamReader) throws(ForeignError) {
    let end: UInt64 = 1
    let more: UInt64 = 2
    let done: UInt64 = 8
    while true {
      let start = reader.position
      let flags = try reader.u64() & 0xfff
      switch flags {
      case end: return
      case done:
        // An end word may follow or not; a footer's first octet is no part of an address.
        if try reader.octet(ahead: 0) == QEMUFormat.Record.footer { return }
      case more:
        let countOffset = reader.position
        let count = try reader.u64()
        try reader.skip(try reader.checkedCount(count, at: countOffset))
      default: throw reader.failure(.unknownRecord, at: start, expected: more, found: flags)
      }
    }
  }

  private static func skipDirtyBitmap(in reader: inout StreamReader) throws(ForeignError) {
    while true {
      let start = reader.position
      let flags = try reader.u8()
      guard flags & 0x80 == 0 else {
        throw reader.failure(.unknownRecord, at: start, expected: 0x7f, found: UInt64(flags))
      }
      if flags & 0x08 != 0 { _ = try reader.string8() }
      if flags & 0x04 != 0 { _ = try reader.string8() }
      if flags & 0x10 != 0 { try reader.skip(4 + 1) }
      if flags & 0x40 != 0 {
        try reader.skip(8 + 4)
        if flags & 0x02 == 0 {
          let sizeOffset = reader.position
          let size = try reader.u64()
          guard size <= bitmapChunkOctetsMax else {
            throw reader.failure(
              .limitExceeded, at: sizeOffset, expected: bitmapChunkOctetsMax, found: size)
          }
          try reader.skip(Int(size))
        }
      }
      if flags & 0x01 != 0 { return }
    }
  }

  private static func skipBlocks(in reader: inout StreamReader) throws(ForeignError) {
    while true {
      let start = reader.position
      let flags = try reader.u64() & 0x1ff
      switch flags {
      case 0x02: return
      case 0x04: break
      case 0x01, 0x09:
        _ = try reader.string8()
        if flags & 0x08 == 0 { try reader.skip(blockOctets) }
      default: throw reader.failure(.unknownRecord, at: start, expected: 0x01, found: flags)
      }
    }
  }

  private static func skipVFIO(in reader: inout StreamReader) throws(ForeignError) -> Bool {
    while true {
      let start = reader.position
      let word = try reader.u64()
      guard word & VFIO.tagMask == VFIO.tag else {
        throw reader.failure(.unknownRecord, at: start, expected: VFIO.tag, found: word)
      }
      switch word & ~VFIO.tagMask {
      case VFIO.endOfState, VFIO.initialDataSent, VFIO.configurationReady: return true
      case VFIO.setup: break
      case VFIO.data:
        let sizeOffset = reader.position
        let size = try reader.u64()
        try reader.skip(try reader.checkedCount(size, at: sizeOffset))
      case VFIO.configuration: return false
      default: throw reader.failure(.unknownRecord, at: start, expected: VFIO.tag, found: word)
      }
    }
  }
}
