internal import Glibc

/// The address of a Unix socket.
///
/// An address holds 107 octets of a path. A longer path is reached through its folder, which is opened and named by its
/// descriptor, so that nothing has to change the process's working directory.
struct SocketAddress: ~Copyable {
  private var address = sockaddr_un()
  /// Keeps the folder of a long path open.
  private var folder: Descriptor?

  private static var pathBytesMax: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1 }

  init(_ path: String) throws(IOFailure) {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw IOFailure("use as a socket", path, .system(EINVAL)) }
    address.sun_family = sa_family_t(AF_UNIX)
    if path.utf8.count <= Self.pathBytesMax {
      folder = nil
      place(path)
      return
    }
    let split = path.utf8.lastIndex(of: 0x2f)
    let name = split.map { String(path[path.utf8.index(after: $0)...]) } ?? path
    let above = split.map { String(path[...$0]) } ?? "."
    let opened = try Descriptor(above, flags: Self.pathOnly | O_DIRECTORY, subject: path, operation: "open the folder of")
    let short = "/proc/self/fd/\(opened.number)/\(name)"
    folder = consume opened
    guard short.utf8.count <= Self.pathBytesMax else { throw IOFailure("use as a socket", path, .system(ENAMETOOLONG)) }
    place(short)
  }

  private mutating func place(_ path: String) {
    // Safe: the path is at most as long as the memory, which was zero and stays terminated.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { memory in
      unsafe memory.copyBytes(from: Array(path.utf8))
    }
  }

  /// - Returns: 0, or -1 with `errno`.
  func connect(_ descriptor: borrowing Descriptor) -> Int32 {
    let number = descriptor.number
    return unsafe with { address, length in
      Descriptor.retrying { unsafe Glibc.connect(number, address, length) }
    }
  }

  /// - Returns: 0, or -1 with `errno`.
  func bind(_ descriptor: borrowing Descriptor) -> Int32 {
    let number = descriptor.number
    return unsafe with { unsafe Glibc.bind(number, $0, $1) }
  }

  private func with(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    // Safe: a sockaddr_un is what the calls take for its family; the pointer is used only inside the call.
    unsafe withUnsafePointer(to: address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  static func socket(_ path: String) throws(IOFailure) -> Descriptor {
    let number = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw .last("make", path) }
    return Descriptor(number: number, subject: path)
  }

  /// `O_PATH`, which glibc shows under _GNU_SOURCE only.
  private static var pathOnly: Int32 { 0o10000000 }
}
