import ArgumentParser
import MigrationStream
import ReferenceDevices
import ResumePath
import StreamIO

/// A destination: the machine that a stream asks for, or another one, and what came of it.
struct ResumeRun: ~Copyable {
  var control: MigrationControl<ObservedMachine>
  var destination: MigrationDestination
  let guest: GuestRun
  let uuid: StreamUUID
  private let isStrict: Bool
  private var cutter = TransactionCutter()

  /// Makes the machine and opens a session.
  init(
    _ options: MachineOptions, _ resume: ResumeOptions, stream uuid: StreamUUID, journal: String?
  ) throws {
    let machine = try ReferenceMachine.making(options)
    var control = try MigrationControl(ObservedMachine(machine), options: resume)
    let guest = try GuestRun(.destination, uuid, journal: journal)
    let destination = try MigrationDestination(&control)
    self.control = control
    self.destination = destination
    self.guest = guest
    self.uuid = uuid
    isStrict = resume.isStrict
  }

  /// Whether END came.
  var isComplete: Bool { control.status == .complete }

  /// Takes octets as they came; in strict mode each transaction becomes one write.
  mutating func take(_ octets: RawSpan) throws(StreamError) {
    guard isStrict else {
      _ = try destination.write(octets, &control)
      return
    }
    var rest = octets
    while rest.byteCount > 0 {
      guard let transaction = cutter.next(&rest) else { return }
      _ = try destination.write(transaction.span.octets, &control)
    }
  }

  /// Octets behind which a payload may be read to where it belongs.
  var wantedByteCount: Int { isStrict ? 65_536 : max(1, control.wantedByteCount) }

  /// Lets a caller read a payload to where it belongs; nil where nothing belongs anywhere yet.
  mutating func readInPlace(_ fill: (inout MutableRawSpan) -> Int) throws(StreamError) -> Int? {
    isStrict ? nil : try destination.writeInPlace(byteCount: 1 << 20, &control, fill)
  }

  /// Commits, and lets the guest run.
  mutating func finish() throws(StreamError) {
    // What is left of a transaction that never ended is refused as what it is.
    let rest = cutter.takeRest()
    if !rest.isEmpty { _ = try destination.write(rest.span.octets, &control) }
    try destination.finish(&control)
    try destination.run(&control)
  }
}

/// Cuts a stream into transactions: the preamble; a record; all records of a write unit.
struct TransactionCutter {
  private var gathered: [UInt8] = []
  /// Octets of the piece at hand, when they are known.
  private var wanted = Preamble.byteCount
  /// Where the record at hand starts in what was gathered; nil in the preamble.
  private var recordStart: Int?

  /// Takes octets up to the end of a transaction.
  ///
  /// - Returns: nil when it did not end.
  mutating func next(_ rest: inout RawSpan) -> [UInt8]? {
    while rest.byteCount > 0 {
      let count = min(rest.byteCount, wanted - gathered.count)
      gathered.reserveCapacity(gathered.count + count)
      for index in 0..<count { gathered.append(rest.octet(at: index)) }
      rest = rest.extracting(droppingFirst: count)
      guard gathered.count == wanted else { return nil }
      if let start = recordStart, gathered.count == start + RecordHeader.byteCount, let length = recordByteCount(start) {
        wanted = start + length
        if length > RecordHeader.byteCount { continue }
      }
      if let start = recordStart, goesOn(start) {
        recordStart = gathered.count
        wanted = gathered.count + RecordHeader.byteCount
        continue
      }
      defer {
        gathered = []
        (recordStart, wanted) = (0, RecordHeader.byteCount)
      }
      return gathered
    }
    return nil
  }

  mutating func takeRest() -> [UInt8] {
    defer { gathered = [] }
    return gathered
  }

  /// Octets of the record as its header says; the header alone for one that is longer than any may be.
  private func recordByteCount(_ start: Int) -> Int? {
    let head = gathered.span.octets.extracting(droppingFirst: start)
    let (body, payload) = (head.integer(at: 24, as: UInt64.self), head.integer(at: 40, as: UInt64.self))
    let max: UInt64 = 128 << 20
    guard head.integer(at: 0, as: UInt32.self) == Format.sync, body <= max, payload <= max else { return nil }
    return RecordHeader.byteCount + Int(body + payload) + Int(head.octet(at: 10)) + Int(head.octet(at: 11))
  }

  /// Whether the record is part of a write unit that goes on.
  private func goesOn(_ start: Int) -> Bool {
    let head = gathered.span.octets.extracting(droppingFirst: start)
    return head.integer(at: 0, as: UInt32.self) == Format.sync
      && head.integer(at: 4, as: UInt16.self) == RecordKind.bytes.rawValue
      && head.integer(at: 6, as: UInt16.self) & RecordFlags.unitLast == 0
  }
}
