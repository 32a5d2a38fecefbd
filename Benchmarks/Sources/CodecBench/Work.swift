import BenchStreams
import CPeers
import MigrationStream

/// What is timed: whole streams through encoder and decoders.
enum Work {
  /// Gather lists of a stream of memory; nothing is written.
  static func encode(_ octets: RawSpan, chunk: Int, to output: inout Output) throws(StreamError) {
    var encoder = try BenchStreams.encoder(allocator: CountingAllocator.allocator)
    output.append(encoder.preamble)
    output.append(try encoder.manifest(try BenchStreams.manifest(regionByteCount: UInt64(octets.byteCount))))
    var start = 0
    while start < octets.byteCount {
      output.append(
        try encoder.memory(region: 0, offset: UInt64(start), octets: octets.extracting(start..<(start + chunk))))
      start += chunk
    }
    output.append(try encoder.end())
  }

  /// The same with every other page of twice as much memory, 256 extents a chunk.
  static func encodeScattered(
    _ octets: RawSpan, _ extents: Span<Extent>, to output: inout Output
  ) throws(StreamError) {
    var encoder = try BenchStreams.encoder(allocator: CountingAllocator.allocator)
    output.append(encoder.preamble)
    output.append(try encoder.manifest(try BenchStreams.manifest(regionByteCount: UInt64(octets.byteCount))))
    var start = 0
    while start < extents.count {
      let end = min(start + Pages.extentsPerChunk, extents.count)
      output.append(
        try encoder.memory(region: 0, extents: extents.extracting(start..<end), octets: octets, base: 0))
      start = end
    }
    output.append(try encoder.end())
  }

  /// A device's byte string in records of all of `octets`.
  static func encodeRecords(_ octets: RawSpan, count: Int, to output: inout Output) throws(StreamError) {
    var encoder = try BenchStreams.encoder(allocator: CountingAllocator.allocator)
    output.append(encoder.preamble)
    output.append(try encoder.manifest(try BenchStreams.manifest(regionByteCount: 4096)))
    for index in 0..<count {
      let last = index == count - 1 ? RecordFlags.last : 0
      output.append(
        try encoder.bytes(
          device: 0, octets: octets, flags: RecordFlags.unitFirst | RecordFlags.unitLast | last))
    }
    output.append(try encoder.end())
  }

  static func pull(_ stream: RawSpan) throws(StreamError) {
    var decoder = try PullDecoder(stream, allocator: CountingAllocator.allocator)
    while let item = try decoder.next() { unsafe sink &+= UInt64(item.payload.byteCount) }
    try decoder.finish()
  }

  static func push(_ stream: RawSpan, segment: Int = 4 << 20) throws(StreamError) {
    var decoder = try PushDecoder(allocator: CountingAllocator.allocator)
    var nobody = NoHandler()
    var start = 0
    while start < stream.byteCount {
      let end = min(start + segment, stream.byteCount)
      start += try decoder.push(stream.extracting(start..<end), to: &nobody)
    }
    try decoder.finish()
  }
}

/// Where gather lists go: counted only, or copied to memory.
struct Output: ~Copyable {
  private let memory: Memory?
  private(set) var count = 0

  init(copyingTo memory: Memory? = nil) { self.memory = memory }

  mutating func append(_ list: borrowing GatherList) {
    for index in 0..<list.count { append(list[index]) }
  }

  mutating func append(_ span: RawSpan) {
    memory?.copy(span, to: count)
    count += span.byteCount
  }
}

/// The pages that scattered chunks are put together from.
enum Pages {
  static let byteCount = 4096
  static let extentsPerChunk = 256

  /// Every other page of `total` octets.
  static func everyOther(of total: Int) -> [Extent] {
    stride(from: 0, to: total, by: 2 * byteCount).map {
      Extent(offset: UInt64($0), length: UInt64(byteCount), kind: .data)
    }
  }
}
