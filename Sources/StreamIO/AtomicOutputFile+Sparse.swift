internal import CLinux
internal import Glibc
internal import MigrationStream

/// Sparse output: octets at any place, and holes.
///
/// ```
///  | written in order | hole | written at a place | hole | written in order
///  0                  count                              skip(to:)
/// ```
///
/// Source: Specs/30-channels-passes-images.md section 3.
extension AtomicOutputFile {
  /// Whether octets can be written at any place.
  public var isSeekable: Bool { (try? writer.isRegular()) ?? false }

  /// Says whether octets can be written at any place.
  ///
  /// - Throws: ``IOFailure`` `.notSeekable` for pipes, terminals and devices.
  public func checkSeekable() throws(IOFailure) {
    guard try writer.isRegular() else { throw IOFailure("write", subject, .notSeekable) }
  }

  /// Moves the place of what is written in order; what is jumped over is a hole until it is written.
  ///
  /// - Parameter offset: At or behind ``count``.
  public mutating func skip(to offset: UInt64) throws(IOFailure) {
    precondition(offset >= count, "goes back")
    try writer.skip(to: offset)
  }

  /// Writes octets at a place, whatever is written in order.
  public mutating func write(_ octets: RawSpan, at offset: UInt64) throws(IOFailure) {
    try writer.write(octets, at: offset)
  }

  /// As `write(_:at:)`, but pages of zeros stay the holes that they are.
  public mutating func writeSparse(_ octets: RawSpan, at offset: UInt64) throws(IOFailure) {
    try writer.writeSparse(octets, at: offset)
  }

  /// Copies a part of a seekable input to the place that it has there.
  ///
  /// - Parameter keepsHoles: What is a hole of the input becomes one of the output, which must be seekable.
  public mutating func copy(
    _ input: borrowing InputFile, _ range: Range<UInt64>, keepsHoles: Bool
  ) throws(IOFailure) {
    precondition(count == range.lowerBound, "copied to another place")
    var octets = OwnedBytes()
    var offset = range.lowerBound
    while offset < range.upperBound {
      var end = range.upperBound
      if keepsHoles {
        let data = min(end, try input.data(from: offset))
        if data > offset { try skip(to: data) }
        if data == end { return }
        offset = data
        end = min(end, max(try input.hole(from: offset), offset + 1))
      }
      try input.read(at: offset, count: Int(min(end - offset, UInt64(InputFile.pieceByteCount))), into: &octets)
      guard octets.count > 0 else { throw IOFailure("read", input.name, .shrank(from: end, to: offset)) }
      try write(octets.bytes)
      offset += UInt64(octets.count)
    }
  }

  /// Gives the file a size; what was not written is a hole.
  public mutating func setSize(_ size: UInt64) throws(IOFailure) { try writer.setSize(size) }

  /// Makes the octets of a range zero and, where the file system can, gives their space back.
  public mutating func clear(_ range: Range<UInt64>) throws(IOFailure) { try writer.clear(range) }
}

extension DescriptorWriter {
  func isRegular() throws(IOFailure) -> Bool { try descriptor.status().isRegular }

  /// Gives the file a size; what was not written is a hole, and what is written next goes behind it.
  public mutating func setSize(_ size: UInt64) throws(IOFailure) {
    try skip(to: size)
    guard Descriptor.retrying({ ftruncate(descriptor.number, off_t(clamping: size)) }) == 0 else {
      throw .last("give a size to", descriptor.subject)
    }
  }

  /// As `write(_:at:)`, but pages of zeros stay the holes that they are.
  public func writeSparse(_ octets: RawSpan, at offset: UInt64) throws(IOFailure) {
    var start = 0
    var position = 0
    while position < octets.byteCount {
      let rest = Self.pageByteCount - Int((offset + UInt64(position)) % UInt64(Self.pageByteCount))
      let end = position + min(rest, octets.byteCount - position)
      if octets.extracting(position..<end).isZero {
        if start < position { try write(octets.extracting(start..<position), at: offset + UInt64(start)) }
        start = end
      }
      position = end
    }
    if start < position { try write(octets.extracting(start..<position), at: offset + UInt64(start)) }
  }

  /// What a file system gives space for.
  private static var pageByteCount: Int { 4096 }

  mutating func skip(to offset: UInt64) throws(IOFailure) {
    try flush()
    guard lseek(descriptor.number, off_t(clamping: offset), SEEK_SET) >= 0 else {
      throw .last("go to a place of", descriptor.subject)
    }
    count = offset
  }

  func write(_ octets: RawSpan, at offset: UInt64) throws(IOFailure) {
    var done = 0
    while done < octets.byteCount {
      let rest = octets.extracting(droppingFirst: done)
      let place = off_t(clamping: offset + UInt64(done))
      // Safe: the pointer is used only inside the call, for octets that are there.
      let status = unsafe rest.withUnsafeBytes { octets in
        Descriptor.retrying { unsafe pwrite(descriptor.number, octets.baseAddress, octets.count, place) }
      }
      guard status >= 0 else { throw .last("write to", descriptor.subject) }
      done += status
    }
  }

  func clear(_ range: Range<UInt64>) throws(IOFailure) {
    if range.isEmpty { return }
    let status = Descriptor.retrying {
      clinux_punch_hole(descriptor.number, Int64(clamping: range.lowerBound), Int64(clamping: range.count))
    }
    if status == 0 { return }
    guard errno == EOPNOTSUPP || errno == ENOSYS else { throw .last("make a hole in", descriptor.subject) }
    try zero(range)
  }

  /// Writes zeros where a file has octets and its file system no holes to make.
  private func zero(_ range: Range<UInt64>) throws(IOFailure) {
    let end = min(range.upperBound, try descriptor.status().size)
    let zeros = [UInt8](repeating: 0, count: 65_536)
    var offset = range.lowerBound
    while offset < end {
      let count = Int(min(end - offset, UInt64(zeros.count)))
      let span = zeros.span
      try write(span.octets.extracting(first: count), at: offset)
      offset += UInt64(count)
    }
  }

  /// Gives a file without a name one that no file has; false with `errno` otherwise.
  func link(to path: String) -> Bool {
    unsafe linkat(AT_FDCWD, "/proc/self/fd/\(descriptor.number)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0
  }
}
