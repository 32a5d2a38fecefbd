import MigrationStream
import ResumePath

/// States, sessions, octets.
extension TraceRun where Devices: ~Copyable {
  mutating func makeMachine(_ machine: TraceMachine, _ options: TraceOptions) throws(TraceStop) {
    var plain = machine
    plain.steps = 0
    let devices = try made(machine, Devices.self)
    let made = try makeTarget(devices, plain, options)
    target = made
    handover = nil
    observer.made(&made.control)
  }

  private mutating func makeTarget(
    _ devices: consuming Devices, _ machine: TraceMachine, _ options: TraceOptions
  ) throws(TraceStop) -> TraceTarget<Devices> {
    do throws(StreamError) {
      guard let window = options.windowByteCount else {
        return try TraceTarget(devices, machine, options.resumeOptions, allocator)
      }
      try? budget.spend(window)
      return try TraceTarget(
        devices, machine, options.resumeOptions, window: Int(clamping: min(window, 1 << 26)), uuid: nextUUID(), allocator)
    } catch { throw .refused(error) }
  }

  /// Another one each time.
  mutating func nextUUID() -> StreamUUID {
    savedCount += 1
    return StreamUUID(low: 0x6563_6172_7400_0000 | savedCount, high: savedCount)
  }

  private func control(
    _ devices: consuming Devices, _ options: ResumeOptions
  ) throws(TraceStop) -> MigrationControl<Devices> {
    do throws(StreamError) { return try MigrationControl(devices, options: options) } catch { throw .refused(error) }
  }

  /// Makes devices, with their steps done.
  mutating func made<Made: TraceDevices & ~Copyable>(
    _ machine: TraceMachine, _ type: Made.Type
  ) throws(TraceStop) -> Made {
    try budget.spend(machine.steps, each: TraceBudget.step)
    do throws(TraceMachineFault) { return try Made.make(machine) } catch { throw .void(error.message) }
  }

  mutating func request(_ state: UInt32) throws(TraceStop) -> String {
    let target = try machine()
    let count = target.sessions.count
    _ = try call(.request(state)) { (control) throws(StreamError) in
      guard let handle = try control.request(state) else { return 0 }
      target.sessions.append(handle)
      return 1
    }
    guard target.sessions.count > count else { return "" }
    target.used = nil
    return note("opened session \(target.sessions.count)")
  }

  mutating func reset() throws(TraceStop) {
    let target = try machine()
    _ = try observed(.reset, nil, target) { () throws(StreamError) in
      target.reset()
      return 0
    }
  }

  mutating func recover(_ state: UInt32) throws(TraceStop) -> String {
    // Its owner would reset the region, which has a session of its own.
    guard try !machine().hasRegion else { throw .void("a machine behind a region is reset by it") }
    let wasReset = try call(.recover(state)) { (control) throws(StreamError) in control.recover(to: state) ? 1 : 0 }
    return wasReset == 1 ? "was reset" : "went there"
  }

  func query(_ device: UInt32?) throws(TraceStop) -> String {
    let target = try machine()
    let count = target.control.devices.deviceCount
    guard let device else { return note("\(count) device\(count == 1 ? "" : "s")") }
    guard device < count else { throw .void("the machine has \(count) devices") }
    return note("\(target.control.state(of: Int(device)))")
  }

  mutating func run(_ steps: UInt64) throws(TraceStop) {
    try budget.spend(steps, each: TraceBudget.step)
    _ = try call(.run(steps: steps)) { (control) throws(StreamError) in
      control.devices.run(steps: steps)
      return 0
    }
  }

  func use(_ session: UInt64?) throws(TraceStop) -> String {
    let target = try machine()
    guard let session else {
      target.used = nil
      return ""
    }
    guard session >= 1, session <= target.sessions.count else {
      throw .void("\(target.sessions.count) session\(target.sessions.count == 1 ? " was" : "s were") opened")
    }
    target.used = Int(session) - 1
    return session == target.sessions.count ? "" : "an old one"
  }

  mutating func finish(exclusive: Bool) throws(TraceStop) {
    let session = try session()
    _ = try call(.finish(exclusive: exclusive), session: session.number) { (control) throws(StreamError) in
      try control.finish(session.handle, exclusive: exclusive)
      return 0
    }
  }

  mutating func abort() throws(TraceStop) {
    let session = try session()
    _ = try call(.abort, session: session.number) { (control) throws(StreamError) in
      try control.abort(session.handle)
      return 0
    }
  }

  /// Whether the machine would take a stream: another machine of its kind is shown preamble and MANIFEST.
  mutating func compatible(_ name: String) throws(TraceStop) -> String {
    let target = try machine()
    let stream = try stream(name)
    let head = stream.octets.prefix(stream.records.first?.upperBound ?? stream.octets.count)
    try budget.spend(octets: head.count)
    var control = try control(try made(target.machine, Devices.self), target.resumeOptions)
    return try refusing { () throws(StreamError) in
      let handle = try control.open()
      _ = try control.write(head.span.octets, handle)
      switch control.compatibility {
      case .unknown: return "not known before MANIFEST"
      case .compatible: return "compatible"
      case .refused(let refusal): throw refusal
      }
    }
  }

