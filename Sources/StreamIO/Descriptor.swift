internal import Glibc
internal import MigrationStream

/// A file descriptor that is closed with its owner, except the three standard ones.
public struct Descriptor: ~Copyable {
  let number: Int32
  /// The file as the user named it.
  public let subject: String

  init(number: Int32, subject: String) {
    self.number = number
    self.subject = subject
  }

  deinit {
    if number > STDERR_FILENO { _ = close(number) }
  }

  public static func standardInput() -> Descriptor {
    Descriptor(number: STDIN_FILENO, subject: "standard input")
  }
  public static func standardOutput() -> Descriptor {
    Descriptor(number: STDOUT_FILENO, subject: "standard output")
  }
  public static func standardError() -> Descriptor {
    Descriptor(number: STDERR_FILENO, subject: "standard error")
  }

  /// Opens a file for reading.
  public init(reading path: String) throws(IOFailure) {
    try self.init(path, flags: O_RDONLY, subject: path, operation: "open")
  }

  init(
    _ path: String, flags: Int32, mode: mode_t = 0o666, subject: String, operation: String
  ) throws(IOFailure) {
    let opened = Self.retrying { unsafe open(path, flags | O_CLOEXEC, mode) }
    guard opened >= 0 else { throw .last(operation, subject) }
    self.init(number: Int32(opened), subject: subject)
  }

  /// A new file without a name, which is gone when it is closed.
  init(temporaryIn folder: String) throws(IOFailure) {
    let subject = "a temporary file in \(folder)"
    var template = Array("\(folder)/streamtool.XXXXXX".utf8CString)
    // Safe: the template is ours and terminated; mkstemp changes its last six characters.
    let opened = unsafe mkstemp(&template)
    guard opened >= 0 else { throw .last("create", subject) }
    _ = unsafe unlink(template)
    self.init(number: opened, subject: subject)
  }

  /// What a descriptor refers to.
  public struct Status: Sendable {
    public var isRegular: Bool
    public var isDirectory: Bool
    /// Octets of a regular file.
    public var size: UInt64
    var permissions: mode_t
  }

  public func status() throws(IOFailure) -> Status {
    var buffer = stat()
    guard unsafe fstat(number, &buffer) == 0 else { throw .last("look at", subject) }
    return Status(buffer)
  }

  /// Octets to the current position from the start; nil for pipes, sockets and terminals.
  func currentPosition() -> UInt64? {
    let position = lseek(number, 0, SEEK_CUR)
    return position >= 0 ? UInt64(position) : nil
  }

  public var isTerminal: Bool { isatty(number) == 1 }

  /// Reads once, to `position` of `buffer` and at most to its end.
  ///
  /// - Parameters:
  ///   - offset: Where in the file; nil: the current position.
  ///   - max: Octets to read at most.
  /// - Returns: Octets read; 0 at the end of the file.
  func read(
    at offset: UInt64?, into buffer: inout OwnedBytes, position: Int, count max: Int = .max
  ) throws(IOFailure) -> Int {
    let number = self.number
    var space = buffer.mutableSpan
    precondition(position >= 0 && position <= space.count && max >= 0, "outside")
    let count = min(space.count - position, max)
    // Safe: the pointer is used only inside the call, for octets from position on that are in the buffer.
    let status = unsafe space.withUnsafeMutableBytes { octets in
      let target = unsafe octets.baseAddress.unsafelyUnwrapped + position
      return Self.retrying {
        if let offset { unsafe pread(number, target, count, off_t(clamping: offset)) } else {
          unsafe Glibc.read(number, target, count)
        }
      }
    }
    if status >= 0 { return status }
    throw errno == EISDIR ? IOFailure("read", subject, .isDirectory) : .last("read", subject)
  }

  /// Repeats a call that a signal interrupted.
  static func retrying<Result: BinaryInteger>(_ call: () -> Result) -> Result {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }
}

extension Descriptor.Status {
  init(_ buffer: stat) {
    isRegular = buffer.st_mode & S_IFMT == S_IFREG
    isDirectory = buffer.st_mode & S_IFMT == S_IFDIR
    size = UInt64(clamping: buffer.st_size)
    permissions = buffer.st_mode & 0o777
  }
}
