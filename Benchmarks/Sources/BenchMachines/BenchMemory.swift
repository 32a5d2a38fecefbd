import Glibc

/// Zero pages that appear when they are touched.
@safe
public final class BenchMemory {
  public let byteCount: Int
  private var base: UnsafeMutableRawPointer?
  private let isOwned: Bool

  public init(_ byteCount: Int) {
    self.byteCount = byteCount
    isOwned = true
    unsafe base = nil
    guard byteCount > 0 else { return }
    let mapped = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { fatalError("no memory of \(byteCount) octets") }
    unsafe base = mapped
  }

  /// Memory of the caller's.
  ///
  /// - Parameter memory: Lives longer than this, and nobody else writes to it meanwhile.
  @unsafe
  public init(borrowing memory: UnsafeMutableRawBufferPointer) {
    byteCount = memory.count
    isOwned = false
    unsafe base = memory.baseAddress
  }

  deinit {
    if isOwned, let base = unsafe base { _ = unsafe munmap(base, byteCount) }
  }

  /// - Parameter offset: The range lies inside, else the program ends.
  @unsafe
  public func buffer(at offset: UInt64, byteCount count: Int) -> UnsafeMutableRawBufferPointer {
    precondition(count >= 0 && offset <= UInt64(byteCount) && UInt64(count) <= UInt64(byteCount) - offset, "outside")
    return unsafe UnsafeMutableRawBufferPointer(start: base.map { unsafe $0 + Int(offset) }, count: count)
  }

  public var octets: RawSpan {
    @_lifetime(borrow self)
    get {
      // Safe: mapped as long as self lives.
      let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(buffer(at: 0, byteCount: byteCount)))
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  public func clear(at offset: UInt64, byteCount count: Int) {
    guard count > 0 else { return }
    // Safe: the range was checked.
    unsafe buffer(at: offset, byteCount: count).initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// Other octets in each word; every page is there afterwards.
  public func fill() {
    var word: UInt64 = 0x9e37_79b9_7f4a_7c15
    for index in 0..<(byteCount / 8) {
      word = word &* 6_364_136_223_846_793_005 &+ 1
      // Safe: inside.
      unsafe buffer(at: UInt64(index * 8), byteCount: 8).storeBytes(of: word, as: UInt64.self)
    }
  }
}
