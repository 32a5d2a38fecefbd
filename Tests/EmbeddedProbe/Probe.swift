public import MigrationStream
public import ResumePath

// Nearly all of ResumePath is generic, and becomes code only where devices and a sink are known. Here they are; what the
// compiler then makes is what `.ci/check-embedded` looks at. Nobody calls these functions.

public typealias ProbeControl = MigrationControl<ProbeDevices>

// MARK: A machine

public func probeControl(_ options: ResumeOptions, _ allocator: StreamAllocator) throws(StreamError) -> ProbeControl {
  try ProbeControl(ProbeDevices(allocator: allocator), options: options, allocator: allocator)
}

public func probeStates(_ control: inout ProbeControl, _ goal: UInt32) throws(StreamError) -> MigrationState {
  _ = try control.request(goal)
  _ = control.recover(to: goal)
  control.reset()
  try control.devices.withReader(of: 0) { (_, _, _) throws(StreamError) in }
  return control.state(of: 0)
}

public func probeResume(_ control: inout ProbeControl, _ octets: RawSpan) throws(StreamError) -> UInt64 {
  let handle = try control.open()
  _ = try control.write(octets, handle)
  _ = try control.writeInPlace(byteCount: control.wantedByteCount, handle) { $0.byteCount }
  try control.finish(handle, exclusive: false)
  try control.abort(handle)
  return control.offset
}

public func probeSoleAccess(
  _ control: consuming sending ProbeControl, _ octets: RawSpan
) throws(StreamError) -> UInt64 {
  let access = try SoleAccess(control)
  return try access.withAccess { (control) throws(StreamError) in try probeResume(&control, octets) }
}

// MARK: Saving

public func probeSave(_ control: inout ProbeControl, _ options: SaveOptions) throws(StreamError) -> Int {
  var save = try SaveSession(&control, ProbeSink(), options)
  while try save.step(&control) == .more {}
  try save.stop(&control)
  if save.estimate(control).stopCopyByteCount > 0 { try save.cancel(&control) }
  try save.finish(&control)
  try save.resumeHere(&control, because: .saidByOperator)
  try save.handOver(&control)
  return try save.withSink { (sink) throws(StreamError) in sink.byteCount }
}

public func probeTransactions(
  _ control: inout ProbeControl, _ options: SaveOptions, _ allocator: StreamAllocator
) throws(StreamError) -> Int {
  var save = try SaveSession(&control, TransactionSink(allocator: allocator), options, allocator: allocator)
  while try save.step(&control) == .more {
    try save.withSink { (sink) throws(StreamError) in if sink.first.byteCount > 0 { sink.removeFirst() } }
  }
  try save.finish(&control)
  return try save.withSink { (sink) throws(StreamError) in sink.count }
}

// MARK: Handing over

public func probeSource(
  _ control: inout ProbeControl, _ options: SaveOptions, _ heard: RawSpan
) throws(StreamError) -> Bool {
  var source = try MigrationSource(&control, ProbeSink(), options, hasReversePath: true)
  while try source.step(&control) == .more { try source.hear(heard, &control) }
  try source.stop(&control)
  if source.mayFinish, source.estimate(control).dirtyByteCount == 0 { try source.finish(&control) }
  try source.hearEnd(&control)
  try source.lose(&control)
  try source.destinationRuns(&control)
  try source.destinationNeverRuns(&control)
  try source.cancel(&control)
  return try source.withSink { (sink) throws(StreamError) in sink.byteCount > 0 } && source.isOver
}

public func probeDestination(_ control: inout ProbeControl, _ octets: RawSpan) throws(StreamError) -> Int {
  var destination = try MigrationDestination(&control)
  _ = try destination.write(octets, &control)
  _ = try destination.writeInPlace(byteCount: control.wantedByteCount, &control) { $0.byteCount }
  try destination.finish(&control)
  try destination.run(&control)
  destination.lose(&control)
  try destination.cancel(&control)
  let byteCount = destination.reply.byteCount
  destination.sent(byteCount)
  return byteCount
}

public func probeReverse(
  _ uuid: StreamUUID, _ event: ReverseEvent, into octets: inout OwnedBytes
) throws(StreamError) -> ReverseEvent? {
  var encoder = ReverseEncoder(uuid: uuid)
  try encoder.encode(event, into: &octets)
  var decoder = try ReverseDecoder(uuid: uuid, deviceCount: 1, allocator: octets.allocator)
  var rest = octets.bytes
  let heard = try decoder.next(&rest)
  try decoder.finish()
  return heard
}

// MARK: The first protocol

public func probeRegion(
  _ window: consuming V1Window, _ options: SaveOptions, _ field: inout MutableRawSpan, at offset: UInt64,
  _ allocator: StreamAllocator
) throws(StreamError) -> V1Iteration {
  var region = try V1Region(
    ProbeDevices(allocator: allocator), window, saveOptions: options, allocator: allocator)
  try region.read(at: offset, into: &field)
  try region.write(at: offset, field.bytes)
  region.reset()
  return region.iteration
}