  // MARK: Octets

  mutating func write(
    _ name: String, _ range: TraceRange, _ pieces: TracePieces, inPlace: Bool, _ result: inout TraceResult
  ) throws(TraceStop) {
    let octets = try octets(name, range)
    _ = try session()
    var cutter = TraceCutter(pieces, octets, of: try stream(name))
    var consumed: UInt64 = 0
    var calls = 0
    defer {
      result.consumed = consumed
      result.note = note("\(consumed) of \(octets.count) octets taken\(calls > 1 ? " in \(calls) calls" : "")")
    }
    while let piece = cutter.next() {
      calls += 1
      try budget.spend(octets: piece.count)
      let taken = inPlace ? try writeInPlace(piece, &consumed) : try write(piece, &consumed)
      if taken < piece.count { break }
    }
  }

  private mutating func write(_ piece: ArraySlice<UInt8>, _ consumed: inout UInt64) throws(TraceStop) -> Int {
    let session = try session()
    let taken = try call(.write(piece), session: session.number) { (control) throws(StreamError) in
      UInt64(try control.write(piece.span.octets, session.handle))
    }
    consumed += taken
    return Int(taken)
  }

  /// Lets payload octets go to where the machine says, and writes the others piece by piece up to where it may say so.
  private mutating func writeInPlace(_ piece: ArraySlice<UInt8>, _ consumed: inout UInt64) throws(TraceStop) -> Int {
    let session = try session()
    var rest = piece
    repeat {
      var isPlaced = true
      let offered = rest
      let placed = try call(.writeInPlace(offered), session: session.number) { (control) throws(StreamError) in
        let count = try control.writeInPlace(byteCount: offered.count, session.handle) { memory in
          for index in 0..<min(memory.byteCount, offered.count) {
            memory.storeBytes(of: offered[offered.startIndex + index], toByteOffset: index, as: UInt8.self)
          }
          return min(memory.byteCount, offered.count)
        }
        isPlaced = count != nil
        return UInt64(count ?? 0)
      }
      consumed += placed
      rest = rest.dropFirst(Int(placed))
      guard !isPlaced else { continue }
      let wanted = try machine().control.wantedByteCount
      let next = rest.prefix(max(1, wanted))
      let taken = try write(next, &consumed)
      rest = rest.dropFirst(taken)
      if taken < next.count { break }
    } while !rest.isEmpty
    return piece.count - rest.count
  }
}

extension TraceOptions {
  fileprivate var resumeOptions: ResumeOptions {
    var options = ResumeOptions()
    options.isStrict = isStrict
    options.allowsMissingDevices = allowsMissingDevices
    if let stagedBytesMax { options.stagedBytesMax = stagedBytesMax }
    return options
  }
}

/// Cuts octets of a stream into the pieces that an operation asks for.
struct TraceCutter {
  private let pieces: TracePieces
  private var rest: ArraySlice<UInt8>
  /// Where pieces end at the latest, for records and transactions; in ascending order.
  private var ends: ArraySlice<Int> = []
  private var chance: UInt64 = 0
  private var isFirst = true

  init(_ pieces: TracePieces, _ octets: ArraySlice<UInt8>, of stream: TraceStream) {
    self.pieces = pieces
    rest = octets
    switch pieces {
    case .records: ends = ([Preamble.byteCount] + stream.records.map(\.upperBound))[...]
    case .transactions: ends = ([Preamble.byteCount] + stream.transactionEnds)[...]
    case .random(let seed): chance = seed
    case .whole, .bytes: break
    }
  }

  /// - Returns: nil at the end; one piece, without octets, when there are none at all.
  mutating func next() -> ArraySlice<UInt8>? {
    guard isFirst || !rest.isEmpty else { return nil }
    isFirst = false
    let count: Int
    switch pieces {
    case .whole: count = rest.count
    case .bytes(let bytes): count = Int(clamping: bytes)
    case .random: count = randomLength()
    case .records, .transactions:
      while let end = ends.first, end <= rest.startIndex { ends.removeFirst() }
      count = (ends.first ?? rest.endIndex) - rest.startIndex
    }
    let piece = rest.prefix(count)
    rest = rest.dropFirst(piece.count)
    return piece
  }

  /// From 0 to 4095 octets, short ones as often as long ones.
  private mutating func randomLength() -> Int {
    chance &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (chance ^ (chance >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed ^= mixed >> 27
    return Int(mixed >> 8 & ((1 << (mixed % 13)) - 1))
  }
}

extension TraceStream {
  /// Where transactions end: at the end of a record, but for those of a write unit that goes on.
  fileprivate var transactionEnds: [Int] {
    records.compactMap { record in
      let kind = RecordKind(rawValue: UInt16(truncatingIfNeeded: word32(record.lowerBound + 4)))
      let flags = UInt16(truncatingIfNeeded: word32(record.lowerBound + 4) >> 16)
      return kind == .bytes && flags & RecordFlags.unitLast == 0 ? nil : record.upperBound
    }
  }
}
