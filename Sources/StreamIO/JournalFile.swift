internal import Glibc

/// A file that several processes append lines to; each line is one write at the end, so that lines never mix.
public struct JournalFile: ~Copyable {
  private let descriptor: Descriptor

  public init(appendingTo path: String) throws(IOFailure) {
    descriptor = try Descriptor(path, flags: O_WRONLY | O_CREAT | O_APPEND, subject: path, operation: "open")
  }

  /// - Parameter line: Without its line feed.
  public func append(_ line: String) throws(IOFailure) {
    let octets = Array((line + "\n").utf8)
    let number = descriptor.number
    // Safe: write only reads, during the call, from the octets of the array.
    let count = unsafe octets.withUnsafeBytes { octets in
      Descriptor.retrying { unsafe Glibc.write(number, octets.baseAddress, octets.count) }
    }
    guard count == octets.count else {
      throw count < 0 ? .last("append to", descriptor.subject) : IOFailure("append to", descriptor.subject, .system(ENOSPC))
    }
  }
}
