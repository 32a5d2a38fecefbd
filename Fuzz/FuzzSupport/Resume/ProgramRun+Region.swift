import MigrationStream
import ReferenceReader
import ResumeOracle
import ResumePath

/// Accesses to the first protocol's region.
extension ProgramRun where Base: ~Copyable {
  mutating func performRegion(_ operation: ProgramOperation) {
    guard options.windowByteCount != nil else { return }
    let field = Self.fields[Int(operation.argument) % Self.fields.count]
    switch operation.kind {
    case .regionState: perform(.regionWrite(Self.fields[0], regionState(operation)))
    case .regionRead:
      perform(.regionRead(field))
      // A transaction that is in the window now is taken away when pending_bytes is read, and G lacks it.
      if field == Self.fields[2] { gottenStart = nil }
    case .regionWrite: perform(.regionWrite(field, UInt64(bitPattern: Int64(operation.delta))))
    case .regionData:
      let count = max(1, Int(operation.size & 63))
      perform(
        .regionData(
          offset: UInt64(max(0, Self.windowOffset + Int(operation.delta))), [UInt8](repeating: operation.pieces, count: count)))
    case .regionPut: put(operation)
    default: get(operation)
    }
  }

  /// What the region gives is a right stream, as far as it goes; what is pending may be asked any number of times.
  private mutating func get(_ operation: ProgramOperation) {
    let before = run.streams[Self.gottenName]?.octets.count ?? 0
    if operation.flags.contains(.half) { perform(.regionRead(Self.fields[1])) }
    perform(.regionGet(Self.gottenName))
    // Which says that the transaction was read: until then a change of state gives it again.
    perform(.regionRead(Self.fields[1]))
    guard let octets = run.streams[Self.gottenName]?.octets, octets.count >= before + 8 else { return }
    if octets.span.octets.integer(at: before, as: UInt64.self) == Format.magic { gottenStart = before }
    var reader = ReferenceReader()
    guard !hasFailures, let gottenStart, let refusal = reader.read(Array(octets[gottenStart...])),
      refusal.code != .truncated
    else { return }
    report(FuzzViolation("R1", "what the region gave is refused with \(refusal.code) at \(refusal.offset)"))
  }

  private static var gottenName: String { "G" }

  /// The fields by their names, then accesses of other widths and places.
  private static var fields: [TraceField] {
    [
      TraceField(offset: 0, width: 4), TraceField(offset: 8, width: 8), TraceField(offset: 16, width: 8),
      TraceField(offset: 24, width: 8), TraceField(offset: 4, width: 4), TraceField(offset: 0, width: 8),
      TraceField(offset: 2, width: 2), TraceField(offset: 4096, width: 8), TraceField(offset: 32, width: 1),
    ]
  }

  /// 0: where a caller who wants to get on goes next; else any value.
  private func regionState(_ operation: ProgramOperation) -> UInt64 {
    switch operation.argument {
    case 0: status == .complete ? 0 : status == .committed ? 1 : 4
    case let argument where argument < 9: UInt64(argument) - 1
    default: UInt64(UInt16(bitPattern: operation.delta))
    }
  }

  private static var windowOffset: Int { 4096 }

  /// A transaction whose first half is written once more: that changes nothing.
  ///
  /// - Returns: Whether it was taken.
  private mutating func putInParts(_ octets: [UInt8]) -> Bool {
    perform(.regionRead(Self.fields[2]))
    for part in [octets, Array(octets.prefix(octets.count / 2))] where !part.isEmpty {
      guard perform(.regionData(offset: UInt64(Self.windowOffset), part)) == .done else { return false }
    }
    let outcome = perform(.regionWrite(Self.fields[3], UInt64(octets.count)))
    if case .refused(let refusal) = outcome, refusal.code == .accessOutOfOrder, !octets.isEmpty {
      report(FuzzViolation("R2", "a transaction that was written in parts is refused: \(refusal)"))
    }
    return outcome == .done
  }

  /// Transactions of a stream, as they come: all that are left, or as many as `pieces` says.
  private mutating func put(_ operation: ProgramOperation) {
    guard !streams.isEmpty else { return }
    let number = Int(operation.argument) % streams.count
    if !operation.flags.contains(.asIs), status != .open, status != .complete {
      perform(.reset)
      perform(.regionWrite(Self.fields[0], 4))
    }
    let octets = streams[number]
    let stream = TraceStream(octets)
    var left = operation.pieces == 0 ? 64 : Int(operation.pieces)
    while left > 0, status == .open, violation == nil {
      left -= 1
      let start = min(max(offset + Int(operation.delta), 0), octets.count)
      let end = min(max(stream.endOfRecord(around: start) + Int(operation.size), start), octets.count)
      if operation.flags.contains(.half), end - start < Self.windowOffset {
        guard putInParts(Array(octets[start..<end])) else { return }
        continue
      }
      let range = TraceRange(.offset(UInt64(start)), .offset(UInt64(end)))
      guard perform(.regionPut(name(ofStream: number), range)) == .done else { return }
    }
  }
}
