internal import MigrationStream

/// What the source keeps of one device.
struct SaveCursor: BitwiseCopyable {
  /// The number in the stream of the device's first layout.
  var layoutBase: UInt32 = 0
  /// Whether it gives state while it runs.
  var hasPreCopy = false
  /// Nothing more will come in this phase.
  var isDone = false
  /// Nothing more in this pass.
  var turnIsOver = false
  /// Octets of stream that it gave in this pass.
  var turnByteCount: UInt64 = 0
  /// Octets after which its turn ends.
  var turnByteCountMax: UInt64 = 0
  private var initial = InitialEstimate()

  /// What the device says, made to keep the rules.
  mutating func clamp(_ claim: SaveEstimate) -> SaveEstimate {
    var estimate = SaveEstimate()
    estimate.initialByteCount = initial.next(min(claim.initialByteCount, Self.claimMax))
    estimate.dirtyByteCount = min(claim.dirtyByteCount, Self.claimMax)
    estimate.stopCopyByteCount = min(claim.stopCopyByteCount, Self.claimMax)
    return estimate
  }

  /// A turn is as long as twice what the device expects to give: heads of records take octets too, and a guest that runs
  /// changes some again.
  mutating func beginTurn(_ claim: SaveEstimate, max limit: UInt64) {
    turnIsOver = false
    turnByteCount = 0
    // What is claimed is clamped, so the sum of two claims doubled is a number.
    turnByteCountMax = min(max(2 * clamp(claim).earlyByteCount, UInt64(Format.chunkByteCount)), limit)
  }

  /// Octets of the largest region that there can be; a device that claims more does not know.
  private static let claimMax: UInt64 = (1 << 56) - 1
}

/// Octets wanted before the stop: the first number that is not zero is believed, after it they only fall.
private struct InitialEstimate: BitwiseCopyable {
  private var ceiling = UInt64.max

  mutating func next(_ claim: UInt64) -> UInt64 {
    if ceiling == UInt64.max, claim == 0 { return 0 }
    ceiling = min(ceiling, claim)
    return ceiling
  }
}

extension SaveEstimate {
  /// Octets that a pass can give.
  var earlyByteCount: UInt64 {
    let (sum, overflow) = initialByteCount.addingReportingOverflow(dirtyByteCount)
    return overflow ? UInt64.max : sum
  }

  /// The sum, as large as a number can be.
  mutating func add(_ other: SaveEstimate) {
    Self.add(other.initialByteCount, to: &initialByteCount)
    Self.add(other.dirtyByteCount, to: &dirtyByteCount)
    Self.add(other.stopCopyByteCount, to: &stopCopyByteCount)
  }

  private static func add(_ count: UInt64, to sum: inout UInt64) {
    let (total, overflow) = sum.addingReportingOverflow(count)
    sum = overflow ? UInt64.max : total
  }
}
