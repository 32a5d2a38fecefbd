internal import Synchronization

/// Counts what a file was asked for, so that a promise of few small reads can be checked.
public final class ReadTally: Sendable {
  private let readsSoFar = Atomic<UInt64>(0)
  private let octetsSoFar = Atomic<UInt64>(0)

  init() {}

  /// Calls of `read` or `pread`, those at the end of the file included.
  public var reads: UInt64 { readsSoFar.load(ordering: .relaxed) }

  /// Octets that they gave.
  public var octets: UInt64 { octetsSoFar.load(ordering: .relaxed) }

  func note(_ count: Int) {
    readsSoFar.add(1, ordering: .relaxed)
    octetsSoFar.add(UInt64(clamping: count), ordering: .relaxed)
  }
}
