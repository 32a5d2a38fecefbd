internal import CLinux
internal import Glibc
public import MigrationStream

/// A file, or standard input, read in pieces into one buffer; gzip data is inflated on the way.
///
/// A piece stands in the buffer at its stream offset modulo 64, so payloads keep the alignment they have in the stream,
/// which is what XXH3 reads fastest.
///
/// ```
/// var input = try InputFile.open(path)       // the first piece is there: see what it is
/// while try input.advance() { use(input.piece, at: input.pieceOffset) }
/// ```
public struct InputFile: ~Copyable {
  /// The file as the user named it, `standard input` for `-`.
  public let name: String
  private var descriptor: Descriptor
  private var inflater: GzipInflater?
  private var buffer: OwnedBytes
  private var range = 0..<0
  /// Octets from the start of the input to the piece.
  public private(set) var pieceOffset: UInt64 = 0
  /// Octets from the start of the input to what `advance` will read next.
  private var position: UInt64 = 0
  /// Where the input starts in its file.
  private var origin: UInt64 = 0
  /// The piece is the first one, which `advance` has not given out yet.
  private var isPrimed = false
  /// The longest next piece: short after a skip, since another may follow.
  private var nextByteCount = pieceByteCount

  /// Octets of the input; nil where only the end tells: pipes and gzip data.
  public private(set) var size: UInt64?

  /// What the file was asked for so far.
  public let tally = ReadTally()

  /// Whether `read(at:count:into:)` works without spooling.
  public var isSeekable: Bool { size != nil }

  public var isGzip: Bool { inflater != nil }

  /// The longest piece, a multiple of 64.
  public static var pieceByteCount: Int { 524_288 }

  /// Opens a file for reading.
  ///
  /// - Parameters:
  ///   - path: A file, or `-` for standard input.
  ///   - firstByteCount: The longest first piece: small where the rest is read at chosen places.
  public static func open(_ path: String, firstByteCount: Int = pieceByteCount) throws(IOFailure) -> InputFile {
    let descriptor =
      path == "-" ? Descriptor.standardInput() : try Descriptor(reading: path)
    let status = try descriptor.status()
    guard !status.isDirectory else { throw IOFailure("read", descriptor.subject, .isDirectory) }
    var input = InputFile(descriptor)
    if status.isRegular, let start = input.descriptor.currentPosition(), status.size >= start {
      input.origin = start
      input.size = status.size - start
    }
    try input.recogniseGzip(firstByteCount)
    return input
  }

  private init(_ descriptor: consuming Descriptor) {
    name = descriptor.subject
    self.descriptor = descriptor
    buffer = OwnedBytes()
  }

  private mutating func recogniseGzip(_ firstByteCount: Int) throws(IOFailure) {
    try makeBuffer()
    while range.count < 2 {
      let count = try descriptor.read(
        at: nil, into: &buffer, position: range.count, count: firstByteCount - range.count)
      tally.note(count)
      if count == 0 { break }
      range = 0..<(range.count + count)
    }
    position = UInt64(range.count)
    isPrimed = range.count > 0
    guard range.count >= 2, buffer[0] == GzipInflater.magic.0, buffer[1] == GzipInflater.magic.1 else {
      return
    }
    // What was read is handed to the inflater, which has a buffer of its own.
    do throws(StreamError) {
      var inflater = try GzipInflater()
      try inflater.prime(buffer.bytes.extracting(range))
      self.inflater = consume inflater
    } catch { throw IOFailure("read", name, .outOfMemory) }
    (range, position, size, isPrimed) = (0..<0, 0, nil, false)
    isPrimed = try advance()
  }

  private mutating func makeBuffer() throws(IOFailure) {
    do throws(StreamError) { try buffer.append(repeating: 0, count: Self.pieceByteCount) } catch {
      throw IOFailure("read", name, .outOfMemory)
    }
  }

  /// Reads the next piece.
  ///
  /// - Returns: Whether there is one; false at the end of the input.
  /// - Throws: ``IOFailure``; `.shrank` when a file ends before the size it had when it was opened.
  public mutating func advance() throws(IOFailure) -> Bool {
    if isPrimed {
      isPrimed = false
      return true
    }
    let start = Int(position & 63)
    let count =
      if inflater != nil {
        try inflater!.read(from: descriptor, into: &buffer, position: start)
      } else {
        try descriptor.read(
          at: size == nil ? nil : origin + position, into: &buffer, position: start, count: nextByteCount)
      }
    nextByteCount = min(2 * nextByteCount, Self.pieceByteCount)
    tally.note(count)
    if count == 0, let size, position < size {
      throw IOFailure("read", name, .shrank(from: size, to: position))
    }
    range = start..<(start + count)
    pieceOffset = position
    position += UInt64(count)
    return count > 0
  }

