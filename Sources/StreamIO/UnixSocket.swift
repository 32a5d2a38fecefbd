internal import Glibc

/// One end of a connection over a Unix socket; every wait has an end.
///
/// Interrupted calls go on. A peer that went away is `EPIPE` or the end of the input, never a signal, whatever the
/// process does with SIGPIPE.
public struct UnixSocket: ~Copyable {
  private let descriptor: Descriptor
  /// Longest wait for the peer in milliseconds.
  public let patience: Int32

  init(_ descriptor: consuming Descriptor, patience: Int32) {
    self.descriptor = descriptor
    self.patience = patience
  }

  public var subject: String { descriptor.subject }

  /// Connects to a socket; while nobody listens there it tries again, until the patience is used up.
  ///
  /// - Parameters:
  ///   - path: As the user named it; a relative one may be longer than an address when it is made absolute.
  ///   - patience: Longest wait in milliseconds, for the connection and for every transfer.
  public static func connect(to path: String, patience: Int32) throws(IOFailure) -> UnixSocket {
    let end = ContinuousClock.now + .milliseconds(Int64(patience))
    while true {
      let descriptor = try SocketAddress.socket(path)
      let status = try SocketAddress(path).connect(descriptor)
      if status == 0 { return UnixSocket(descriptor, patience: patience) }
      guard errno == ENOENT || errno == ECONNREFUSED || errno == EAGAIN, ContinuousClock.now < end else {
        throw .last("connect to", path)
      }
      usleep(20_000)
    }
  }

  /// Writes all octets of the pieces that `octets` names.
  public func write(_ octets: RawSpan) throws(IOFailure) {
    var rest = octets
    while rest.byteCount > 0 {
      let count = Self.send(descriptor.number, rest)
      if count < 0, errno == EAGAIN {
        try wait(for: Int16(POLLOUT), "write to")
      } else if count < 0 {
        throw .last("write to", subject)
      } else {
        rest = rest.extracting(droppingFirst: count)
      }
    }
  }

  private static func send(_ number: Int32, _ octets: RawSpan) -> Int {
    // Safe: send only reads, during the call, from octets that are there.
    unsafe octets.withUnsafeBytes { octets in
      Descriptor.retrying {
        unsafe Glibc.send(number, octets.baseAddress, octets.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
    }
  }

  /// Reads what has come, at least one octet, straight to memory of the caller.
  ///
  /// - Returns: Octets read from the start of `target`; 0 when the peer has closed its end.
  public func read(into target: inout MutableRawSpan) throws(IOFailure) -> Int {
    while true {
      let number = descriptor.number
      // Safe: recv writes, during the call, at most to the end of the memory that is lent.
      let count = unsafe target.withUnsafeMutableBytes { octets in
        Descriptor.retrying { unsafe recv(number, octets.baseAddress, octets.count, Int32(MSG_DONTWAIT)) }
      }
      if count >= 0 { return count }
      guard errno == EAGAIN else { throw .last("read from", subject) }
      try wait(for: Int16(POLLIN), "read from")
    }
  }

  /// Reads what has come, at least one octet and at most `max`; empty when the peer has closed its end.
  public func read(max: Int) throws(IOFailure) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: max)
    var span = octets.mutableSpan
    // Safe: octets have no padding.
    var memory = unsafe span.mutableBytes
    let count = try read(into: &memory)
    octets.removeLast(max - count)
    return octets
  }

  /// Waits until octets, or the end of the input, are there.
  ///
  /// - Parameter milliseconds: Longest wait; 0 only looks.
  /// - Returns: Whether they are.
  public func hasInput(within milliseconds: Int32) throws(IOFailure) -> Bool {
    try poll(for: Int16(POLLIN), milliseconds, "read from")
  }

  private func wait(for events: Int16, _ operation: String) throws(IOFailure) {
    guard try poll(for: events, patience, operation) else {
      throw IOFailure(operation, subject, .system(ETIMEDOUT))
    }
  }

  private func poll(for events: Int16, _ milliseconds: Int32, _ operation: String) throws(IOFailure) -> Bool {
    try descriptor.poll(for: events, milliseconds: milliseconds, operation)
  }

  /// Says that nothing more will be written; reading goes on.
  public func finishWriting() { _ = shutdown(descriptor.number, Int32(SHUT_WR)) }
}

extension Descriptor {
  /// - Returns: false when the time is over.
  func poll(for events: Int16, milliseconds: Int32, _ operation: String) throws(IOFailure) -> Bool {
    let end = ContinuousClock.now + .milliseconds(Int64(milliseconds))
    while true {
      var request = pollfd(fd: number, events: events, revents: 0)
      let left = Int32(clamping: max(0, Int64((end - .now) / .milliseconds(1))))
      let status = unsafe Glibc.poll(&request, 1, left)
      if status > 0 { return true }
      if status == 0 { return false }
      guard errno == EINTR else { throw .last(operation, subject) }
    }
  }
}
