internal import CZlib
internal import MigrationStream

/// Turns gzip data, one member or several, into what it holds.
@safe
struct GzipInflater: ~Copyable {
  /// On the heap: zlib keeps the address of its stream.
  private let stream: UnsafeMutablePointer<z_stream>
  private var compressed: OwnedBytes
  /// Octets of `compressed` that came and were not consumed: from `start` to `end`.
  private var start = 0
  private var end = 0
  /// Octets of the compressed file that were read.
  private var offset: UInt64 = 0
  private var isInsideMember = true

  private static let compressedByteCount = 65_536
  static let magic: (UInt8, UInt8) = (0x1f, 0x8b)

  init() throws(StreamError) {
    var compressed = OwnedBytes()
    try compressed.append(repeating: 0, count: Self.compressedByteCount)
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    guard unsafe czlib_inflate_init_gzip(stream) == Z_OK else {
      unsafe stream.deallocate()
      throw StreamError(.outOfMemory, .use, at: 0)
    }
    unsafe self.stream = unsafe stream
    self.compressed = compressed
  }

  deinit {
    _ = unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Puts octets that were read before in front of what the source gives.
  mutating func prime(_ octets: RawSpan) throws(StreamError) {
    compressed.removeAll()
    try compressed.append(octets)
    try compressed.append(repeating: 0, count: max(0, Self.compressedByteCount - octets.byteCount))
    end = octets.byteCount
    offset = UInt64(end)
  }

  /// Fills `target` from `position` on; 0 octets at the end of the data.
  mutating func read(
    from source: borrowing Descriptor, into target: inout OwnedBytes, position: Int
  ) throws(IOFailure) -> Int {
    while true {
      if start == end {
        (start, end) = (0, try source.read(at: nil, into: &compressed, position: 0))
        offset += UInt64(end)
        if end == 0 {
          if isInsideMember { throw damage(source) }
          return 0
        }
      }
      if !isInsideMember {
        guard compressed[start] == Self.magic.0, unsafe inflateReset(stream) == Z_OK else {
          throw damage(source)
        }
        isInsideMember = true
      }
      let produced = try inflateOnce(into: &target, position: position, source)
      if produced > 0 { return produced }
    }
  }

  private mutating func inflateOnce(
    into target: inout OwnedBytes, position: Int, _ source: borrowing Descriptor
  ) throws(IOFailure) -> Int {
    let stream = unsafe self.stream
    let (from, available) = (start, end - start)
    var input = compressed.mutableSpan
    var output = target.mutableSpan
    let room = min(output.count - position, Int(UInt32.max))
    // Safe: both pointers are used only inside the call, with the octets that are there.
    let status = unsafe input.withUnsafeMutableBytes { octets in
      unsafe output.withUnsafeMutableBytes { space in
        unsafe stream.pointee.next_in = unsafe octets.baseAddress?.assumingMemoryBound(to: UInt8.self) + from
        unsafe stream.pointee.avail_in = UInt32(available)
        unsafe stream.pointee.next_out =
          unsafe space.baseAddress?.assumingMemoryBound(to: UInt8.self) + position
        unsafe stream.pointee.avail_out = UInt32(room)
        return unsafe inflate(stream, Z_NO_FLUSH)
      }
    }
    start = end - Int(unsafe stream.pointee.avail_in)
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { throw damage(source) }
    if status == Z_STREAM_END { isInsideMember = false }
    return room - Int(unsafe stream.pointee.avail_out)
  }

  private func damage(_ source: borrowing Descriptor) -> IOFailure {
    IOFailure("read", source.subject, .damagedGzip(at: offset - UInt64(end - start)))
  }
}

private func + (pointer: UnsafeMutablePointer<UInt8>?, distance: Int) -> UnsafeMutablePointer<UInt8>? {
  unsafe pointer.map { unsafe $0.advanced(by: distance) }
}