  /// The octets that the last `advance` read, or the first ones before it was called.
  public var piece: RawSpan {
    @_lifetime(borrow self)
    get { buffer.bytes.extracting(range) }
  }

  /// Replaces `target` by `count` octets from `offset` on, fewer only where the input ends.
  ///
  /// Works on inputs that are seekable; spool others first. Leaves the pieces alone.
  public func read(at offset: UInt64, count: Int, into target: inout OwnedBytes) throws(IOFailure) {
    let size = self.size ?? 0
    let wanted = offset < size ? Int(min(UInt64(count), size - offset)) : 0
    do throws(StreamError) {
      target.removeAll()
      try target.append(repeating: 0, count: wanted)
    } catch { throw IOFailure("read", name, .outOfMemory) }
    try read(at: offset, into: &target, 0..<wanted)
  }

  /// Replaces a range of `target` by the octets from `offset` on, all of which the input must have.
  ///
  /// - Throws: ``IOFailure``; `.shrank` where the input ends before them.
  public func read(at offset: UInt64, into target: inout OwnedBytes, _ range: Range<Int>) throws(IOFailure) {
    var done = 0
    while done < range.count {
      let count = try descriptor.read(
        at: origin + offset + UInt64(done), into: &target, position: range.lowerBound + done,
        count: range.count - done)
      tally.note(count)
      guard count > 0 else {
        throw IOFailure("read", name, .shrank(from: size ?? 0, to: offset + UInt64(done)))
      }
      done += count
    }
  }

  /// As `read(at:count:into:)`, as an array.
  public func octets(at offset: UInt64, count: Int) throws(IOFailure) -> [UInt8] {
    var octets = OwnedBytes()
    try read(at: offset, count: count, into: &octets)
    // Safe: the pointer is used only inside the call.
    return unsafe octets.bytes.withUnsafeBytes { unsafe [UInt8]($0) }
  }
}

extension InputFile {
  /// Copies an input that cannot seek to an unlinked temporary file, so that it can; does nothing to others.
  ///
  /// Pieces start again from the beginning of the input.
  public mutating func spool() throws(IOFailure) {
    guard !isSeekable else { return }
    precondition(pieceOffset == 0 && (isPrimed || range.isEmpty), "spooled after pieces were taken")
    var writer = try DescriptorWriter.temporary()
    while try advance() { try writer.write(piece) }
    try writer.flush()
    size = position
    descriptor = (consume writer).takeDescriptor(named: name)
    inflater = nil
    (origin, position, pieceOffset, range) = (0, 0, 0, 0..<0)
    rewind()
  }

  /// Starts again at the first octet of a seekable input.
  public mutating func rewind() { (position, pieceOffset, range, isPrimed) = (0, 0, 0..<0, false) }

  /// Makes `advance` go on after that many octets more of a seekable input, which are not read.
  ///
  /// The next piece is short, and pieces grow again while nothing is skipped.
  public mutating func skip(_ count: UInt64) {
    precondition(isSeekable && !isPrimed, "skipped before a piece was taken, or where octets come in order")
    position += count
    range = 0..<0
    pieceOffset = position
    nextByteCount = Self.skippingByteCount
  }

  private static var skippingByteCount: Int { 4096 }

  /// The first place at or after `offset` where a seekable input has octets and no hole; its size when there is none.
  ///
  /// File systems without holes say that all is data.
  public func data(from offset: UInt64) throws(IOFailure) -> UInt64 { try seek(from: offset, CLINUX_SEEK_DATA) }

  /// The first place at or after `offset` where a hole of a seekable input begins; its size when there is none.
  public func hole(from offset: UInt64) throws(IOFailure) -> UInt64 { try seek(from: offset, CLINUX_SEEK_HOLE) }

  private func seek(from offset: UInt64, _ whence: Int) throws(IOFailure) -> UInt64 {
    let size = self.size ?? 0
    guard offset < size else { return size }
    // Reads of seekable inputs name their place, so the descriptor's own may move.
    let place = lseek(descriptor.number, off_t(clamping: origin + offset), Int32(whence))
    if place >= 0 { return min(UInt64(place) - origin, size) }
    if errno == ENXIO { return size }
    guard errno == EINVAL else { throw .last("look for holes in", name) }
    return Int32(whence) == Int32(CLINUX_SEEK_DATA) ? offset : size
  }

  /// Reads again what was written to a temporary file; the first piece is there.
  public static func rereading(_ writer: consuming DescriptorWriter) throws(IOFailure) -> InputFile {
    var writer = writer
    try writer.flush()
    let size = writer.count
    var input = InputFile(writer.takeDescriptor(named: "a temporary file"))
    input.size = size
    try input.makeBuffer()
    input.isPrimed = try input.advance()
    return input
  }
}
