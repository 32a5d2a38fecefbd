/// What a source does after a pass.
@frozen
public enum SwitchoverDecision: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// The guest changes its state at least as fast as it can be sent: no further pass leaves less than this one.
  case neverConverges = 1
  /// Another pass.
  case goOn = 2
  /// What is left takes no longer than the guest may stand still.
  case stopNow = 3
}

/// When to stop the devices: a pure function of what was measured.
///
/// ```
///  stopNow         everything that was wanted early has been sent, and left / bandwidth <= downtime
///  neverConverges  else, when the guest changes at least as many octets a second as are sent
///  goOn            else
/// ```
///
/// More bandwidth or more downtime never makes the decision smaller, more octets left, or a higher rate, never greater.
///
/// Source: Specs/resume-path.md section 8.4.
@frozen
public struct SwitchoverRule: Equatable, Sendable, BitwiseCopyable {
  /// Octets a second, as measured in the last pass.
  public var bandwidth: UInt64
  /// Nanoseconds that the guest may stand still for the transfer: without what stopping and committing take.
  public var downtime: UInt64

  @inlinable
  public init(bandwidth: UInt64, downtime: UInt64) {
    self.bandwidth = bandwidth
    self.downtime = downtime
  }

  /// - Parameter dirtyRate: Octets a second that the guest changed in the last pass.
  public func decide(_ estimate: SaveEstimate, dirtyRate: UInt64) -> SwitchoverDecision {
    if estimate.initialByteCount == 0, isShort(estimate.leftByteCount) { return .stopNow }
    return dirtyRate >= bandwidth ? .neverConverges : .goOn
  }

  /// `left / bandwidth <= downtime / 10^9`, without a division and in 128 bits.
  private func isShort(_ left: UInt64) -> Bool {
    let needed = left.multipliedFullWidth(by: 1_000_000_000)
    let allowed = bandwidth.multipliedFullWidth(by: downtime)
    return (needed.high, needed.low) <= (allowed.high, allowed.low)
  }
}

extension SaveEstimate {
  /// Octets to send when the devices stop now: an estimate that contradicts itself counts as the larger of the two.
  public var leftByteCount: UInt64 {
    max(stopCopyByteCount, earlyByteCount)
  }
}
