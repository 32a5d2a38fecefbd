public import CMigStream
internal import MigrationStream
internal import ResumePath

@c @implementation
public func mgs_machine_new(
  _ machine: UnsafeMutablePointer<OpaquePointer?>?, _ manifest: OpaquePointer?, _ ops: UnsafePointer<mgs_device_ops>?,
  _ context: UnsafeMutableRawPointer?, _ options: UnsafePointer<mgs_machine_options>?,
  _ config: UnsafePointer<mgs_config>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let slot = unsafe machine else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  unsafe slot.pointee = nil
  guard let ops = unsafe ops, let functions = unsafe readStruct(ops, mgs_device_ops()),
    let options = unsafe MachineValue.options(options)
  else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(manifest, ManifestValue.self, error) { (manifest) throws(StreamError) in
    try manifest.close()
    return unsafe makeHandle(slot, MachineValue.self, config, error) { (settings) throws(StreamError) in
      _ = try Manifest(manifest.builder, limits: settings.limits, allocator: settings.allocator)
      var settings = settings
      settings.log.tellsProgress = true
      let devices = unsafe try ForeignDevices(manifest, functions, context, settings)
      return try MachineValue(devices, options, settings.limits, settings)
    }
  }
}

@c @implementation
public func mgs_machine_free(_ machine: OpaquePointer?) -> Int32 { unsafe Handle<MachineValue>.free(machine) }

@c @implementation
public func mgs_machine_state(_ machine: OpaquePointer?, _ device: UInt32) -> Int32 {
  unsafe withHandle(machine, MachineValue.self, nil) { (machine) throws(StreamError) in
    Int32(bitPattern: try machine.state(of: device).rawValue)
  }
}

@c @implementation
public func mgs_machine_status_get(_ machine: OpaquePointer?, _ status: UnsafeMutablePointer<mgs_machine_status>?) -> Int32 {
  unsafe withHandle(machine, MachineValue.self, nil) { (machine) throws(StreamError) in
    unsafe fillStruct(status, machine.status()) ? 0 : MigStreamABI.status(MGS_ERROR_BAD_ARGUMENT)
  }
}

@c @implementation
public func mgs_machine_request(
  _ machine: OpaquePointer?, _ state: UInt32, _ session: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  if let session = unsafe session { unsafe session.pointee = 0 }
  return unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    let number = try machine.request(state)
    if let session = unsafe session { unsafe session.pointee = number }
    return 0
  }
}

@c @implementation
public func mgs_machine_reset(_ machine: OpaquePointer?) -> Int32 {
  unsafe withHandle(machine, MachineValue.self, nil) { (machine) throws(StreamError) in
    machine.reset()
    return 0
  }
}

// MARK: - Resume

@c @implementation
public func mgs_resume_open(
  _ machine: OpaquePointer?, _ answer: mgs_writer?, _ context: UnsafeMutableRawPointer?,
  _ session: UnsafeMutablePointer<UInt64>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let answer = unsafe answer, let session = unsafe session else {
    return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error)
  }
  unsafe session.pointee = 0
  return unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    unsafe session.pointee = try machine.open(AnswerWriter(answer, context))
    return 0
  }
}

@c @implementation
public func mgs_resume_write(
  _ machine: OpaquePointer?, _ session: UInt64, _ octets: UnsafeRawPointer?, _ size: Int,
  _ taken: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  if let taken = unsafe taken { unsafe taken.pointee = 0 }
  guard let octets = unsafe MigStreamABI.octets(octets, size) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    let count = unsafe try machine.write(octets.bytes, session)
    if let taken = unsafe taken { unsafe taken.pointee = count }
    return 0
  }
}

@c @implementation
public func mgs_resume_fill(
  _ machine: OpaquePointer?, _ session: UInt64, _ size: Int, _ fill: mgs_fill?, _ context: UnsafeMutableRawPointer?,
  _ filled: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  if let filled = unsafe filled { unsafe filled.pointee = 0 }
  guard let fill = unsafe fill, size > 0 else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    var reason: Int64 = 0
    let count = try machine.fill(size, session) { memory in
      let result = unsafe memory.withUnsafeMutableBytes { memory in
        unsafe fill(context, memory.baseAddress.unsafelyUnwrapped, memory.count)
      }
      if result < 0 { reason = result }
      return result < 0 ? 0 : Int(result)
    }
    if reason != 0 { throw callbackFailure(reason) }
    guard let count else { return 0 }
    if let filled = unsafe filled { unsafe filled.pointee = count }
    return 1
  }
}

@c @implementation
public func mgs_resume_finish(
  _ machine: OpaquePointer?, _ session: UInt64, _ is_embedded: UInt32, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard is_embedded <= 1 else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    try machine.finish(session, isEmbedded: is_embedded == 1)
    return 0
  }
}

@c @implementation
public func mgs_resume_abort(
  _ machine: OpaquePointer?, _ session: UInt64, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe withHandle(machine, MachineValue.self, error) { (machine) throws(StreamError) in
    try machine.abort(session)
    return 0
  }
}
