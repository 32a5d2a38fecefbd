internal import CLinux
internal import Glibc

/// An output file that appears whole or not at all: written beside its place, synced, then renamed into it.
///
/// Until it is committed it has no name where the file system can do that (`O_TMPFILE`), so nothing remains of it
/// however the program ends. Elsewhere it is `<file>.<pid>.partial`, which remains when the program is killed.
///
/// What is no regular file (`-`, a pipe, `/dev/null`) is written to directly: there is nothing to rename.
public struct AtomicOutputFile: ~Copyable {
  var writer: DescriptorWriter
  private let naming: Naming
  /// The file as the user named it.
  let subject: String
  private var isCommitted = false
  /// The first failure of ``put(_:)``.
  public internal(set) var failure: IOFailure?

  /// How the file gets its name.
  private enum Naming {
    /// It has one: it is written directly.
    case direct
    case rename(beside: String, place: String)
    /// It has none yet.
    case link(beside: String, place: String)
  }

  /// - Parameter path: The file, or `-` for standard output.
  public init(path: String) throws(IOFailure) {
    subject = path == "-" ? "standard output" : path
    if path == "-" {
      writer = DescriptorWriter(Descriptor.standardOutput())
      naming = .direct
      return
    }
    let existing = Self.status(of: path)
    if let existing, existing.isDirectory { throw IOFailure("write", path, .isDirectory) }
    if let existing, !existing.isRegular {
      writer = DescriptorWriter(
        try Descriptor(path, flags: O_WRONLY, subject: path, operation: "open"))
      naming = .direct
      return
    }
    let place = Self.resolved(path)
    let beside = "\(place).\(getpid()).partial"
    if let nameless = Self.nameless(in: Self.folder(of: place), subject: path) {
      writer = DescriptorWriter(nameless)
      naming = .link(beside: beside, place: place)
    } else {
      writer = DescriptorWriter(
        try Descriptor(
          beside, flags: O_RDWR | O_CREAT | O_EXCL, subject: path, operation: "create"))
      naming = .rename(beside: beside, place: place)
    }
    if let existing { writer.setPermissions(existing.permissions) }
  }

  deinit {
    if !isCommitted, case .rename(let beside, _) = naming { _ = unsafe unlink(beside) }
  }

  /// Octets written so far, and the position of what is written next.
  public var count: UInt64 { writer.count }

  public mutating func write(_ octets: RawSpan) throws(IOFailure) { try writer.write(octets) }

  /// Makes the file appear in its place. Without this call nothing of it remains.
  public mutating func commit() throws(IOFailure) {
    if let failure { throw failure }
    try writer.flush()
    switch naming {
    case .direct: break
    case .rename(let beside, let place):
      try writer.synchronise()
      try Self.rename(beside, to: place)
    case .link(let beside, let place):
      try writer.synchronise()
      try link(beside: beside, place: place)
    }
    isCommitted = true
    if case .direct = naming { return }
    synchroniseFolder()
  }

  /// Gives the file its name; a link never replaces a file, so it takes a second step where there is one.
  private func link(beside: String, place: String) throws(IOFailure) {
    if writer.link(to: place) { return }
    guard errno == EEXIST else { throw .last("name", subject) }
    guard writer.link(to: beside) else { throw .last("name", subject) }
    do throws(IOFailure) { try Self.rename(beside, to: place) } catch {
      _ = unsafe unlink(beside)
      throw error
    }
  }

  private static func rename(_ beside: String, to place: String) throws(IOFailure) {
    guard unsafe Glibc.rename(beside, place) == 0 else { throw .last("rename to", place) }
  }

  /// A file that has no name; nil where the file system, or the machine, cannot give it one later.
  private static func nameless(in folder: String, subject: String) -> Descriptor? {
    guard unsafe access("/proc/self/fd", X_OK) == 0 else { return nil }
    return try? Descriptor(
      folder, flags: O_RDWR | Int32(CLINUX_O_TMPFILE), subject: subject, operation: "create")
  }

  /// The name reaches the disk. The file is in its place already, so a refusal here is not an error.
  private func synchroniseFolder() {
    let folder =
      switch naming {
      case .direct: "."
      case .rename(_, let place), .link(_, let place): Self.folder(of: place)
      }
    let number = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { return }
    _ = fsync(number)
    _ = close(number)
  }

  private static func folder(of place: String) -> String {
    place.lastIndex(of: "/").map { String(place[...$0]) } ?? "."
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
