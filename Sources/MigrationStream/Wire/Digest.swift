internal import CXXHash

/// XXH3-64, dispatched at run time on x86-64.
public enum Digest {
  /// The digest of no octets.
  public static var ofNothing: UInt64 { @inlinable get { 0x2d06_8005_38d3_94c2 } }

  public static func xxh3(_ bytes: RawSpan) -> UInt64 {
    // Safe: the pointer is used only inside the call.
    unsafe bytes.withUnsafeBytes { octets in
      unsafe cxxhash_xxh3_64(octets.baseAddress, octets.count)
    }
  }

  /// The digest of a header's first seven words, with the stream's seed.
  public static func xxh3(header words: InlineArray<8, UInt64>, seed: UInt64) -> UInt64 {
    var octets = words
    for index in 0..<8 { octets[index] = octets[index].littleEndian }
    // Safe: words have no padding; the pointer is used only inside the call.
    return unsafe octets.span.withUnsafeBytes {
      unsafe cxxhash_xxh3_64_header($0.baseAddress, seed)
    }
  }

  /// The next value of a channel's chain over its header digests.
  ///
  /// Source: Specs/10-stream-format.md section 11.
  public static func chain(_ chain: UInt64, _ headerDigest: UInt64) -> UInt64 {
    let words: InlineArray<2, UInt64> = [chain.littleEndian, headerDigest.littleEndian]
    // Safe: words have no padding; the pointer is used only inside the call.
    return unsafe words.span.withUnsafeBytes { unsafe cxxhash_xxh3_64_chain($0.baseAddress) }
  }
}

/// XXH3-64 over octets that arrive in pieces.
@safe
public struct RunningDigest: ~Copyable {
  private let addressOnly = AddressOnly()
  private var memory: OwnedBytes

  public init(allocator: StreamAllocator = .system) throws(StreamError) {
    var memory = OwnedBytes(allocator: allocator)
    try memory.append(repeating: 0, count: cxxhash_xxh3_state_size())
    self.memory = memory
    reset()
  }

  public mutating func reset() { unsafe cxxhash_xxh3_64_reset(memory.base) }

  public mutating func update(_ bytes: RawSpan) {
    // Safe: the state is ours and 64-aligned; the pointer is used only inside the call.
    unsafe bytes.withUnsafeBytes { octets in
      unsafe cxxhash_xxh3_64_update(memory.base, octets.baseAddress, octets.count)
    }
  }

  public var value: UInt64 { unsafe cxxhash_xxh3_64_digest(memory.base) }
}
