import MigrationStream
import ResumePath

/// Which calls fail, for tests: the first call is number 1; 0 never.
public struct FaultPlan: Equatable, Sendable {
  public var prepareAt = 0
  public var commitAt = 0
  public var moveAt = 0
  public var saveAt = 0
  /// Whether a failing device does not know what state it is in.
  public var isBroken = false
  private var prepares = 0
  private var commits = 0
  private var moves = 0
  private var saves = 0

  public init(prepareAt: Int = 0, commitAt: Int = 0, moveAt: Int = 0, saveAt: Int = 0, isBroken: Bool = false) {
    (self.prepareAt, self.commitAt, self.moveAt, self.saveAt) = (prepareAt, commitAt, moveAt, saveAt)
    self.isBroken = isBroken
  }

  var failure: DeviceFailure { DeviceFailure(reason: DeviceReason.injected.rawValue, isBroken: isBroken) }

  mutating func prepare() throws(DeviceFailure) {
    prepares += 1
    if prepares == prepareAt { throw failure }
  }

  mutating func commit() throws(DeviceFailure) {
    commits += 1
    if commits == commitAt { throw failure }
  }

  mutating func move() throws(DeviceFailure) {
    moves += 1
    if moves == moveAt { throw failure }
  }

  mutating func save() throws(StreamError) {
    saves += 1
    if saves == saveAt {
      throw StreamError(.deviceFailed, .resume, at: 0, found: UInt64(DeviceReason.injected.rawValue))
    }
  }
}
