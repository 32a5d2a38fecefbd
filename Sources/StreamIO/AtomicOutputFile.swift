internal import Glibc

/// An output file that appears whole or not at all: written beside its place, synced, then renamed into it.
///
/// What is no regular file (`-`, a pipe, `/dev/null`) is written to directly: there is nothing to rename.
public struct AtomicOutputFile: ~Copyable {
  private var writer: DescriptorWriter
  /// The name it is written under, and the one it gets; nil when it is written directly.
  private let beside: String?
  private let place: String
  private var isCommitted = false
  /// The first failure of ``put(_:)``.
  public internal(set) var failure: IOFailure?

  /// - Parameter path: The file, or `-` for standard output.
  public init(path: String) throws(IOFailure) {
    if path == "-" {
      writer = DescriptorWriter(Descriptor.standardOutput())
      (beside, place) = (nil, path)
      return
    }
    let existing = Self.status(of: path)
    if let existing, existing.isDirectory { throw IOFailure("write", path, .isDirectory) }
    if let existing, !existing.isRegular {
      writer = DescriptorWriter(
        try Descriptor(path, flags: O_WRONLY, subject: path, operation: "open"))
      (beside, place) = (nil, path)
      return
    }
    let place = Self.resolved(path)
    let beside = "\(place).\(getpid()).partial"
    writer = DescriptorWriter(
      try Descriptor(
        beside, flags: O_WRONLY | O_CREAT | O_EXCL, subject: path, operation: "create"))
    if let existing { writer.setPermissions(existing.permissions) }
    (self.beside, self.place) = (beside, place)
  }

  deinit {
    if !isCommitted, let beside { _ = unsafe unlink(beside) }
  }

  /// Octets written so far.
  public var count: UInt64 { writer.count }

  public mutating func write(_ octets: RawSpan) throws(IOFailure) { try writer.write(octets) }

  /// Makes the file appear in its place. Without this call nothing of it remains.
  public mutating func commit() throws(IOFailure) {
    if let failure { throw failure }
    try writer.flush()
    guard let beside else {
      isCommitted = true
      return
    }
    try writer.synchronise()
    guard unsafe rename(beside, place) == 0 else { throw .last("rename to", place) }
    isCommitted = true
    synchroniseFolder()
  }

  /// The rename reaches the disk. The file is in its place already, so a refusal here is not an error.
  private func synchroniseFolder() {
    let folder = place.lastIndex(of: "/").map { String(place[...$0]) } ?? "."
    let number = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { return }
    _ = fsync(number)
    _ = close(number)
  }

  private static func status(of path: String) -> Descriptor.Status? {
    var buffer = stat()
    return unsafe stat(path, &buffer) == 0 ? Descriptor.Status(buffer) : nil
  }

  /// The path behind symbolic links, so that the rename replaces the file and not the link.
  private static func resolved(_ path: String) -> String {
    guard let real = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }
}
