public import CMigStream
internal import MigrationStream
internal import ResumePath

@c @implementation
public func mgs_verify(
  _ stream: UnsafeRawPointer?, _ size: Int, _ tier: UInt32, _ summary: UnsafeMutablePointer<mgs_summary>?,
  _ config: UnsafePointer<mgs_config>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let stream = unsafe octets(stream, size), let tier = verifyTier(tier), let settings = unsafe Settings(config),
    unsafe summary == nil || fillStruct(summary, mgs_summary())
  else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  do throws(StreamError) {
    var decoder = try DecoderValue(tier, unsafe EventHandler(nil, nil, settings.log), settings)
    let taken = unsafe try decoder.push(stream.bytes)
    let found = try decoder.finish(isEmbedded: true)
    guard taken == stream.count else { throw StreamError(.trailingData, .end, at: UInt64(taken)) }
    if unsafe summary != nil { _ = unsafe fillStruct(summary, found) }
    return 0
  } catch let refusal {
    return unsafe tell(refusal, settings.log, error)
  }
}

@c @implementation
public func mgs_manifest_check(
  _ manifest: OpaquePointer?, _ stream: UnsafeRawPointer?, _ size: Int, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let stream = unsafe octets(stream, size) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(manifest, ManifestValue.self, error) { (manifest) throws(StreamError) in
    var machine = unsafe try manifest.machine(mgs_device_ops(), nil)
    let session = try machine.request(MigrationState.resuming.rawValue)
    var rest = unsafe stream.bytes
    while machine.control.compatibility == .unknown {
      // Never past MANIFEST, behind which a stream may be refused for other reasons.
      let count = min(machine.control.wantedByteCount, rest.byteCount)
      guard count > 0 else {
        throw StreamError(
          .truncated, .manifest, at: machine.control.offset, expected: UInt64(machine.control.wantedByteCount))
      }
      _ = try machine.write(rest.extracting(first: count), session)
      rest = rest.extracting(droppingFirst: count)
    }
    return 0
  }
}

@c @implementation
public func mgs_device_bound(_ manifest: OpaquePointer?, _ data_size: Int) -> Int {
  guard data_size >= 0 else { return 0 }
  var bound = 0
  let found = unsafe withHandle(manifest, ManifestValue.self, nil) { (manifest) throws(StreamError) in
    try manifest.close()
    bound = manifest.streamByteCountMax(data_size)
    return 0
  }
  return found == 0 ? bound : 0
}

@c @implementation
public func mgs_encode_device(
  _ manifest: OpaquePointer?, _ sections: UnsafePointer<mgs_octets>?, _ num_sections: Int, _ uuid: UnsafePointer<UInt8>?,
  _ target: UnsafeMutableRawPointer?, _ capacity: Int, _ written: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard num_sections >= 0, unsafe sections != nil || num_sections == 0 else {
    if let written = unsafe written { unsafe written.pointee = 0 }
    return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error)
  }
  return unsafe encodeDevice(manifest, uuid, target, capacity, written, error) { (manifest, name, target) throws(StreamError) in
    unsafe try manifest.encode(name, target, written, error) { (manifest, encoder, sink) throws(StreamError) in
      guard manifest.notes.devices.count == 1, num_sections == manifest.notes.devices[0].sectionCount else { return false }
      for number in 0..<num_sections {
        guard let data = unsafe octets(sections.unsafelyUnwrapped[number]),
          let layout = manifest.notes.section(UInt32(number), of: 0)?.layout
        else { return false }
        sink.write(unsafe try encoder.section(device: 0, section: UInt16(number), layout: layout, data: data.bytes))
      }
      return true
    }
  }
}

/// 16 octets of the caller; NULL: zeros.
func streamUUID(_ uuid: UnsafePointer<UInt8>?) -> StreamUUID {
  guard let uuid = unsafe uuid else { return StreamUUID(low: 0, high: 0) }
  return unsafe StreamUUID(UnsafeRawBufferPointer(start: uuid, count: 16).bytes)
}

/// Writes a stream of one device to memory of the caller's.
///
/// - Parameter body: Writes it, of a manifest that is closed.
func encodeDevice(
  _ manifest: OpaquePointer?, _ uuid: UnsafePointer<UInt8>?, _ target: UnsafeMutableRawPointer?, _ capacity: Int,
  _ written: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<mgs_error>?,
  _ body: (inout ManifestValue, StreamUUID, UnsafeMutableRawBufferPointer) throws(StreamError) -> Int32
) -> Int32 {
  if let written = unsafe written { unsafe written.pointee = 0 }
  guard let target = unsafe writableOctets(target, capacity) else {
    return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error)
  }
  let name = unsafe streamUUID(uuid)
  return unsafe withHandle(manifest, ManifestValue.self, error) { (manifest) throws(StreamError) in
    try manifest.close()
    return unsafe try body(&manifest, name, target)
  }
}

