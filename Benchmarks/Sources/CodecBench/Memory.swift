/// Page-aligned octets that the closures of a ``Contest`` share.
@safe
final class Memory {
  let byteCount: Int
  private let buffer: UnsafeMutableRawBufferPointer

  /// Filled with octets that are not zero, or with zeros; every page is there before anything is timed.
  init(_ byteCount: Int, isFilled: Bool) {
    self.byteCount = byteCount
    unsafe buffer = .allocate(byteCount: byteCount, alignment: 4096)
    var word: UInt64 = 0x9e37_79b9_7f4a_7c15
    for index in 0..<(byteCount / 8) {
      if isFilled { word = word &* 6_364_136_223_846_793_005 &+ 1 }
      unsafe buffer.storeBytes(of: isFilled ? word : 0, toByteOffset: index * 8, as: UInt64.self)
    }
  }

  deinit { unsafe buffer.deallocate() }

  var address: UnsafeMutableRawPointer {
    // An allocated buffer has one.
    unsafe buffer.baseAddress.unsafelyUnwrapped
  }

  var octets: RawSpan {
    @_lifetime(borrow self)
    get {
      // Safe: the buffer lives as long as self.
      let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(buffer))
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  func copy(_ octets: RawSpan, to position: Int) {
    precondition(position >= 0 && octets.byteCount <= byteCount - position, "outside")
    // Safe: the octets fit.
    unsafe octets.withUnsafeBytes { source in
      guard let base = source.baseAddress else { return }
      unsafe (address + position).copyMemory(from: base, byteCount: source.count)
    }
  }

  @_lifetime(borrow self)
  func octets(first count: Int) -> RawSpan { octets.extracting(first: count) }
}
