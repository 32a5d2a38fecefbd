/// What was read of one channel, and where the next record starts; of channel 0 the stream.
struct ChannelReading {
  var octets: [UInt8]
  let limits: ReferenceLimits
  let collectsContent: Bool
  let collectsValues: Bool
  let readsChannels: Bool

  var number: UInt16 = 0
  var channelCount = 1
  var mandatory: UInt32 = 0
  var isImage = false
  var recordMax: UInt64 = 0
  /// The digest of the uuid.
  var seed: UInt64 = 0

  /// Octets and records before the next record, and the chain over them. A preamble or hello came.
  var position = 64
  var sequence: UInt64 = 0
  var chain: UInt64 = 0

  var records: [ReferenceRecord] = []
  var values: [ReferenceValue] = []
  var manifest: ReferenceManifest?
  var layouts: [ReferenceLayout] = []
  var layoutBytes: UInt64 = 0
  var sections = SectionPlaces()
  var strings: [ByteString] = []
  var barriers: [Barrier] = []
  var areas: [Area]?
  /// What ABORT said.
  var aborted: ReferenceRefusal?
  /// Where the records behind the areas start.
  var recordsOffset = 0
  var content = FinalContent()
  var pages: [Page] = []
  /// The extents of all pages.
  var pageExtents = 0
  var indexOffset = 0
  var frameContentMax: Int?
  /// The extents of the record that is being read.
  var extents: [FinalExtent] = []
  /// Of several channels: the records that have a pass, and the runs of memory that each pass names.
  var passRecords: [PassRecord] = []
  var runs: [Run] = []
  var runsOfPass = 0
  /// The others, once all were read.
  var channels: [ChannelReading] = []
  /// What is wrong with the others, then with all of them together.
  var faults: [ReferenceRefusal] = []
  var hasReadOthers = false
  /// END of channel 0 came, and nothing is wrong with any channel before it.
  var isEachRight = false

  init(_ octets: [UInt8], _ reader: ReferenceReader) {
    self.octets = octets
    limits = reader.limits
    collectsContent = reader.collectsContent
    collectsValues = reader.collectsValues
    readsChannels = reader.readsChannels
  }

  /// The octets of a record's piece, which are there or the stream is cut short.
  func need(_ start: Int, _ count: Int) throws(ReferenceRefusal) {
    let left = max(0, octets.count - start)
    guard count <= left else {
      throw ReferenceRefusal(
        .truncated, at: octets.count, expected: UInt64(count), found: UInt64(left), stage: .record)
    }
  }

  func hasFlag(_ flag: MandatoryFlag) -> Bool { mandatory & flag.rawValue != 0 }

  func mustDeclare(_ flag: MandatoryFlag, at offset: Int) throws(ReferenceRefusal) {
    guard hasFlag(flag) else {
      throw ReferenceRefusal(.undeclaredFeature, at: offset, expected: UInt64(flag.rawValue))
    }
  }

  /// Magic and digest of a preamble or hello.
  func judgeFirst(magic: [UInt8]) throws(ReferenceRefusal) {
    for place in 0..<min(magic.count, octets.count) where octets[place] != magic[place] {
      throw ReferenceRefusal(.badMagic, at: place, expected: UInt64(magic[place]), found: UInt64(octets[place]))
    }
    guard octets.count >= 64 else {
      throw ReferenceRefusal(.truncated, at: octets.count, expected: 64, found: UInt64(octets.count))
    }
    let (said, found) = (integer(octets, 56, 8), digest(octets, 0..<56))
    try demand(said == found, .digestMismatch, at: 56, said, found)
  }

  mutating func readPreamble() throws(ReferenceRefusal) {
    do throws(ReferenceRefusal) { try judgePreamble() } catch { throw error.within(.preamble) }
  }

  /// Chapter 10 section 2.
  private mutating func judgePreamble() throws(ReferenceRefusal) {
    try judgeFirst(magic: [0x89, 0x4d, 0x47, 0x53, 0x0d, 0x0a, 0x1a, 0x0a])
    func field(_ at: Int, _ size: Int) -> UInt64 { integer(octets, at, size) }
    func must(_ isRight: Bool, _ code: ReferenceCode, _ at: Int, _ size: Int, _ expected: UInt64)
      throws(ReferenceRefusal)
    {
      try demand(isRight, code, at: at, expected, field(at, size))
    }
    try must(field(8, 2) == 1, .unsupportedMajor, 8, 2, 1)
    try must(field(12, 2) == 0, .unsupportedMinor, 12, 2, 0)
    try must(field(14, 2) == 1 || field(14, 2) == 2, .badValue, 14, 2, 2)
    let unknown = UInt32(field(16, 4)) & ~MandatoryFlag.known
    try demand(unknown == 0, .unknownMandatoryFlag, at: 16, 0, UInt64(unknown))
    try must(field(24, 2) == 1, .unsupportedDigest, 24, 2, 1)
    isImage = field(14, 2) == 2
    channelCount = Int(field(26, 2))
    mandatory = UInt32(field(16, 4))
    try must(channelCount >= 1 && channelCount <= 16, .badValue, 26, 2, 16)
    try must(!isImage || channelCount == 1, .badValue, 26, 2, 1)
    try must((channelCount > 1) == hasFlag(.channels), .badValue, 16, 4, 0)
    try must(field(28, 4) == 0, .reservedNotZero, 28, 4, 0)
    recordMax = field(32, 8)
    seed = digest(octets, 40..<56)
    try must(channelCount == 1 || readsChannels, .notImplemented, 26, 2, 1)
  }
}

/// Chapter 10 section 2.
enum MandatoryFlag: UInt32 {
  case singleDevice = 1, channels = 2, passes = 4, zstd = 8, externalLayouts = 16, opaqueMemory = 32

  static let known: UInt32 = 63
}
