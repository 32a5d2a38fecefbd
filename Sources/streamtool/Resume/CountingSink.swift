import MigrationStream
import ResumePath
import StreamIO

/// What a stream consists of, counted record by record.
struct RecordTally {
  struct Device {
    var sections: UInt64 = 0
    var sectionByteCount: UInt64 = 0
    var memoryByteCount: UInt64 = 0
    var byteStringByteCount: UInt64 = 0
  }

  var records: UInt64 = 0
  var octets: UInt64 = 0
  var passes: UInt32 = 1
  /// By device number.
  var devices: [UInt32: Device] = [:]
  /// Of memory that belongs to no device.
  var memoryByteCount: UInt64 = 0

  /// - Parameter octets: A record from its header on; the preamble is none.
  mutating func note(_ list: borrowing GatherList) {
    octets += UInt64(list.byteCount)
    let head = list[0]
    guard head.byteCount >= RecordHeader.byteCount, head.integer(at: 0, as: UInt32.self) == Format.sync else { return }
    records += 1
    let device = head.integer(at: 12, as: UInt32.self)
    let payload = head.integer(at: 40, as: UInt64.self)
    switch RecordKind(rawValue: head.integer(at: 4, as: UInt16.self)) {
    case .section:
      devices[device, default: Device()].sections += 1
      devices[device, default: Device()].sectionByteCount += head.integer(at: 24, as: UInt64.self)
    case .memory where device == Format.none32: memoryByteCount += payload
    case .memory: devices[device, default: Device()].memoryByteCount += payload
    case .bytes: devices[device, default: Device()].byteStringByteCount += payload
    case .barrier: passes += 1
    default: break
    }
  }
}

/// Where a stream goes that somebody saves: a file, or a socket.
protocol SaveTarget: ~Copyable {
  mutating func write(_ octets: RawSpan) throws(IOFailure)
}

/// Writes a stream to its target and counts it; the first failure of the target is kept.
struct CountingSink<Target: SaveTarget & ~Copyable>: ~Copyable, OctetSink {
  var target: Target
  /// A session that fails while it is opened takes its sink with it, and what the sink knows of the failure. So a target
  /// that fails meanwhile is said to have failed at the first write after it.
  var isOpening = true
  private(set) var tally = RecordTally()
  private(set) var failure: IOFailure?

  init(_ target: consuming Target) { self.target = target }

  mutating func write(_ list: borrowing GatherList) throws(StreamError) {
    do throws(IOFailure) {
      if let failure { throw failure }
      for index in 0..<list.count { try target.write(list[index]) }
    } catch {
      failure = error
      if isOpening { return }
      throw StreamError(.truncated, .use, at: tally.octets)
    }
    tally.note(list)
  }

  /// Keeps what failed behind the last octet.
  mutating func fail(_ failure: IOFailure) { self.failure = self.failure ?? failure }
}

/// A file that appears whole or not at all.
struct FileTarget: ~Copyable, SaveTarget {
  var file: AtomicOutputFile

  mutating func write(_ octets: RawSpan) throws(IOFailure) { try file.write(octets) }
}

extension UnixSocket: SaveTarget {}
