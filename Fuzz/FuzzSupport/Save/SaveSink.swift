import MigrationStream
import ReferenceDevices
import ResumePath

/// What a sink was given.
final class SaveLog {
  var octets: [UInt8] = []
  var writeCount = 0
  let failsAt: Int
  private(set) var hasLateWrites = false

  init(failsAt: Int) { self.failsAt = failsAt }

  /// - Returns: Whether the sink takes it.
  func write() -> Bool {
    writeCount += 1
    if failsAt > 0, writeCount > failsAt { hasLateWrites = true }
    return failsAt == 0 || writeCount < failsAt
  }
}

/// Keeps all octets, up to the write at which it fails.
struct SaveSink: ~Copyable, OctetSink {
  private let log: SaveLog

  init(_ log: SaveLog) { self.log = log }

  mutating func write(_ list: borrowing GatherList) throws(StreamError) {
    guard log.write() else { throw StreamError(.outOfMemory, .resume, at: UInt64(log.octets.count)) }
    log.octets.append(list)
  }
}
