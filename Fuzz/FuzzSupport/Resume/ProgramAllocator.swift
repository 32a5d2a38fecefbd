import Glibc
public import MigrationStream
public import ResumeOracle

/// An allocator that counts what is held, and gives memory that is full of a pattern: what reads octets that it never
/// wrote does something else with another pattern.
@safe
public final class ProgramAllocator {
  private struct Counts {
    var live = 0
    var peak = 0
    var filling: Int32
  }

  private let counts: UnsafeMutablePointer<Counts>
  /// In front of each piece of memory: its size.
  private static let headByteCount = 64
  /// Octets of a piece that are filled: of long ones the rest is never read before it was written.
  private static let filledByteCountMax = 16384

  public init(filling: UInt8) {
    unsafe counts = UnsafeMutablePointer<Counts>.allocate(capacity: 1)
    unsafe counts.initialize(to: Counts(filling: Int32(filling)))
  }

  deinit { unsafe counts.deallocate() }

  public var count: MemoryCount {
    unsafe MemoryCount(liveByteCount: counts.pointee.live, peakByteCount: counts.pointee.peak)
  }

  /// Valid as long as self.
  public var allocator: StreamAllocator {
    unsafe StreamAllocator(
      context: UnsafeMutableRawPointer(counts),
      allocate: { context, byteCount, alignment in
        // Safe: the context is what self gave, and lives as long.
        let counts = unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: Counts.self)
        let room = (byteCount + 2 * ProgramAllocator.headByteCount - 1) / 64 * 64
        // malloc is several times faster, and aligned to 16.
        guard let memory = unsafe alignment > 16 ? aligned_alloc(64, room) : malloc(room) else { return nil }
        let filled = min(room, ProgramAllocator.filledByteCountMax)
        unsafe memset(memory, counts.pointee.filling, filled)
        unsafe memory.storeBytes(of: byteCount, as: Int.self)
        unsafe counts.pointee.live += byteCount
        unsafe counts.pointee.peak = max(counts.pointee.peak, counts.pointee.live)
        return unsafe memory + ProgramAllocator.headByteCount
      },
      deallocate: { context, memory in
        guard let memory = unsafe memory else { return }
        // Safe: as above; the size stands in front of what `allocate` gave.
        let counts = unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: Counts.self)
        let start = unsafe memory - ProgramAllocator.headByteCount
        unsafe counts.pointee.live -= start.load(as: Int.self)
        unsafe free(start)
      })
  }
}
