import Foundation
import MigrationStream
import StreamTestKit

/// The destination's memory, which all channels of a ``ChannelModel`` write to, and what it must never see.
final class ChannelTarget: @unchecked Sendable {
  private let lock = NSLock()
  private let recordsOfPass: [Int]
  private var done: [Int]
  private var barriers = 0
  private var octets: [UInt8]
  private var faults: [String] = []

  init(_ model: ChannelModel) {
    recordsOfPass = model.recordsOfPass
    done = .init(repeating: 0, count: model.recordsOfPass.count)
    octets = .init(repeating: 0, count: ChannelModel.regionByteCount)
  }

  var memory: [UInt8] { lock.withLock { octets } }
  var complaints: [String] { lock.withLock { faults } }

  /// A record of a pass is handed out: all of the passes before it is there.
  func begin(_ pass: UInt32) {
    lock.withLock {
      if barriers < pass { faults.append("pass \(pass) after \(barriers) barriers") }
      for earlier in 0..<Int(pass) where done[earlier] != recordsOfPass[earlier] {
        faults.append("pass \(pass) with \(done[earlier]) of \(recordsOfPass[earlier]) records of pass \(earlier)")
      }
    }
  }

  func end(_ pass: UInt32) { lock.withLock { done[Int(pass)] += 1 } }

  func barrier() { lock.withLock { barriers += 1 } }

  /// Puts octets where they belong; data says its pass.
  func put(_ values: [UInt8], at offset: UInt64, pass: UInt32) {
    lock.withLock {
      for (index, value) in values.enumerated() {
        if value != 0, UInt32(value & 7) != pass + 1 { faults.append("octet of pass \(value & 7) in \(pass)") }
        octets[Int(offset) + index] = value
      }
    }
  }
}

/// One channel's records on their way to the target.
struct ChannelPlacer: StreamHandler {
  let target: ChannelTarget
  private var pass: UInt32?
  private var extents: [Extent] = []
  private var payload: [UInt8] = []

  init(_ target: ChannelTarget) { self.target = target }

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {
    extents = []
    payload = []
    pass = nil
    switch record.header.knownKind {
    case .memory:
      let head = MemoryHead(record.body)
      extents = (0..<Int(head.extentCount)).map { MemoryHead.extent($0, in: record.body) }
      pass = head.pass
    case .bytes: pass = BytesHead(record.body).pass
    default: break
    }
    if let pass { target.begin(pass) }
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) {
    unsafe octets.withUnsafeBytes { unsafe payload.append(contentsOf: $0) }
  }

  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {
    if header.knownKind == .barrier { target.barrier() }
    guard let pass else { return }
    var position = 0
    for extent in extents {
      let count = Int(extent.length)
      if extent.kind == .data {
        target.put(Array(payload[position..<position + count]), at: extent.offset, pass: pass)
        position += count
      } else {
        target.put(.zeros(count), at: extent.offset, pass: pass)
      }
    }
    target.end(pass)
  }
}
