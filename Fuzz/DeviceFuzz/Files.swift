import Glibc

enum Files {
  /// The files of a folder by name, or the file itself.
  static func list(_ path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [path] }
    defer { _ = unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append("\(path)/\(name)") }
    }
    return names.sorted()
  }

  static func contents(_ path: String) -> [UInt8]? {
    guard let file = unsafe fopen(path, "rb") else { return nil }
    defer { _ = unsafe fclose(file) }
    return unsafe read(file)
  }

  static func standardInput() -> [UInt8]? { unsafe read(fdopen(0, "rb")) }

  private static func read(_ file: UnsafeMutablePointer<FILE>?) -> [UInt8]? {
    guard let file = unsafe file else { return nil }
    var octets: [UInt8] = []
    while true {
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        unsafe count = fread(buffer.baseAddress, 1, 1 << 16, file)
      }
      if piece.isEmpty { return octets }
      octets += piece
    }
  }

  static func write(_ octets: [UInt8], _ path: String) -> Bool {
    guard let file = unsafe fopen(path, "wb") else { return false }
    let count = unsafe octets.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
    return unsafe fclose(file) == 0 && count == octets.count
  }
}
