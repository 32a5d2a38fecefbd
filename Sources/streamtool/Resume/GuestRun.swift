import MigrationStream
import ReferenceDevices
import StreamIO
import StreamReport

/// Which end of a hand-over this is.
enum HandoverSide: String { case source, destination }

/// Lets a guest run, and writes down every burst before it begins: `SIDE UUID FIRST LAST`.
struct GuestRun: ~Copyable {
  private let side: HandoverSide
  private let stream: StreamUUID
  private let journal: JournalFile?

  /// Steps between two lines.
  static var burst: UInt64 { 64 }

  init(_ side: HandoverSide, _ stream: StreamUUID, journal: String?) throws(IOFailure) {
    self.side = side
    self.stream = stream
    if let journal { self.journal = try JournalFile(appendingTo: journal) } else { self.journal = nil }
  }

  /// Does steps of the workload; none while a device stands still.
  func run(_ steps: UInt64, _ machine: inout ReferenceMachine) throws(IOFailure) {
    var left = steps
    while left > 0 {
      let count = min(left, Self.burst)
      try run(burst: count, &machine)
      left -= count
    }
  }

  private func run(burst count: UInt64, _ machine: inout ReferenceMachine) throws(IOFailure) {
    let first = machine.operationCount
    switch journal {
    case .some(let journal): try journal.append("\(side.rawValue) \(stream.text) \(first + 1) \(first + count)")
    case .none: break
    }
    machine.run(steps: Int(count))
  }
}
