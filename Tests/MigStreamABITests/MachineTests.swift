import CMigStream
import Testing

/// A device and its memory, as a C program would have them.
@safe
private final class Device {
  var count: UInt64 = 0
  var arrived: UInt64 = 0
  var isReset = false
  /// What the next call of `prepare` returns.
  var refusal: Int32 = 0
  let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 65536)

  init(_ count: UInt64 = 0, filling: UInt8 = 0) {
    self.count = count
    unsafe memory.update(repeating: filling, count: 65536)
  }

  deinit { unsafe memory.deallocate() }

  var octets: [UInt8] { (0..<65536).map { unsafe memory[$0] } }

  static func at(_ context: UnsafeMutableRawPointer?) -> Device {
    unsafe Unmanaged<Device>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
  }
}

private func device(_ context: UnsafeMutableRawPointer?) -> Device { unsafe Device.at(context) }

/// A machine of one device.
@safe
private final class Machine {
  let device: Device
  let handle: OpaquePointer?
  private let manifest: Manifest

  init(_ device: Device) throws {
    self.device = device
    manifest = try Manifest(single: false)
    var (ops, made, error) = unsafe (Machine.ops, OpaquePointer?.none, mgs_error())
    let context = unsafe Unmanaged.passUnretained(device).toOpaque()
    let status = unsafe mgs_machine_new(&made, manifest.handle, &ops, context, nil, nil, &error)
    unsafe handle = unsafe made
    guard status == 0 else { throw Refused(error.code) }
  }

  deinit { unsafe mgs_machine_free(handle) }

  var state: Int32 { unsafe mgs_machine_state(handle, 0) }

  var status: mgs_machine_status {
    var status = mgs_machine_status()
    status.size = MemoryLayout<mgs_machine_status>.size
    unsafe mgs_machine_status_get(handle, &status)
    return status
  }

  static let ops: mgs_device_ops = {
    var ops = mgs_device_ops()
    ops.size = MemoryLayout<mgs_device_ops>.size
    unsafe ops.reset = { context, _ in unsafe MigStreamABITests.device(context).isReset = true }
    unsafe ops.save = { context, number, isStopped, out in
      guard isStopped == 1 else { return 2 }
      let device = unsafe MigStreamABITests.device(context)
      var status = unsafe mgs_encoder_memory(out, 0, 0, device.memory, 65536, 1, nil)
      if status < 0 { return status }
      status = unsafe withUnsafePointer(to: device.count) { count in
        var data = unsafe mgs_section_data()
        unsafe (data.size, data.data) = (MemoryLayout<mgs_section_data>.size, mgs_octets(octets: count, size: 8))
        return unsafe mgs_encoder_section(out, number, 0, &data, nil)
      }
      return status < 0 ? status : 3
    }
    unsafe ops.target = { context, _, offset, size, memory, room in
      unsafe memory?.pointee = UnsafeMutableRawPointer(MigStreamABITests.device(context).memory + Int(offset))
      unsafe room?.pointee = size
      return 0
    }
    unsafe ops.check = { context, _, piece in
      guard let octets = unsafe piece?.pointee.data.octets else { return 1 }
      unsafe MigStreamABITests.device(context).arrived = octets.loadUnaligned(as: UInt64.self)
      return 0
    }
    unsafe ops.prepare = { context, _ in unsafe MigStreamABITests.device(context).refusal }
    unsafe ops.commit = { context, _ in
      let device = unsafe MigStreamABITests.device(context)
      device.count = device.arrived
      return 0
    }
    return ops
  }()
}

