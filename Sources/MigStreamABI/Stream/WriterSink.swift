internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// Hands gather lists to the writer of a caller.
@safe
struct WriterSink: OctetSink, ~Copyable {
  private let writer: mgs_writer
  private let context: UnsafeMutableRawPointer?
  /// One call's pieces; has its memory from the start.
  private var pieces: OwnedBuffer<mgs_octets>

  /// Pieces that one call of the writer takes: far fewer than IOV_MAX.
  private static var pieceCountMax: Int { 64 }

  init(
    _ writer: @escaping mgs_writer, _ context: UnsafeMutableRawPointer?, allocator: StreamAllocator
  ) throws(StreamError) {
    unsafe self.writer = unsafe writer
    unsafe self.context = unsafe context
    unsafe pieces = unsafe OwnedBuffer(allocator: allocator)
    unsafe try pieces.reserve(Self.pieceCountMax)
  }

  mutating func write(_ list: borrowing GatherList) throws(StreamError) {
    for index in 0..<list.count {
      let piece = list[index]
      guard piece.byteCount > 0 else { continue }
      unsafe try piece.withUnsafeBytes { (octets) throws(StreamError) in
        unsafe try pieces.append(mgs_octets(octets: octets.baseAddress, size: octets.count))
      }
      if unsafe pieces.count == Self.pieceCountMax { try flush() }
    }
    try flush()
  }

  private mutating func flush() throws(StreamError) {
    guard unsafe pieces.count > 0 else { return }
    let result = unsafe pieces.span.withUnsafeBufferPointer { pieces in
      unsafe writer(context, pieces.baseAddress, pieces.count)
    }
    unsafe pieces.removeAll()
    guard result == 0 else { throw callbackFailure(Int64(result)) }
  }
}

/// Puts a stream into memory of the caller, and counts what does not fit.
@safe
struct TargetSink: OctetSink, ~Copyable {
  private let target: UnsafeMutableRawBufferPointer
  /// Octets of the stream so far, also those that did not fit.
  private(set) var byteCount = 0

  init(_ target: UnsafeMutableRawBufferPointer) { unsafe self.target = unsafe target }

  mutating func write(_ list: borrowing GatherList) {
    for index in 0..<list.count {
      let piece = list[index]
      unsafe piece.withUnsafeBytes { octets in
        if unsafe byteCount <= target.count, unsafe octets.count <= target.count - byteCount {
          unsafe UnsafeMutableRawBufferPointer(rebasing: target[byteCount..<(byteCount + octets.count)]).copyMemory(
            from: octets)
        }
      }
      byteCount += piece.byteCount
    }
  }
}
