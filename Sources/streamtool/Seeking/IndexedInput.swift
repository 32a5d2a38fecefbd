import MigrationStream
import StreamIO

/// A file whose records are found through its index, in few small reads, each checked to be what was sought.
///
/// Source: Specs/30-channels-passes-images.md section 4.3.
struct IndexedInput: ~Copyable {
  var reader: IndexReader
  let input: InputFile
  private var octets = OwnedBytes()

  /// Octets of the first look at a record whose length nobody has said.
  static let probeByteCount = 4096
  /// Layouts that lie together are read together.
  private static let layoutsByteCountMax: UInt64 = 256 << 10

  /// - Parameter input: A seekable one.
  init(_ input: consuming InputFile) {
    reader = IndexReader(fileByteCount: input.size ?? 0)
    self.input = input
  }

  /// Reads head, tail and index. Afterwards the reader says whether there is one.
  ///
  /// - Throws: ``StreamError``, ``IOFailure``.
  mutating func open() throws {
    // The first piece is there since the file was opened.
    if let range = reader.wanted, input.pieceOffset == 0, range.byteCount <= UInt64(input.piece.byteCount) {
      try octets.append(input.piece.extracting(first: Int(range.byteCount)))
      try Self.supply(octets, to: &reader)
    }
    while let range = reader.wanted {
      try read(range)
      try Self.supply(octets, to: &reader)
    }
  }

  /// Gives the file back, for a reader of the whole.
  consuming func takeInput() -> InputFile { input }

  private static func supply(_ octets: borrowing OwnedBytes, to reader: inout IndexReader) throws(StreamError) {
    try reader.supply(octets.bytes)
  }

  /// Replaces ``octets``.
  private mutating func read(_ range: FileRange) throws(IOFailure) {
    try input.read(at: range.offset, count: Int(clamping: range.byteCount), into: &octets)
  }

  // MARK: Sections

  /// Shows a section to a handler, after its layout and those that it names.
  mutating func section<Handler: StreamHandler & ~Copyable>(
    _ section: Int, of device: UInt32, to handler: inout Handler
  ) throws {
    let range = try reader.range(ofSection: section, device: device)
    var record = OwnedBytes()
    try input.read(at: range.offset, count: Int(range.byteCount), into: &record)
    // A hint that is not checked yet; which layouts are really named shows when the data is walked.
    let hint = record.count > 72 ? Int(clamping: record.bytes.integer(at: 68, as: UInt32.self)) : 0
    try takeLayouts(upTo: min(hint, reader.layoutCount - 1))
    do throws(StreamError) { try Self.show(record, section, device, &reader, &handler) } catch {
      guard error.code == .unknownLayout, Int(reader.state.layoutCount) < reader.layoutCount else { throw error }
      try takeLayouts(upTo: reader.layoutCount - 1)
      try Self.show(record, section, device, &reader, &handler)
    }
  }

  private static func show<Handler: StreamHandler & ~Copyable>(
    _ record: borrowing OwnedBytes, _ section: Int, _ device: UInt32, _ reader: inout IndexReader,
    _ handler: inout Handler
  ) throws(StreamError) {
    try reader.section(record.bytes, of: section, device: device, to: &handler)
  }

  /// Hands over the layouts up to a number, several with one read where they lie together.
  private mutating func takeLayouts(upTo last: Int) throws {
    while Int(reader.state.layoutCount) <= last {
      let first = Int(reader.state.layoutCount)
      let start = try reader.range(ofLayout: first)
      var end = start.end
      var next = first + 1
      while next <= last, case let range = try reader.range(ofLayout: next), range.offset == end,
        range.end - start.offset <= Self.layoutsByteCountMax
      {
        (end, next) = (range.end, next + 1)
      }
      try read(FileRange(offset: start.offset, byteCount: end - start.offset))
      for number in first..<next {
        let range = try reader.range(ofLayout: number)
        let position = Int(range.offset - start.offset)
        try Self.layout(octets, position..<(position + Int(range.byteCount)), to: &reader)
      }
    }
  }

  private static func layout(
    _ octets: borrowing OwnedBytes, _ range: Range<Int>, to reader: inout IndexReader
  ) throws(StreamError) {
    guard range.upperBound <= octets.count else {
      throw StreamError(.badIndex, .index, at: UInt64(range.lowerBound))
    }
    try reader.layout(octets.bytes.extracting(range))
  }
}