@Suite struct MachineTests {
  @Test func octetsAreReadStraightToWhereTheyBelong() throws {
    let source = Device(77, filling: 0x5a)
    let stream = try saved(try Machine(source))
    let machine = try Machine(Device())
    var (session, filled, error) = (UInt64(0), 0, mgs_error())
    #expect(unsafe mgs_machine_request(machine.handle, 4, &session, &error) == 0 && session == 1)
    var inPlace = 0
    var offset = 0
    while machine.status.session == MGS_SESSION_OPEN.rawValue {
      let wanted = Int(machine.status.wanted)
      if wanted > 0 {
        #expect(write(stream, offset, wanted, machine, session) == 0)
        offset += wanted
        continue
      }
      let status = unsafe stream.withUnsafeBytes { stream in
        var rest = unsafe UnsafeRawBufferPointer(rebasing: stream[offset...])
        return unsafe mgs_resume_fill(
          machine.handle, session, 1000,
          { context, memory, size in
            let rest = unsafe context.unsafelyUnwrapped.load(as: UnsafeRawBufferPointer.self)
            unsafe memory?.copyMemory(from: rest.baseAddress.unsafelyUnwrapped, byteCount: size)
            return Int64(size)
          }, &rest, &filled, &error)
      }
      #expect(status == 1)
      offset += filled
      inPlace += filled
    }
    #expect(inPlace == 65536 && machine.status.verdict == MGS_VERDICT_COMPATIBLE.rawValue)
    #expect(machine.device.count == 0, "nothing is effective before the end")
    #expect(unsafe mgs_resume_finish(machine.handle, session, 0, &error) == 0)
    #expect(machine.device.count == 77 && machine.device.octets == source.octets && machine.state == 1)
  }

  @Test func aDeviceThatRefusesLeavesNothingBehind() throws {
    let stream = try saved(try Machine(Device(77, filling: 1)))
    let machine = try Machine(Device(5))
    machine.device.refusal = 9
    var (session, error) = (UInt64(0), mgs_error())
    #expect(unsafe mgs_machine_request(machine.handle, 4, &session, &error) == 0)
    #expect(write(stream, 0, stream.count, machine, session) == 0)
    #expect(unsafe mgs_resume_finish(machine.handle, session, 0, &error) == -85)
    #expect(error.found == 9 && error.device == 0 && error.failure == MGS_CLASS_FATAL_DEVICE.rawValue)
    #expect(machine.device.count == 5 && machine.state == 0)
    #expect(unsafe mgs_machine_request(machine.handle, 2, nil, &error) == -82, "only a reset leaves ERROR")
    #expect(unsafe mgs_machine_reset(machine.handle) == 0 && machine.device.isReset && machine.state == 2)
    #expect(write(stream, 0, 64, machine, session) == -84, "the session is over")
  }

  @Test func aWriterThatFailsEndsTheSave() throws {
    let machine = try Machine(Device(1, filling: 1))
    var (options, error) = (mgs_stream_options(), mgs_error())
    options.size = MemoryLayout<mgs_stream_options>.size
    let broken: mgs_writer = { _, _, _ in 32 }
    #expect(unsafe mgs_save_step(machine.handle, &error) == -91)
    #expect(unsafe mgs_save_open(machine.handle, &options, broken, nil, &error) == -202 && error.found == 32)
    #expect(machine.state == 2 && machine.status.save == 0)
    #expect(try saved(machine).count > 65536, "the machine is as before")
  }

  @Test func statesThatAreNone() throws {
    let machine = try Machine(Device())
    var error = mgs_error()
    for state in [0, 8, UInt32.max] { #expect(unsafe mgs_machine_request(machine.handle, state, nil, &error) == -82) }
    #expect(unsafe mgs_machine_state(machine.handle, 1) == -30)
    #expect(unsafe mgs_save_cancel(machine.handle, 7, &error) == -200)
  }

  private func write(_ stream: [UInt8], _ offset: Int, _ size: Int, _ machine: Machine, _ session: UInt64) -> Int32 {
    unsafe stream.withUnsafeBytes { stream in
      unsafe mgs_resume_write(machine.handle, session, stream.baseAddress.unsafelyUnwrapped + offset, size, nil, nil)
    }
  }

  private func saved(_ machine: Machine) throws -> [UInt8] {
    var (options, error, stream) = (mgs_stream_options(), mgs_error(), [UInt8]())
    options.size = MemoryLayout<mgs_stream_options>.size
    let status = unsafe withUnsafeMutablePointer(to: &stream) { stream in
      var status = unsafe mgs_save_open(machine.handle, &options, writeToArray, stream, &error)
      if status == 0 { status = unsafe mgs_save_stop(machine.handle, &error) }
      while status >= 0, status != 4 { status = unsafe mgs_save_step(machine.handle, &error) }
      return status < 0 ? status : unsafe mgs_save_finish(machine.handle, &error)
    }
    guard status == 0 else { throw Refused(error.code) }
    #expect(machine.status.save == MGS_SAVE_LIMBO.rawValue && machine.status.save_offset == UInt64(stream.count))
    return stream
  }
}
