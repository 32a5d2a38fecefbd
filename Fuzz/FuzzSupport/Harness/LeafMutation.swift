import CFuzzShim

/// libFuzzer's own mutations of octets, so that dictionaries and compared values help where structure ends.
public enum LeafMutation {
  /// Changes octets; where libFuzzer does not run they stay.
  public static func mutate(_ octets: inout [UInt8], byteCountMax: Int) {
    let count = octets.count
    octets.append(contentsOf: repeatElement(0, count: max(byteCountMax - count, 1)))
    let changed = unsafe octets.withUnsafeMutableBufferPointer { buffer in
      // Safe: the buffer has at least one octet, so it has an address.
      unsafe fuzz_mutate_bytes(buffer.baseAddress.unsafelyUnwrapped, count, byteCountMax)
    }
    octets.removeSubrange(changed...)
  }
}
