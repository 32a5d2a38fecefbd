internal import Glibc

/// Lists what a folder holds, and makes folders.
public enum Folder {
  /// Levels of folders that are looked into, and files that are listed at most.
  private static var depthMax: Int { 32 }
  private static var filesMax: Int { 65_536 }

  /// Whether a path leads to a folder.
  public static func exists(_ path: String) -> Bool { status(path)?.isDirectory ?? false }

  /// Whether a path leads to a file that is none.
  public static func hasFile(_ path: String) -> Bool { status(path).map { !$0.isDirectory } ?? false }

  /// The regular files below a folder whose names end with `suffix`, as paths from it, in octet order.
  ///
  /// Links to folders are not followed, so there is no way around in circles.
  public static func files(below path: String, suffix: String) throws(IOFailure) -> [String] {
    var files: [String] = []
    var open = [(path: "", depth: 0)]
    while let folder = open.popLast() {
      for name in try names(in: folder.path.isEmpty ? path : path + "/" + folder.path) {
        let inner = folder.path.isEmpty ? name : folder.path + "/" + name
        guard let status = linkStatus(path + "/" + inner) else { continue }
        if status.isDirectory {
          guard folder.depth < depthMax else { throw IOFailure("list", path, .system(ELOOP)) }
          open.append((inner, folder.depth + 1))
        } else if name.utf8.reversed().starts(with: suffix.utf8.reversed()), self.status(path + "/" + inner)?.isRegular == true {
          guard files.count < filesMax else { throw IOFailure("list", path, .system(EMFILE)) }
          files.append(inner)
        }
      }
    }
    return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Makes a folder and those above it that are not there.
  public static func make(_ path: String) throws(IOFailure) {
    var made = ""
    for step in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && !step.isEmpty || made == "/" ? String(step) : "/" + step
      guard !step.isEmpty, !exists(made) else { continue }
      guard unsafe mkdir(made, 0o777) == 0 || exists(made) else { throw .last("make", made) }
    }
  }

  /// Names in a folder, without those that begin with a dot or are not UTF-8.
  private static func names(in path: String) throws(IOFailure) -> [String] {
    guard let folder = unsafe opendir(path) else { throw .last("list", path) }
    defer { _ = unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      // Safe: the name is terminated inside the entry, which lives until the next readdir; it is copied.
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { octets in
        unsafe String(validating: octets.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let name, name.utf8.first != UInt8(ascii: ".") { names.append(name) }
    }
    return names
  }

  private static func status(_ path: String) -> Descriptor.Status? {
    var buffer = Glibc.stat()
    return unsafe stat(path, &buffer) == 0 ? Descriptor.Status(buffer) : nil
  }

  /// Of a link itself.
  private static func linkStatus(_ path: String) -> Descriptor.Status? {
    var buffer = Glibc.stat()
    return unsafe lstat(path, &buffer) == 0 ? Descriptor.Status(buffer) : nil
  }
}
