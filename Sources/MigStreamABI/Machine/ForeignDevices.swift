internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// The devices of a caller, reached through its table of functions.
@safe
struct ForeignDevices: MigratingDevices, ~Copyable {
  private let builder: ManifestBuilder
  private let notes: ManifestNotes
  /// By device; of one whose layouts are not known, of nothing.
  private var rules: OwnedList<SectionRules>
  private let aliases: LayoutAliases
  let ops: mgs_device_ops
  let context: UnsafeMutableRawPointer?
  /// What devices save to.
  private let emitter: UnsafeMutablePointer<Handle<EmitterValue>>
  private var structs: StructDevices
  private let log: LogHook
  /// Why a device whose state lies in a struct refused: more than a ``DeviceFailure`` can say.
  private(set) var failure: StreamError?

  /// - Parameter ops: They and `context` outlive the devices.
  /// - Throws: `outOfMemory`; `unknownLayout` and whatever else is wrong with what a manifest announces.
  init(
    _ manifest: borrowing ManifestValue, _ ops: mgs_device_ops, _ context: UnsafeMutableRawPointer?,
    _ settings: Settings
  ) throws(StreamError) {
    let (limits, allocator) = (manifest.settings.limits, settings.allocator)
    let builder = try manifest.builder.copy(allocator: allocator)
    let notes = try manifest.notes.copy(limits: limits, allocator: allocator)
    let structs = try StructDevices(notes, limits: limits, allocator: allocator)
    let rules = try Self.rules(notes, structs, isSource: unsafe ops.save != nil, allocator)
    let emitted = try manifest.notes.copy(limits: limits, allocator: allocator)
    unsafe self.emitter = unsafe try Handle.make(EmitterValue(emitted), settings)
    self.builder = builder
    self.structs = structs
    self.notes = notes
    self.rules = rules
    aliases = LayoutAliases(allocator: allocator)
    self.ops = ops
    log = settings.log
    unsafe self.context = unsafe context
  }

  deinit { unsafe Handle.destroy(emitter) }

  private static func rules(
    _ notes: borrowing ManifestNotes, _ structs: borrowing StructDevices, isSource: Bool, _ allocator: StreamAllocator
  ) throws(StreamError) -> OwnedList<SectionRules> {
    var rules = OwnedList<SectionRules>(allocator: allocator)
    for device in 0..<notes.devices.count {
      if let position = structs.position(of: device) {
        try rules.append(structs.list[position].rules(allocator: allocator))
        continue
      }
      do throws(StreamError) {
        try rules.append(notes.rules(of: device, allocator: allocator))
      } catch {
        // A machine that only saves need not know what is in its layouts.
        guard error.code == .unknownLayout, isSource, notes.hasExternalLayouts else { throw error }
        break
      }
    }
    return rules
  }

  borrowing func manifest(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    try builder.copy(allocator: allocator)
  }

  var deviceCount: Int { notes.devices.count }

  var hasStructs: Bool { !structs.isEmpty }

  borrowing func traits(of device: Int) -> DeviceTraits { notes.devices[device].traits }

  /// What a function of the caller returned; 0 is good.
  private func check(_ result: Int32) throws(DeviceFailure) {
    if result != 0 { throw DeviceFailure(reason: result.magnitude, isBroken: result < 0) }
  }

  private func number(_ device: Int) -> UInt32 { UInt32(truncatingIfNeeded: device) }

  /// Does something with a struct, and remembers why it did not.
  private mutating func withStruct(
    _ position: Int, _ device: Int, _ body: (inout StructDevice) throws(StreamError) -> Void
  ) throws(DeviceFailure) {
    do throws(StreamError) {
      try body(&structs.list[position])
    } catch {
      var told = error
      told.device = number(device)
      failure = told
      throw DeviceFailure(reason: 0)
    }
  }

  // MARK: States

  mutating func move(_ device: Int, along arc: MigrationArc) throws(DeviceFailure) {
    failure = nil
    if arc.end == .resuming, let position = structs.position(of: device) {
      try withStruct(position, device) { (state) throws(StreamError) in try state.takeLocalValues() }
    }
    guard let move = unsafe ops.move else { return }
    try check(unsafe move(context, number(device), arc.start.rawValue, arc.end.rawValue))
  }

