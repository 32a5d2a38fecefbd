import CMigStream

/// A function of its own: a closure that names a static member is none of C.
private func world(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<CABIWorld> {
  unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: CABIWorld.self)
}

/// Functions of a C program, whose context is a ``CABIWorld``.
enum CABICallbacks {
  static func config(_ context: UnsafeMutableRawPointer) -> mgs_config {
    var config = unsafe mgs_config()
    unsafe config.size = MemoryLayout<mgs_config>.size
    unsafe config.allocator = mgs_allocator(
      context: context,
      allocate: { context, size, _ in unsafe world(context).pointee.allocate(size) },
      deallocate: { context, memory in unsafe world(context).pointee.deallocate(memory) })
    unsafe config.log_context = unsafe context
    unsafe config.log = { context, _, what, text in
      if unsafe what == nil || text == nil { unsafe world(context).pointee.note("a log without text") }
    }
    return unsafe config
  }

  static let writer: mgs_writer = { context, pieces, count in
    let world = unsafe world(context)
    let result = unsafe world.pointee.enter()
    if result != 0 { return result }
    for index in 0..<count { unsafe world.pointee.write(pieces?[index].octets, pieces?[index].size ?? 0) }
    return 0
  }

  static let answer: mgs_writer = { context, pieces, count in
    let world = unsafe world(context)
    let result = unsafe world.pointee.enter()
    for index in 0..<count { unsafe world.pointee.answer(pieces?[index].octets, pieces?[index].size ?? 0) }
    return result
  }

  static let take: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<mgs_piece>?) -> Int32 = { context, piece in
    if unsafe piece == nil || piece?.pointee.data.octets == nil && piece?.pointee.data.size != 0 {
      unsafe world(context).pointee.note("a piece without data")
    }
    return unsafe world(context).pointee.enterTaking()
  }

  static let fill: mgs_fill = { context, memory, size in
    let world = unsafe world(context)
    let result = unsafe world.pointee.enter()
    // A reason below 0 is a failure; above it, more than there was room for.
    if result != 0 { return result < 0 ? Int64(result) : Int64(size) + 1 }
    unsafe memory?.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return Int64(size)
  }

  static let handler: mgs_handler = {
    var handler = mgs_handler()
    handler.size = MemoryLayout<mgs_handler>.size
    unsafe handler.record = { context, record in
      let world = unsafe world(context)
      if let decoder = unsafe world.pointee.busy {
        var topology = unsafe mgs_topology()
        unsafe topology.size = MemoryLayout<mgs_topology>.size
        if unsafe mgs_decoder_topology(decoder, &topology) == -Int32(MGS_ERROR_SESSION_BUSY.rawValue) {
          unsafe world.pointee.note("an accessor was refused in a callback")
        }
      }
      return unsafe world.pointee.enter()
    }
    unsafe handler.payload = { context, _, _, _ in unsafe world(context).pointee.enter() }
    unsafe handler.end = { context, _ in unsafe world(context).pointee.enter() }
    return handler
  }()

  static let ops: mgs_device_ops = {
    var ops = mgs_device_ops()
    ops.size = MemoryLayout<mgs_device_ops>.size
    unsafe ops.move = { context, _, _, _ in unsafe world(context).pointee.enter() }
    unsafe ops.reset = { context, _ in _ = unsafe world(context).pointee.enter() }
    unsafe ops.estimate = { context, device, estimate in
      unsafe estimate?.pointee.stop_copy_size = UInt64(device) &* 1000
      unsafe estimate?.pointee.dirty_size = device == 2 ? UInt64.max : 4096
      return unsafe world(context).pointee.enter()
    }
    unsafe ops.save = { context, device, isStopped, out in unsafe save(world(context), device, isStopped, out) }
    unsafe ops.target = { context, _, offset, size, memory, room in
      let result = unsafe world(context).pointee.enterTaking()
      let lent = unsafe world(context).pointee.lend(offset, size)
      // A device that lends more than it was asked for, or nothing, when it is told to misbehave.
      unsafe memory?.pointee = result == 0 || result > 99 ? lent.memory : nil
      unsafe room?.pointee = result > 99 ? size + 1 : lent.room
      return result > 90 ? 0 : result
    }
    unsafe ops.bytes_target = unsafe ops.target
    unsafe ops.clear = { context, _, _, _, _ in unsafe world(context).pointee.enterTaking() }
    unsafe ops.bytes = { context, _, _, _, _ in unsafe world(context).pointee.enterTaking() }
    unsafe ops.check = { context, _, piece in unsafe take(context, piece) }
    unsafe ops.prepare = { context, _ in unsafe world(context).pointee.enterTaking() }
    unsafe ops.commit = { context, _ in unsafe world(context).pointee.enterTaking() }
    return ops
  }()

  /// A device: some memory, then, once it stands still, its byte string and its section.
  private static func save(
    _ world: UnsafeMutablePointer<CABIWorld>, _ device: UInt32, _ isStopped: UInt32, _ out: OpaquePointer?
  ) -> Int32 {
    let result = unsafe world.pointee.enter()
    if result != 0 { return result > 0 ? -result : result }
    unsafe world.pointee.saved += 1
    let memory = unsafe world.pointee.memory + CABIWorld.guardCount
    if unsafe world.pointee.saved % 3 == 1 {
      let status = unsafe mgs_encoder_memory(out, 0, 4096, memory, 4096, UInt32(unsafe world.pointee.saved / 3 % 2), nil)
      return status < 0 ? status : Int32(MGS_MORE.rawValue)
    }
    if isStopped == 0 { return Int32(MGS_NO_DATA_NOW.rawValue) }
    if device > 0 {
      let flags = MGS_BYTES_UNIT_FIRST | MGS_BYTES_UNIT_LAST | MGS_BYTES_LAST
      let status = unsafe mgs_encoder_bytes(out, device, memory, 100, flags, 0, nil)
      if status < 0 { return status }
    }
    var data = unsafe mgs_section_data()
    unsafe data.size = MemoryLayout<mgs_section_data>.size
    unsafe data.data = mgs_octets(octets: CABITemplate.counter, size: 8)
    let whole = unsafe data
    if device == 1 {
      unsafe data.subsections = mgs_octets(octets: CABITemplate.subsection.octets, size: CABITemplate.subsection.size)
      unsafe data.num_subsections = 1
    }
    var status = unsafe mgs_encoder_section(out, device, 0, &data, nil)
    if device == 1, status >= 0 {
      unsafe data = whole
      status = unsafe mgs_encoder_section(out, device, 1, &data, nil)
    }
    return status < 0 ? status : Int32(MGS_DONE.rawValue)
  }
}
