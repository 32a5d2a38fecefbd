import CPeers
import Glibc
import MigrationStream

/// Guest memory as a VMM holds it: a file without a name, mapped, with holes where the guest never wrote.
@safe
final class GuestMemory {
  static let pageByteCount = 4096

  let byteCount: Int
  private let file: Int32
  private let base: UnsafeMutableRawPointer

  init(byteCount: Int) {
    self.byteCount = byteCount
    file = peer_guest_file(UInt64(byteCount))
    guard file >= 0, let mapped = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
      unsafe mapped != MAP_FAILED
    else { fail("map guest memory") }
    unsafe base = mapped
  }

  deinit {
    _ = unsafe munmap(base, byteCount)
    _ = close(file)
  }

  /// All of it.
  var octets: RawSpan {
    @_lifetime(borrow self)
    get {
      // Safe: mapped as long as self lives, and nobody writes while it is looked at.
      let span = unsafe RawSpan(_unsafeStart: base, byteCount: byteCount)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// For a read(2) of `count` octets to `offset`.
  @unsafe
  func target(at offset: UInt64, count: UInt64) -> UnsafeMutableRawBufferPointer {
    precondition(offset <= UInt64(byteCount) && count <= UInt64(byteCount) - offset, "outside the region")
    return unsafe UnsafeMutableRawBufferPointer(start: base + Int(offset), count: Int(count))
  }

  /// The next run that has been written to: from the first such octet at or after `start`.
  func run(from start: Int) -> Range<Int>? {
    let data = peer_next_data(file, Int64(start))
    return data < 0 ? nil : Int(data)..<Int(peer_next_hole(file, data))
  }

  // MARK: Content

  /// Other octets in each page; none is zero.
  func fill(page: Int) {
    var word = UInt64(page) &* 0x9e37_79b9_7f4a_7c15 | 1
    for index in 0..<(Self.pageByteCount / 8) {
      word = word &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      unsafe base.storeBytes(of: word, toByteOffset: page * Self.pageByteCount + index * 8, as: UInt64.self)
    }
  }

  /// Every page gets memory, so that no page fault falls into what is measured.
  func populate() {
    for page in 0..<(byteCount / Self.pageByteCount) {
      unsafe base.storeBytes(of: 0, toByteOffset: page * Self.pageByteCount, as: UInt8.self)
    }
  }

  func zero(_ range: Range<Int>) {
    _ = unsafe memset(base + range.lowerBound, 0, range.count)
  }

  /// One digest of the whole memory. A page of zeros counts as one that was never written to.
  var digest: UInt64 {
    let zeros = [UInt8](repeating: 0, count: Self.pageByteCount)
    let zeroDigest = Digest.xxh3(zeros.span.octets)
    var whole: UInt64 = 0
    var start = 0
    while let run = run(from: start) {
      for page in stride(from: run.lowerBound, to: run.upperBound, by: Self.pageByteCount) {
        let digest = Digest.xxh3(octets.extracting(page..<min(page + Self.pageByteCount, run.upperBound)))
        if digest != zeroDigest { whole = Digest.chain(Digest.chain(whole, UInt64(page)), digest) }
      }
      start = run.upperBound
    }
    return whole
  }
}

func fail(_ what: String) -> Never {
  let reason = unsafe String(cString: strerror(errno))
  print("intoplace: \(what): \(reason)")
  exit(2)
}
