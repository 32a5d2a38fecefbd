import CMigStream

/// Calls that a program can do; what chooses one is its raw value, so new ones come last.
enum CABIOperation: UInt8, CaseIterable {
  case refuseMemory, failCallback, reenter, forgetOutput, damageOutput
  case newManifest, templateManifest, region, device, parameter, layout, externalLayout, section, subsection
  case checkManifest, verify, encodeDevice, decodeDevice, errorText
  case newEncoder, encodeSection, encodeMemory, encodeZero, encodeBytes, barrier, end, abort, layoutBase
  case newDecoder, push, places, placed, next, finish, look
  case newMachine, request, reset, write, writePieces, fill, finishResume, abortResume
  case openSave, step, stop, finishSave, cancel, handOver, resumeHere, estimate
  case freeHandle
  // These two are chosen by octets of their own, so that programs from before them do what they did.
  case openAnswered, hear

  init?(octet: UInt8) {
    let older = UInt8(Self.allCases.count - 2)
    self.init(rawValue: octet < 252 ? octet % older : older + octet % 2)
  }
}

extension CABIRun {
  mutating func step(_ choice: UInt8) {
    guard let operation = CABIOperation(octet: choice) else { return }
    switch operation {
    case .refuseMemory: unsafe world.pointee.refusedIn = Int(octet()) - 1
    case .failCallback:
      unsafe world.pointee.failingIn = Int(octet()) - 1
      unsafe world.pointee.reason = [7, -7, 100, Int32.min][Int(octet() & 3)]
    case .reenter: unsafe world.pointee.reenters = octet() & 1 == 1
    case .forgetOutput: unsafe world.pointee.outputCount = 0
    case .damageOutput:
      let count = unsafe world.pointee.outputCount
      let place = Int(octet()) << 8 | Int(octet())
      if count > 0 { unsafe world.pointee.output[place % count] ^= octet() | 1 }
    case .newManifest, .templateManifest, .region, .device, .parameter, .layout, .externalLayout, .section, .subsection:
      stepManifest(operation)
    case .checkManifest, .verify, .encodeDevice, .decodeDevice, .errorText: stepSimple(operation)
    case .newEncoder, .encodeSection, .encodeMemory, .encodeZero, .encodeBytes, .barrier, .end, .abort, .layoutBase:
      stepEncoder(operation)
    case .newDecoder, .push, .places, .placed, .next, .finish, .look: stepDecoder(operation)
    case .freeHandle: free(CABIKind(rawValue: Int(octet() & 3)) ?? .manifest, Int(octet() & 1))
    default: stepMachine(operation)
    }
  }

  private var config: mgs_config { unsafe CABICallbacks.config(UnsafeMutableRawPointer(world)) }

  // MARK: Manifest

  private mutating func stepManifest(_ operation: CABIOperation) {
    let (first, second, third) = (number(), number(), number())
    let (base, count) = unsafe octets()
    let text = unsafe mgs_text(octets: base?.assumingMemoryBound(to: CChar.self), size: min(count, 12))
    switch operation {
    case .newManifest, .templateManifest:
      var config = unsafe config
      var topology = unsafe mgs_topology()
      unsafe topology.size = unsafe structSize(MemoryLayout<mgs_topology>.size)
      unsafe topology.producer = third == 13 ? text : CABITemplate.text("fuzz")
      unsafe topology.guest_endianness = operation == .newManifest ? first : 0
      let deviceCount = operation == .newManifest ? 0 : Int(second % 3) + 1
      if operation == .newManifest { unsafe config.size = unsafe structSize(config.size) }
      unsafe make(.manifest) { slot, error in
        let status = unsafe mgs_manifest_new(slot, &topology, &config, error)
        guard status == 0, deviceCount > 0 else { return status }
        var filled = mgs_error()
        _ = unsafe CABITemplate.fill(slot?.pointee, deviceCount, &filled)
        return status
      }
    case .region:
      var region = unsafe mgs_region()
      unsafe region.size = structSize(MemoryLayout<mgs_region>.size)
      unsafe (region.name, region.owner, region.flags, region.length) = (text, first, second, UInt64(third) << 12)
      unsafe call(.manifest) { unsafe mgs_manifest_add_region($0, &region, $1) }
    case .device:
      var device = unsafe mgs_device()
      unsafe device.size = structSize(MemoryLayout<mgs_device>.size)
      unsafe (device.path, device.model) = (text, CABITemplate.text("m"))
      unsafe (device.apply, device.capabilities, device.mark) = (first, second, third)
      unsafe call(.manifest) { unsafe mgs_manifest_add_device($0, &device, $1) }
    case .parameter:
      var parameter = unsafe mgs_parameter()
      unsafe parameter.size = structSize(MemoryLayout<mgs_parameter>.size)
      unsafe (parameter.name, parameter.kind, parameter.value) = (text, first, Int64(second))
      unsafe call(.manifest) { unsafe mgs_manifest_add_parameter($0, &parameter, $1) }
    case .layout:
      let layout = unsafe first % 2 == 0 ? unsafe (UnsafeRawPointer(CABITemplate.layout.octets), CABITemplate.layout.size) : (base, count)
      unsafe call(.manifest) { unsafe mgs_manifest_add_layout($0, layout.0, layout.1, $1) }
    case .externalLayout: unsafe call(.manifest) { unsafe mgs_manifest_add_external_layout($0, text, $1) }
    default:
      var piece = unsafe mgs_announcement()
      unsafe piece.size = structSize(MemoryLayout<mgs_announcement>.size)
      unsafe (piece.name, piece.layout, piece.owner) = (CABITemplate.text("s"), first, second)
      unsafe (piece.mark, piece.version, piece.version_min) = (third % 3, 1, 1)
      if operation == .section {
        unsafe call(.manifest) { unsafe mgs_manifest_add_section($0, &piece, $1) }
      } else {
        unsafe call(.manifest) { unsafe mgs_manifest_add_subsection($0, &piece, $1) }
      }
    }
  }