/// Who takes the pieces of ``mgs_decode_device``.
@unsafe
private struct PieceTaker {
  let take: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<mgs_piece>?) -> Int32
  let context: UnsafeMutableRawPointer?
}

@c @implementation
public func mgs_decode_device(
  _ manifest: OpaquePointer?, _ stream: UnsafeRawPointer?, _ size: Int,
  _ take: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<mgs_piece>?) -> Int32)?,
  _ context: UnsafeMutableRawPointer?, _ taken: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  if let taken = unsafe taken { unsafe taken.pointee = 0 }
  guard let stream = unsafe octets(stream, size), let take = unsafe take else {
    return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error)
  }
  return unsafe withHandle(manifest, ManifestValue.self, error) { (manifest) throws(StreamError) in
    var ops = mgs_device_ops()
    unsafe ops.check = { taker, _, piece in
      let taker = unsafe taker.unsafelyUnwrapped.assumingMemoryBound(to: PieceTaker.self).pointee
      return unsafe taker.take(taker.context, piece)
    }
    var taker = unsafe PieceTaker(take: take, context: context)
    return unsafe try withUnsafeMutablePointer(to: &taker) { (taker) throws(StreamError) in
      var machine = unsafe try manifest.machine(ops, UnsafeMutableRawPointer(taker))
      let session = try machine.request(MigrationState.resuming.rawValue)
      let count = unsafe try machine.write(stream.bytes, session)
      try machine.finish(session, isEmbedded: true)
      if let taken = unsafe taken { unsafe taken.pointee = count }
      return 0
    }
  }
}

extension ManifestValue {
  /// Writes a stream of one device.
  ///
  /// - Parameter sections: Writes its sections; returns false when an argument is wrong.
  /// - Returns: The result of the call.
  func encode(
    _ uuid: StreamUUID, _ target: UnsafeMutableRawBufferPointer, _ written: UnsafeMutablePointer<Int>?,
    _ error: UnsafeMutablePointer<mgs_error>?,
    _ sections: (borrowing ManifestValue, inout StreamEncoder, inout TargetSink) throws(StreamError) -> Bool
  ) throws(StreamError) -> Int32 {
    guard notes.devices.count == 1 else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    var sink = unsafe TargetSink(target)
    let options = StreamOptions(uuid: uuid, isSingleDevice: true)
    var encoder = try StreamEncoder(
      preamble: options.preamble(builder, notes), limits: settings.limits, allocator: settings.allocator)
    let opening = try StreamOpening(self, options, settings)
    try opening.write(builder, with: &encoder, to: &sink)
    guard try sections(self, &encoder, &sink) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    sink.write(try encoder.end())
    return unsafe told(sink, target, written, error)
  }

  /// Tells how much was written, or how much room it takes.
  func told(
    _ sink: borrowing TargetSink, _ target: UnsafeMutableRawBufferPointer, _ written: UnsafeMutablePointer<Int>?,
    _ error: UnsafeMutablePointer<mgs_error>?
  ) -> Int32 {
    guard sink.byteCount <= target.count else {
      return unsafe refuse(MGS_ERROR_TARGET_TOO_SMALL, error, expected: sink.byteCount, found: target.count)
    }
    if let written = unsafe written { unsafe written.pointee = sink.byteCount }
    return 0
  }

  /// A machine for the time of a call.
  mutating func machine(
    _ ops: mgs_device_ops, _ context: UnsafeMutableRawPointer?
  ) throws(StreamError) -> MachineValue {
    try close()
    let devices = unsafe try ForeignDevices(self, ops, context, settings)
    return try MachineValue(devices, ResumeOptions(), settings.limits, settings)
  }

  /// Octets that a stream of one device takes at most; 0 when that is no number.
  fileprivate borrowing func streamByteCountMax(_ dataByteCount: Int) -> Int {
    guard notes.devices.count == 1 else { return 0 }
    let header = RecordHeader.byteCount
    // Each record is padded to a multiple of 8; END has a body of 416 octets.
    var bound = Preamble.byteCount + header + builder.bodyByteCount + 8 + header + 416
    let table = notes.layouts.table
    for number in 0..<UInt32(table.count) {
      let stored = table.isExternal(number) ? table.identity(of: number) : table.layout(number).octets
      bound += header + 32 + stored.byteCount + 8
    }
    bound += notes.devices[0].sectionCount * (header + SectionHead.byteCount + 8)
    let (sum, overflow) = bound.addingReportingOverflow(dataByteCount)
    return overflow ? 0 : sum
  }
}
