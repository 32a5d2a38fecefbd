public import CMigStream
internal import MigrationStream
internal import ResumePath

@c @implementation
public func mgs_manifest_add_struct(
  _ manifest: OpaquePointer?, _ device: UnsafePointer<mgs_device>?, _ model: UnsafePointer<mgs_model>?,
  _ state: UnsafeMutableRawPointer?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe withHandle(manifest, ManifestValue.self, error) { (value) throws(StreamError) in
    guard let model = unsafe model, let state = unsafe state, let device = unsafe device,
      var given = unsafe readStruct(device, mgs_device())
    else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    if unsafe given.model.size == 0 {
      let name = unsafe tableText(model.pointee.name)
      unsafe given.model = unsafe mgs_text(
        octets: name.baseAddress?.assumingMemoryBound(to: CChar.self), size: name.count)
    }
    if unsafe given.version == 0 {
      unsafe (given.version, given.version_min) = (model.pointee.version, max(model.pointee.version_min, 1))
    }
    if unsafe given.apply == 0 { unsafe given.apply = unsafe UInt32(model.pointee.apply) }
    if unsafe given.clock == 0 { unsafe given.clock = unsafe UInt32(model.pointee.clock) }
    guard let entry = unsafe NewDevice(given) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    return unsafe try value.add(entry, StructPlace(model, state))
  }
}

@c @implementation
public func mgs_manifest_layout(
  _ manifest: OpaquePointer?, _ device: UInt32, _ layout: UInt32, _ canonical: UnsafeMutablePointer<mgs_octets>?
) -> Int32 {
  guard let canonical = unsafe canonical else { return status(MGS_ERROR_BAD_ARGUMENT) }
  return unsafe withHandle(manifest, ManifestValue.self, nil) { (value) throws(StreamError) in
    guard Int(device) < value.notes.devices.count else { return status(MGS_ERROR_BAD_ARGUMENT) }
    let table = value.notes.table(of: Int(device))
    guard table.contains(layout), !table.isExternal(layout) else { return status(MGS_ERROR_BAD_ARGUMENT) }
    unsafe canonical.pointee = mgs_octets(table.layout(layout).octets)
    return 0
  }
}

@c @implementation
public func mgs_encoder_struct(
  _ encoder: OpaquePointer?, _ device: UInt32, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe withHandle(encoder, EncoderValue.self, error) { (encoder) throws(StreamError) in
    try encoder.structure(of: device)
    return 0
  }
}

@c @implementation
public func mgs_encode_struct(
  _ manifest: OpaquePointer?, _ uuid: UnsafePointer<UInt8>?, _ target: UnsafeMutableRawPointer?, _ capacity: Int,
  _ written: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe encodeDevice(manifest, uuid, target, capacity, written, error) { (manifest, name, target) throws(StreamError) in
    guard manifest.holdsOneStruct else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    if manifest.hasRoutine(), manifest.routines[0].save(name, manifest.notes) {
      var sink = unsafe TargetSink(target)
      manifest.routines[0].write(to: &sink)
      return unsafe manifest.told(sink, target, written, error)
    }
    return unsafe try manifest.encode(name, target, written, error) { (manifest, encoder, sink) throws(StreamError) in
      let structs = try StructDevices(
        manifest.notes, limits: manifest.settings.limits, allocator: manifest.settings.allocator)
      try structs.save(0, manifest.notes, layoutBase: 0) { (number, layout, write) throws(StreamError) in
        sink.write(try encoder.section(device: 0, section: number, layout: layout, write))
      }
      return true
    }
  }
}

extension ManifestValue {
  fileprivate var holdsOneStruct: Bool { notes.devices.count == 1 && notes.devices[0].place != nil }

  /// Loads on the long way, and remembers how the stream began.
  ///
  /// - Returns: Octets of the stream.
  fileprivate mutating func load(_ stream: RawSpan) throws(StreamError) -> Int {
    var machine = unsafe try machine(mgs_device_ops(), nil)
    let session = try machine.request(MigrationState.resuming.rawValue)
    let count = try machine.write(stream, session)
    try machine.finish(session, isEmbedded: true)
    // Whoever loads once is not made to pay for more.
    if hasLoaded, hasRoutine(), routines[0].opens(stream) { routines[0].noteTaken() }
    hasLoaded = true
    return count
  }
}

@c @implementation
public func mgs_decode_struct(
  _ manifest: OpaquePointer?, _ stream: UnsafeRawPointer?, _ size: Int, _ taken: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  if let taken = unsafe taken { unsafe taken.pointee = 0 }
  guard let stream = unsafe octets(stream, size) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(manifest, ManifestValue.self, error) { (manifest) throws(StreamError) in
    guard manifest.holdsOneStruct else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    try manifest.close()
    var count = 0
    // On the short way nothing is noticed: who listens is told on the long one.
    if manifest.settings.log.isSilent, manifest.routines.count > 0,
      let short = unsafe manifest.routines[0].load(stream.bytes, manifest.notes)
    {
      count = short
    } else {
      count = unsafe try manifest.load(stream.bytes)
    }
    if let taken = unsafe taken { unsafe taken.pointee = count }
    return 0
  }
}
