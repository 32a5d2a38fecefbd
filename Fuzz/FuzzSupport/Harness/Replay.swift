import Glibc

/// A fuzzer without libFuzzer: runs the files that it is given, and those in the folders that it is given.
enum Replay {
  /// - Returns: Whether all could be read and none broke a rule.
  static func replay(_ paths: [String], _ check: ([UInt8]) -> FuzzVerdict) -> Bool {
    var isGood = true
    for path in paths where !path.hasPrefix("-") {
      for file in files(path) {
        guard let octets = contents(of: file) else {
          print("cannot open \(file)")
          isGood = false
          continue
        }
        if case .violation(let violation) = check(octets) {
          print("\(violation.oracle) \(file): \(violation.detail)")
          isGood = false
        } else {
          print("ok \(file) (\(octets.count) octets)")
        }
      }
    }
    return isGood
  }

  /// The files of a folder by name, or the file itself.
  static func files(_ path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [path] }
    defer { _ = unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append("\(path)/\(name)") }
    }
    return names.sorted().flatMap { files($0) }
  }

  static func contents(of path: String) -> [UInt8]? {
    guard let file = unsafe fopen(path, "rb") else { return nil }
    defer { _ = unsafe fclose(file) }
    var octets: [UInt8] = []
    while true {
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        unsafe count = fread(buffer.baseAddress, 1, 1 << 16, file)
      }
      if piece.isEmpty { return octets }
      octets += piece
    }
  }
}
