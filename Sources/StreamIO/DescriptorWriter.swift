internal import Glibc
internal import MigrationStream

/// Writes octets in order to a descriptor, gathering small pieces and passing large ones through without a copy.
public struct DescriptorWriter: ~Copyable {
  let descriptor: Descriptor
  private var gathered = OwnedBytes()
  /// Octets written since the start, gathered ones included; after a skip, where the next octet goes.
  public internal(set) var count: UInt64 = 0

  private static let gatherMax = 65_536

  public init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

  /// Writes to a new file in the folder for temporary files, which has no name and is gone when it is closed.
  public static func temporary() throws(IOFailure) -> DescriptorWriter {
    DescriptorWriter(try Descriptor(temporaryIn: temporaryFolder))
  }

  private static var temporaryFolder: String {
    // Safe: getenv returns a terminated string; nothing here changes the environment.
    if let folder = unsafe getenv("TMPDIR"), unsafe folder.pointee != 0 { return unsafe String(cString: folder) }
    return "/tmp"
  }

  public var isTerminal: Bool { descriptor.isTerminal }

  /// Appends octets.
  ///
  /// - Throws: ``IOFailure``; ``IOFailure/isBrokenPipe`` when the reader went away (with SIGPIPE ignored).
  public mutating func write(_ octets: RawSpan) throws(IOFailure) {
    count += UInt64(octets.byteCount)
    if gathered.count + octets.byteCount <= Self.gatherMax {
      try gather(octets)
      return
    }
    try writeAll(gathered.bytes, octets)
    gathered.removeAll()
  }

  public mutating func write(_ text: String) throws(IOFailure) {
    var text = text
    text.makeContiguousUTF8()
    let utf8 = text.utf8.span
    try write(utf8.octets)
  }

  /// Hands everything to the operating system.
  public mutating func flush() throws(IOFailure) {
    try writeAll(gathered.bytes, RawSpan())
    gathered.removeAll()
  }

  private mutating func gather(_ octets: RawSpan) throws(IOFailure) {
    do throws(StreamError) { try gathered.append(octets) } catch {
      throw IOFailure("write", descriptor.subject, .outOfMemory)
    }
  }

  /// Writes two runs of octets, both whole, with as few calls as it takes.
  private func writeAll(_ first: RawSpan, _ second: RawSpan) throws(IOFailure) {
    let total = first.byteCount + second.byteCount
    var done = 0
    while done < total {
      let head = first.extracting(droppingFirst: min(done, first.byteCount))
      let tail = second.extracting(droppingFirst: max(0, done - first.byteCount))
      let status = Self.gatherWrite(descriptor.number, head, tail)
      if status < 0, errno == EAGAIN {
        try waitUntilWritable()
        continue
      }
      guard status >= 0 else { throw .last("write to", descriptor.subject) }
      done += status
    }
  }

  private static func gatherWrite(_ number: Int32, _ head: RawSpan, _ tail: RawSpan) -> Int {
    // Safe: writev only reads, during the call, from the octets that the two vectors name.
    unsafe head.withUnsafeBytes { first in
      unsafe tail.withUnsafeBytes { second in
        let vectors = unsafe [iovec(first), iovec(second)].filter { unsafe $0.iov_len > 0 }
        return Descriptor.retrying { unsafe writev(number, vectors, Int32(vectors.count)) }
      }
    }
  }

  private func waitUntilWritable() throws(IOFailure) {
    var request = pollfd(fd: descriptor.number, events: Int16(POLLOUT), revents: 0)
    let status = Descriptor.retrying { unsafe poll(&request, 1, -1) }
    guard status >= 0 else { throw .last("write to", descriptor.subject) }
  }

  /// Flushed octets reach the disk.
  func synchronise() throws(IOFailure) {
    guard Descriptor.retrying({ fsync(descriptor.number) }) == 0 else {
      throw .last("sync", descriptor.subject)
    }
  }

  func setPermissions(_ mode: mode_t) { _ = fchmod(descriptor.number, mode) }

  /// Gives up writing and hands back a descriptor of the same file.
  consuming func takeDescriptor(named subject: String) -> Descriptor {
    Descriptor(number: fcntl(descriptor.number, F_DUPFD_CLOEXEC, 3), subject: subject)
  }
}

extension iovec {
  fileprivate init(_ octets: UnsafeRawBufferPointer) {
    unsafe self.init(
      iov_base: UnsafeMutableRawPointer(mutating: octets.baseAddress), iov_len: octets.count)
  }
}
