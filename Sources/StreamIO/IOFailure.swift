internal import Glibc

/// Why the operating system, or the container around a stream, stopped us; never a verdict on the stream itself.
public struct IOFailure: Error, Equatable, Sendable {
  public enum Cause: Equatable, Sendable {
    /// `errno` of the call that failed.
    case system(Int32)
    case isDirectory
    /// The file became shorter while it was read: octets at opening, octets there now.
    case shrank(from: UInt64, to: UInt64)
    /// gzip data that is damaged or ends early, at this octet of the compressed file.
    case damagedGzip(at: UInt64)
    case outOfMemory
    /// A pipe, terminal or device where octets must be read or written at any place.
    case notSeekable
  }

  /// What was being done, as a verb: `open`, `read`.
  public var operation: String
  /// The file as the user named it.
  public var subject: String
  public var cause: Cause

  public init(_ operation: String, _ subject: String, _ cause: Cause) {
    self.operation = operation
    self.subject = subject
    self.cause = cause
  }

  /// The failure that `errno` holds now.
  static func last(_ operation: String, _ subject: String) -> IOFailure {
    IOFailure(operation, subject, .system(errno))
  }

  /// Nothing came for longer than we wait.
  public static func timedOut(_ operation: String, _ subject: String) -> IOFailure {
    IOFailure(operation, subject, .system(ETIMEDOUT))
  }

  /// The other end of a connection is gone.
  public static func closed(_ operation: String, _ subject: String) -> IOFailure {
    IOFailure(operation, subject, .system(ECONNRESET))
  }

  /// Whether nobody reads our output any more; a tool ends quietly then.
  public var isBrokenPipe: Bool { cause == .system(EPIPE) }

  /// Whether the octets we were given are at fault and not the machine.
  public var isDamage: Bool {
    if case .damagedGzip = cause { true } else { false }
  }
}

extension IOFailure: CustomStringConvertible {
  /// One sentence for people: what, where, why, and what to do next where that is known.
  public var description: String {
    let what = "cannot \(operation) \(subject): "
    switch cause {
    case .system(let code):
      return what + Self.reason(code) + next(after: code)
    case .isDirectory:
      return what + "it is a directory; name a file, or - for standard \(operation == "write" ? "output" : "input")"
    case .shrank(let before, let now):
      return what + "the file had \(before) octets when it was opened and now ends at \(now);"
        + " make sure that nothing writes to it, then try again"
    case .damagedGzip(let offset):
      return what + "its gzip data is damaged or ends early near octet \(offset) of the compressed file;"
        + " fetch it again, and test it with gzip -t"
    case .outOfMemory:
      return what + "the machine has no memory left"
    case .notSeekable:
      return what + "an image is read and written at many places; name a regular file"
    }
  }

  /// What to do about a socket that leads nowhere.
  private func next(after code: Int32) -> String {
    switch (operation, code) {
    case ("connect to", ENOENT), ("connect to", ECONNREFUSED):
      "; nobody listens there: start the destination, and give both ends the same path"
    case ("accept a connection on", ETIMEDOUT): "; no source came: start it, or wait longer"
    case ("listen on", EADDRINUSE): "; somebody listens there already, or it is no socket: name another path"
    case (_, ETIMEDOUT): "; the other end said and took nothing for so long: see whether it still works"
    default: ""
    }
  }

  private static func reason(_ code: Int32) -> String {
    // Safe: strerror returns a terminated string that lives until the next call on this thread.
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}