  // MARK: Simple calls

  private mutating func stepSimple(_ operation: CABIOperation) {
    let (base, count) = unsafe octets()
    let (context, choice) = unsafe (UnsafeMutableRawPointer(world), number())
    switch operation {
    case .checkManifest: unsafe call(.manifest) { unsafe mgs_manifest_check($0, base, count, $1) }
    case .verify:
      var (config, summary, error) = unsafe (config, mgs_summary(), mgs_error())
      summary.size = structSize(MemoryLayout<mgs_summary>.size)
      error.code = 0x5a5a_5a5a
      let status = unsafe mgs_verify(base, count, choice, &summary, &config, &error)
      check(status, error, isTold: true)
    case .encodeDevice:
      let world = unsafe world
      var data = unsafe mgs_octets(octets: CABITemplate.counter, size: 8)
      let sections = size(1)
      unsafe call(.manifest) { manifest, error in
        var written = 0
        let start = unsafe world.pointee.outputCount
        let room = CABIWorld.outputMax - start
        let status = unsafe mgs_encode_device(
          manifest, &data, sections, nil, world.pointee.output + start, choice > 12 ? min(64, room) : room, &written, error)
        unsafe world.pointee.outputCount += written
        return status
      }
    case .decodeDevice:
      unsafe call(.manifest) { manifest, error in
        var taken = 0
        return unsafe mgs_decode_device(manifest, base, count, CABICallbacks.take, context, &taken, error)
      }
    default:
      var error = mgs_error()
      (error.code, error.stage, error.offset, error.record) = (Int32(bitPattern: choice), choice, UInt64.max, UInt64.max - 1)
      let room = size(64)
      let status = unsafe mgs_error_text(&error, UnsafeMutablePointer<CChar>(OpaquePointer(world.pointee.memory + 64)), room)
      if (status < 0) != (room < 0) { fail("C1", "a text was refused, or not") }
    }
  }

  // MARK: Encoder

  private mutating func stepEncoder(_ operation: CABIOperation) {
    let (first, second, third) = (number(), number(), number())
    let (base, count) = unsafe octets()
    switch operation {
    case .newEncoder:
      var (config, options) = unsafe (config, mgs_stream_options())
      options.size = structSize(MemoryLayout<mgs_stream_options>.size)
      options.flags = first
      let (manifest, context) = unsafe (manifest(), UnsafeMutableRawPointer(world))
      let writer = unsafe second == 13 ? nil : CABICallbacks.writer
      unsafe make(.encoder) { unsafe mgs_encoder_new($0, manifest, &options, writer, context, &config, $1) }
    case .encodeSection:
      var data = unsafe mgs_section_data()
      unsafe data.size = structSize(MemoryLayout<mgs_section_data>.size)
      unsafe data.data = unsafe third % 2 == 0 ? mgs_octets(octets: CABITemplate.counter, size: 8) : mgs_octets(octets: base, size: count)
      unsafe data.flags = third == 3 ? 4 : third == 5 ? 1 : 0
      unsafe call(.encoder) { unsafe mgs_encoder_section($0, first, second, &data, $1) }
    case .encodeMemory: unsafe call(.encoder) { unsafe mgs_encoder_memory($0, first, UInt64(second) << 12, base, count, third, $1) }
    case .encodeZero:
      unsafe call(.encoder) { unsafe mgs_encoder_zero($0, first, UInt64(second) << 12, UInt64(second) << 12, third, $1) }
    case .encodeBytes: unsafe call(.encoder) { unsafe mgs_encoder_bytes($0, first, base, count, second << 8, third, $1) }
    case .barrier: unsafe call(.encoder) { unsafe mgs_encoder_barrier($0, $1) }
    case .end: unsafe call(.encoder) { unsafe mgs_encoder_end($0, $1) }
    case .abort:
      let text = unsafe mgs_text(octets: base?.assumingMemoryBound(to: CChar.self), size: count)
      unsafe call(.encoder) { unsafe mgs_encoder_abort($0, first, text, $1) }
    default:
      unsafe untold(.encoder) { encoder in
        var base: UInt32 = 0
        return unsafe mgs_encoder_layout_base(encoder, first, &base)
      }
    }
  }

