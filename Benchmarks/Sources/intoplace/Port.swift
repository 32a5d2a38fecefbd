import Glibc
import MigrationStream

/// A connected socket, and the system calls made on it.
@safe
struct Port: ~Copyable {
  let number: Int32
  private(set) var calls = 0
  /// What one call takes, as `sendmsg` and `recvmsg` do.
  static let vectorsMax = 1024
  private var vectors = unsafe [iovec]()

  init(number: Int32) {
    self.number = number
    // Room for two chunks: one side digests while the other reads. The system may give less.
    var byteCount: Int32 = 2 << 20
    _ = unsafe setsockopt(number, SOL_SOCKET, SO_SNDBUF, &byteCount, socklen_t(MemoryLayout<Int32>.size))
    unsafe vectors.reserveCapacity(Self.vectorsMax)
  }

  deinit { _ = close(number) }

  // MARK: Sending

  /// Writes a record: the encoder's octets and the guest's pages with one call, and no copy.
  mutating func send(_ list: borrowing GatherList) {
    for index in 0..<list.count {
      append(list[index])
      if unsafe vectors.count == Self.vectorsMax { flush() }
    }
    flush()
  }

  mutating func send(_ octets: RawSpan) {
    append(octets)
    flush()
  }

  private mutating func append(_ octets: RawSpan) {
    // Safe: the vector is used before send returns, and the span lives until then.
    unsafe octets.withUnsafeBytes { octets in
      guard octets.count > 0 else { return }
      unsafe vectors.append(
        iovec(iov_base: UnsafeMutableRawPointer(mutating: octets.baseAddress), iov_len: octets.count))
    }
  }

  private mutating func flush() {
    unsafe transfer { unsafe sendmsg($0, &$1, Int32(MSG_NOSIGNAL)) }
  }

  // MARK: Receiving

  /// Fills `target`; false when the peer has closed its end.
  @unsafe
  mutating func receive(_ target: UnsafeMutableRawBufferPointer) -> Bool {
    unsafe aim(target)
    return fill()
  }

  /// Adds a target for the next ``fill()``.
  @unsafe
  mutating func aim(_ target: UnsafeMutableRawBufferPointer) {
    unsafe vectors.append(iovec(iov_base: target.baseAddress, iov_len: target.count))
  }

  /// Fills all targets; false when the peer has closed its end.
  mutating func fill() -> Bool {
    unsafe transfer { unsafe recvmsg($0, &$1, Int32(MSG_WAITALL)) }
  }

  /// Repeats `call` until all vectors are done with.
  @discardableResult
  @unsafe
  private mutating func transfer(_ call: (Int32, inout msghdr) -> Int) -> Bool {
    var first = 0
    defer { unsafe vectors.removeAll(keepingCapacity: true) }
    while unsafe first < vectors.count {
      let count = unsafe vectors.count - first
      let number = number
      var done = unsafe vectors.withUnsafeMutableBufferPointer { vectors in
        var message = unsafe msghdr()
        unsafe message.msg_iov = vectors.baseAddress.unsafelyUnwrapped + first
        unsafe message.msg_iovlen = count
        return unsafe call(number, &message)
      }
      calls += 1
      if done < 0, errno == EINTR { continue }
      guard done >= 0 else { fail("the socket") }
      if done == 0 { return false }
      // A signal may have cut the call short.
      while unsafe first < vectors.count, unsafe done >= vectors[first].iov_len {
        unsafe done -= vectors[first].iov_len
        first += 1
      }
      if done > 0 {
        unsafe vectors[first].iov_base += done
        unsafe vectors[first].iov_len -= done
      }
    }
    return true
  }
}