  mutating func reset(_ device: Int) {
    guard let reset = unsafe ops.reset else { return }
    unsafe reset(context, number(device))
  }

  // MARK: Source

  @_lifetime(borrow self)
  borrowing func writerLayouts(of device: Int) -> LayoutTable { notes.table(of: device) }

  borrowing func estimate(of device: Int) -> SaveEstimate {
    guard let estimate = unsafe ops.estimate else { return SaveEstimate() }
    var found = mgs_estimate()
    found.size = MemoryLayout<mgs_estimate>.size
    guard unsafe estimate(context, number(device), &found) == 0 else { return SaveEstimate() }
    return SaveEstimate(
      initialByteCount: found.initial_size, dirtyByteCount: found.dirty_size, stopCopyByteCount: found.stop_copy_size)
  }

  mutating func save<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer {
    let answer = unsafe ops.save == nil ? .done : try ask(device, phase, &emitter)
    guard answer == .done, phase == .stopCopy, structs.position(of: device) != nil else { return answer }
    let base = emitter.layoutBase
    try structs.save(device, notes, layoutBase: base) { (number, layout, write) throws(StreamError) in
      try emitter.section(number, layout: layout, write)
    }
    return .done
  }

  /// What the caller's own function gives.
  private mutating func ask<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, _ emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer {
    guard let save = unsafe ops.save else { return .done }
    let (context, handle) = unsafe (context, self.emitter)
    let isStopped: UInt32 = phase == .stopCopy ? 1 : 0
    let result = unsafe withUnsafeMutablePointer(to: &emitter) { emitter in
      // Safe: devices of this type save to a WriterSink and to nothing else.
      unsafe handle.pointee.value.begin(
        UnsafeMutableRawPointer(emitter).assumingMemoryBound(to: SaveEmitter<WriterSink>.self), device)
      let result = unsafe save(context, number(device), isStopped, OpaquePointer(handle))
      unsafe handle.pointee.value.end()
      return result
    }
    if let failure = unsafe handle.pointee.value.failure { throw failure }
    switch result {
    case 0, Int32(bitPattern: MGS_DONE.rawValue): return .done
    case Int32(bitPattern: MGS_MORE.rawValue): return .more
    case Int32(bitPattern: MGS_NO_DATA_NOW.rawValue): return .noDataNow
    default: throw StreamError(.deviceFailed, .resume, at: 0, found: UInt64(result.magnitude), device: number(device))
    }
  }

  // MARK: Destination

  borrowing func withReader<Result>(
    of device: Int,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    guard device < rules.count else { throw StreamError(.unknownLayout, .resume, at: 0, device: number(device)) }
    if let position = structs.position(of: device) {
      return try Self.lend(structs.list[position], rules[device], body)
    }
    return try body(rules[device], notes.table(of: device), aliases.table)
  }

  @_lifetime(borrow self)
  borrowing func localValues(_ device: Int, _ piece: RulePiece) -> RawSpan {
    guard let position = structs.position(of: device) else { return RawSpan() }
    let octets = unsafe structs.list[position].withLocalValues(piece) { octets in
      unsafe octets.withUnsafeBytes { unsafe $0 }
    }
    // Safe: they lie in memory of the device, which stays as it is while the device is borrowed.
    return unsafe _overrideLifetime(octets.bytes, borrowing: self)
  }

  borrowing func skipped(_ piece: SkippedPiece, _ name: RawSpan) {
    let (event, stage): (mgs_event, StreamError.Stage) =
      switch piece.kind {
      case .record: (MGS_EVENT_RECORD_SKIPPED, .record)
      case .device: (MGS_EVENT_DEVICE_SKIPPED, .manifest)
      case .section: (MGS_EVENT_SECTION_SKIPPED, .section)
      case .subsection: (MGS_EVENT_SUBSECTION_SKIPPED, .section)
      }
    log.notice(
      event, stage, at: piece.offset, found: UInt64(piece.number), record: piece.record, device: piece.device, name)
  }

