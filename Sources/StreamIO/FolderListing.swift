internal import Glibc

/// The files of a folder.
public enum FolderListing {
  /// Folders inside folders, at most.
  private static let depthMax = 32

  /// Paths, from the folder on, of the files below it whose names end with `suffix`, in octet order.
  ///
  /// Links to folders are not followed, and names that begin with a dot are left out, as those that are no UTF-8.
  public static func files(below folder: String, endingWith suffix: String) throws(IOFailure) -> [String] {
    var files: [String] = []
    try collect(in: folder, from: "", depthMax, suffix, &files)
    return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Whether a path names a folder; false when there is nothing.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func collect(
    in folder: String, from prefix: String, _ depth: Int, _ suffix: String, _ files: inout [String]
  ) throws(IOFailure) {
    for name in try names(in: folder) where !name.hasPrefix(".") {
      var status = stat()
      let path = folder + "/" + name
      guard unsafe lstat(path, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR where depth > 0: try collect(in: path, from: prefix + name + "/", depth - 1, suffix, &files)
      case S_IFREG, S_IFLNK:
        if name.hasSuffix(suffix), !isFolder(path) { files.append(prefix + name) }
      default: break
      }
    }
  }

  private static func names(in folder: String) throws(IOFailure) -> [String] {
    guard let stream = unsafe opendir(folder) else { throw .last("list", folder) }
    // Safe: the stream is open and is closed once.
    defer { _ = unsafe closedir(stream) }
    var names: [String] = []
    // Safe: an entry lives until the next call for the same stream, and its name is terminated.
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { octets in
        String(validating: unsafe Array(octets.prefix { $0 != 0 }), as: UTF8.self)
      }
      if let name { names.append(name) }
    }
    return names
  }
}
