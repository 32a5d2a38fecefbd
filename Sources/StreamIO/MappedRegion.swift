internal import Glibc
internal import MigrationStream

/// A part of a file in memory, as a VMM maps a region of an image: private, so that writes stay in this process and
/// the file is never changed.
///
/// Octets come from the file when they are first touched. **A file that others cut short while it is mapped ends the
/// process with SIGBUS**; who cannot rule that out reads with ``InputFile`` instead, which reports it.
@safe
public struct MappedRegion: ~Copyable {
  private let base: UnsafeMutableRawPointer
  public let byteCount: Int

  /// - Parameters:
  ///   - offset: Octets from the start of the file, a multiple of the machine's page size, as areas of images are.
  ///   - byteCount: 1 or more; all of them must lie in the file.
  /// - Throws: ``IOFailure``; EINVAL for an offset that is no multiple of the page size.
  public init(privately path: String, at offset: UInt64, byteCount: UInt64) throws(IOFailure) {
    let descriptor = try Descriptor(reading: path)
    let (end, overflow) = offset.addingReportingOverflow(byteCount)
    let size = try descriptor.status().size
    guard !overflow, byteCount > 0, end <= size else {
      throw IOFailure("map", path, .shrank(from: overflow ? .max : end, to: size))
    }
    let mapped = unsafe mmap(
      nil, Int(byteCount), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor.number,
      off_t(clamping: offset))
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { throw .last("map", path) }
    unsafe base = unsafe mapped
    self.byteCount = Int(byteCount)
  }

  deinit { _ = unsafe munmap(base, byteCount) }

  /// The octets; what is written to them is seen here only.
  public var octets: MutableRawSpan {
    @_lifetime(&self)
    mutating get {
      // Safe: the mapping is ours alone and lives as long as self, which the lifetime says.
      unsafe _overrideLifetime(MutableRawSpan(_unsafeStart: base, byteCount: byteCount), mutating: &self)
    }
  }

  /// The octets, for reading.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      // Safe: as above.
      unsafe _overrideLifetime(RawSpan(_unsafeStart: base, byteCount: byteCount), borrowing: self)
    }
  }
}
