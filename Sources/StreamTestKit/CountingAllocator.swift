import Glibc
public import MigrationStream

/// An allocator that counts what is held, and refuses one call when asked to.
@safe
public final class CountingAllocator {
  struct Counts {
    var live = 0
    var peak = 0
    var calls = 0
    /// The call that is refused, from 0; -1 for none.
    var refused = -1
    /// What fresh memory is filled with; nil: it stays as it is.
    var filling: UInt8?
    /// Octets of a piece that are filled.
    var filledByteCountMax = Int.max
  }

  private let counts: UnsafeMutablePointer<Counts>

  /// - Parameters:
  ///   - call: The call that is refused, from 0; -1 for none.
  ///   - filling: What fresh memory is full of: what reads octets that it never wrote does something else with another.
  ///   - filledByteCountMax: Octets of a piece that are filled, for those to whom filling long ones costs too much.
  public init(refusing call: Int = -1, filling: UInt8? = nil, filledByteCountMax: Int = .max) {
    unsafe counts = UnsafeMutablePointer<Counts>.allocate(capacity: 1)
    unsafe counts.initialize(to: Counts(refused: call, filling: filling, filledByteCountMax: filledByteCountMax))
  }

  deinit { unsafe counts.deallocate() }

  /// Octets held now, at most so far, and calls so far.
  public var live: Int { unsafe counts.pointee.live }
  public var peak: Int { unsafe counts.pointee.peak }
  public var calls: Int { unsafe counts.pointee.calls }

  /// Valid as long as self.
  public var allocator: StreamAllocator {
    unsafe StreamAllocator(
      context: UnsafeMutableRawPointer(counts),
      allocate: { context, byteCount, _ in
        let counts = unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: Counts.self)
        defer { unsafe counts.pointee.calls += 1 }
        guard unsafe counts.pointee.calls != counts.pointee.refused, let piece = unsafe malloc(byteCount + 64) else {
          return nil
        }
        // All memory is aligned to 64, several times faster than by aligned_alloc. Since what malloc gives is aligned to
        // 16, there is always room in front for the piece and its size.
        let memory = unsafe piece + (64 - Int(bitPattern: piece) % 64)
        if let filling = unsafe counts.pointee.filling {
          unsafe memset(memory, Int32(filling), min(byteCount, counts.pointee.filledByteCountMax))
        }
        unsafe (memory - 16).storeBytes(of: piece, as: UnsafeMutableRawPointer.self)
        unsafe (memory - 8).storeBytes(of: byteCount, as: Int.self)
        unsafe counts.pointee.live += byteCount
        unsafe counts.pointee.peak = max(counts.pointee.peak, counts.pointee.live)
        return unsafe memory
      },
      deallocate: { context, memory in
        guard let memory = unsafe memory else { return }
        let counts = unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: Counts.self)
        unsafe counts.pointee.live -= (memory - 8).load(as: Int.self)
        unsafe free((memory - 16).load(as: UnsafeMutableRawPointer.self))
      })
  }
}
