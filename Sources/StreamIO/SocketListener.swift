internal import Glibc

/// A Unix socket that waits for one connection, for nobody but its owner (mode 0600).
///
/// A stale socket, one that nobody listens on, is replaced; anything else in its place is left alone. What we made is
/// removed at the end, unless somebody put something else there meanwhile.
public struct SocketListener: ~Copyable {
  private let descriptor: Descriptor
  private let path: String
  private let identity: Identity

  /// Which file a path leads to.
  private struct Identity: Equatable {
    var device: dev_t
    var number: ino_t

    /// nil: nothing there.
    init?(_ path: String) {
      var status = stat()
      guard unsafe lstat(path, &status) == 0 else { return nil }
      (device, number) = (status.st_dev, status.st_ino)
    }
  }

  public init(path: String) throws(IOFailure) {
    let descriptor = try SocketAddress.socket(path)
    let address = try SocketAddress(path)
    // The mode of a socket comes from the umask: nobody else can connect even for a moment.
    let mask = umask(0o177)
    defer { _ = umask(mask) }
    var status = address.bind(descriptor)
    if status != 0, errno == EADDRINUSE, try Self.isStale(path, address) {
      _ = unsafe unlink(path)
      status = address.bind(descriptor)
    }
    guard status == 0 else { throw .last("listen on", path) }
    guard let identity = Identity(path), Glibc.listen(descriptor.number, 1) == 0 else {
      let failure = IOFailure.last("listen on", path)
      _ = unsafe unlink(path)
      throw failure
    }
    self.descriptor = descriptor
    self.path = path
    self.identity = identity
  }

  deinit {
    if Identity(path) == identity { _ = unsafe unlink(path) }
  }

  /// Whether what is in the way is a socket that nobody listens on.
  private static func isStale(_ path: String, _ address: borrowing SocketAddress) throws(IOFailure) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      errno = EADDRINUSE
      return false
    }
    let probe = try SocketAddress.socket(path)
    let connected = address.connect(probe)
    let isRefused = connected != 0 && errno == ECONNREFUSED
    errno = EADDRINUSE
    return isRefused
  }

  /// Waits for one peer.
  ///
  /// - Parameters:
  ///   - waiting: Longest wait for it in milliseconds.
  ///   - patience: Longest wait for each transfer afterwards.
  public func accept(waiting: Int32, patience: Int32) throws(IOFailure) -> UnixSocket {
    guard try descriptor.poll(for: Int16(POLLIN), milliseconds: waiting, "accept a connection on") else {
      throw IOFailure("accept a connection on", path, .system(ETIMEDOUT))
    }
    let number = descriptor.number
    let accepted = Descriptor.retrying { Glibc.accept(number, nil, nil) }
    guard accepted >= 0 else { throw .last("accept a connection on", path) }
    _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
    return UnixSocket(Descriptor(number: accepted, subject: path), patience: patience)
  }
}