  private static func lend<Result>(
    _ device: borrowing StructDevice, _ rules: borrowing SectionRules,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    try body(rules, device.layouts.table, device.aliases.table)
  }

  @_lifetime(&self)
  mutating func memory(region: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    guard let target = unsafe ops.target else { throw DeviceFailure(reason: 0) }
    var (memory, room) = unsafe (UnsafeMutableRawPointer?.none, 0)
    try check(unsafe target(context, number(region), offset, byteCount, &memory, &room))
    return unsafe try lent(memory, room, byteCount)
  }

  @_lifetime(&self)
  mutating func byteString(_ device: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    guard let target = unsafe ops.bytes_target else { throw DeviceFailure(reason: 0) }
    var (memory, room) = unsafe (UnsafeMutableRawPointer?.none, 0)
    try check(unsafe target(context, number(device), offset, byteCount, &memory, &room))
    return unsafe try lent(memory, room, byteCount)
  }

  @_lifetime(&self)
  private mutating func lent(
    _ memory: UnsafeMutableRawPointer?, _ room: Int, _ byteCount: Int
  ) throws(DeviceFailure) -> MutableRawSpan {
    guard room > 0, room <= byteCount, let memory = unsafe writableOctets(memory, room), let base = memory.baseAddress
    else { throw DeviceFailure(reason: 0) }
    // Safe: the caller lends it for as long as it takes to put the octets there.
    let span = unsafe MutableRawSpan(_unsafeStart: base, byteCount: room)
    return unsafe _overrideLifetime(span, mutating: &self)
  }

  mutating func clear(region: Int, offset: UInt64, byteCount: UInt64, discards: Bool) throws(DeviceFailure) {
    guard let clear = unsafe ops.clear else { throw DeviceFailure(reason: 0) }
    try check(unsafe clear(context, number(region), offset, byteCount, discards ? 1 : 0))
  }

  mutating func write(_ device: Int, _ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {
    guard octets.byteCount > 0 else { return }
    guard let take = unsafe ops.bytes else { throw DeviceFailure(reason: 0) }
    let result = unsafe octets.withUnsafeBytes { octets in
      unsafe take(context, number(device), octets.baseAddress.unsafelyUnwrapped, octets.count, offset)
    }
    try check(result)
  }

  mutating func prepare(_ device: Int, _ state: StagedState) throws(DeviceFailure) {
    failure = nil
    if let position = structs.position(of: device) {
      try withStruct(position, device) { (taker) throws(StreamError) in try taker.prepare(state) }
    } else if let look = unsafe ops.check {
      for index in state.pieces.indices {
        var piece = unsafe mgs_piece(state, index, notes.devices[device], notes)
        try check(unsafe look(context, number(device), &piece))
      }
    }
    try write(device, state.byteString, at: 0)
    guard let prepare = unsafe ops.prepare else { return }
    try check(unsafe prepare(context, number(device)))
  }

  mutating func commit(_ device: Int) throws(DeviceFailure) {
    if let position = structs.position(of: device) {
      try withStruct(position, device) { (taker) throws(StreamError) in try taker.commit() }
    }
    if let commit = unsafe ops.commit { try check(unsafe commit(context, number(device))) }
    log.notice(MGS_EVENT_DEVICE_LOADED, at: 0, device: number(device))
  }
}

extension mgs_piece {
  /// Safe as long as the session's private memory is, in which staged pieces lie until they are applied.
  init(_ state: StagedState, _ index: Int, _ device: DeviceNotes, _ notes: borrowing ManifestNotes) {
    let piece = state.pieces[index]
    let position = piece.piece.number + (piece.piece.isSubsection ? device.sectionCount : 0)
    unsafe self.init(
      size: MemoryLayout<mgs_piece>.size, number: UInt32(piece.piece.number), is_subsection: piece.piece.isSubsection ? 1 : 0,
      layout: notes.pieces[device.firstPiece + position].layout, owner: UInt32(max(piece.owner, 0)), offset: piece.offset,
      data: mgs_octets(state.data(of: piece)))
  }
}
