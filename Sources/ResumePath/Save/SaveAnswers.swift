/// What part of a save is under way.
@frozen
public enum SavePhase: UInt8, Sendable, BitwiseCopyable {
  /// The device runs: what it gives may be given again.
  case preCopy = 1
  /// The device stands still: everything that is left.
  case stopCopy = 2
}

/// What a device says after it gave a piece of state.
@frozen
public enum SaveAnswer: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// There is more at once. Without an octet it counts as ``noDataNow``.
  case more = 1
  /// Nothing at present; there may be later. Not the end.
  case noDataNow = 2
  /// Everything of this phase was given.
  case done = 3
}

/// What a device expects to give; advisory.
@frozen
public struct SaveEstimate: Equatable, Sendable, BitwiseCopyable {
  /// Octets that the destination should have before the devices stop; only falls.
  public var initialByteCount: UInt64
  /// Octets that changed since they were given; rises and falls.
  public var dirtyByteCount: UInt64
  /// Octets that are left when the device stops now.
  public var stopCopyByteCount: UInt64

  @inlinable
  public init(initialByteCount: UInt64 = 0, dirtyByteCount: UInt64 = 0, stopCopyByteCount: UInt64 = 0) {
    self.initialByteCount = initialByteCount
    self.dirtyByteCount = dirtyByteCount
    self.stopCopyByteCount = stopCopyByteCount
  }
}