  /// A call that has no error to tell.
  mutating func untold(_ kind: CABIKind, _ body: (OpaquePointer?) -> Int32) {
    unsafe call(kind) { handle, error in
      let status = unsafe body(handle)
      if status < 0 { unsafe error?.pointee.code = -status }
      return status
    }
  }

  // MARK: Decoder

  private mutating func stepDecoder(_ operation: CABIOperation) {
    let (first, second) = (number(), number())
    let (base, count) = unsafe octets()
    switch operation {
    case .newDecoder:
      var (config, handler) = unsafe (config, CABICallbacks.handler)
      handler.size = structSize(MemoryLayout<mgs_handler>.size)
      let context = unsafe UnsafeMutableRawPointer(world)
      unsafe make(.decoder) { slot, error in
        second % 2 == 0
          ? unsafe mgs_decoder_new(slot, nil, nil, first, &config, error)
          : unsafe mgs_decoder_new(slot, &handler, context, first, &config, error)
      }
    case .push:
      unsafe call(.decoder) { decoder, error in
        var taken = 0
        return unsafe mgs_decoder_push(decoder, base, count, &taken, error)
      }
    case .places:
      let max = size(4)
      unsafe untold(.decoder) { decoder in
        var places = InlineArray<4, mgs_place>(repeating: mgs_place())
        var span = places.mutableSpan
        return unsafe span.withUnsafeMutableBufferPointer { unsafe mgs_decoder_places(decoder, $0.baseAddress, max) }
      }
    case .placed: unsafe call(.decoder) { unsafe mgs_decoder_placed($0, base, min(count, Int(first) * 100), $1) }
    case .next:
      var record = unsafe mgs_record()
      unsafe record.size = structSize(MemoryLayout<mgs_record>.size)
      unsafe call(.decoder) { decoder, error in
        let status = unsafe mgs_decoder_next(decoder, base, count, &record, error)
        var extent = mgs_extent()
        if status == 1 { _ = unsafe mgs_record_extent(&record, second, &extent) }
        return status
      }
    case .finish:
      var summary = mgs_summary()
      summary.size = structSize(MemoryLayout<mgs_summary>.size)
      unsafe call(.decoder) { unsafe mgs_decoder_finish($0, first, &summary, $1) }
    default: look(first, second)
    }
  }

  private mutating func look(_ device: UInt32, _ number: UInt32) {
    var (topology, region, entry) = unsafe (mgs_topology(), mgs_region(), mgs_device())
    var (parameter, announcement) = unsafe (mgs_parameter(), mgs_announcement())
    unsafe topology.size = structSize(MemoryLayout<mgs_topology>.size)
    unsafe (region.size, entry.size) = (MemoryLayout<mgs_region>.size, MemoryLayout<mgs_device>.size)
    unsafe parameter.size = MemoryLayout<mgs_parameter>.size
    unsafe announcement.size = MemoryLayout<mgs_announcement>.size
    unsafe untold(.decoder) { unsafe mgs_decoder_topology($0, &topology) }
    unsafe untold(.decoder) { unsafe mgs_decoder_region($0, device, &region) }
    unsafe untold(.decoder) { unsafe mgs_decoder_device($0, device, &entry) }
    unsafe untold(.decoder) { unsafe mgs_decoder_parameter($0, device, number, &parameter) }
    unsafe untold(.decoder) { unsafe mgs_decoder_section($0, device, number, &announcement) }
    unsafe untold(.decoder) { unsafe mgs_decoder_subsection($0, device, number, &announcement) }
  }
}
