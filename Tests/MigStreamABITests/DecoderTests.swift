import CMigStream
import Testing

/// What a handler was told.
@safe
private struct Heard {
  var kinds: [UInt32] = []
  var ends = 0
  var payload = 0
  var decoder: OpaquePointer?
  var deviceCount: UInt32 = 0
  var busy: Int32 = 0
  /// The record that the handler refuses.
  var refused = -1
}

@Suite struct DecoderTests {
  @Test func aHandlerIsToldEveryRecordInAnySegmentation() throws {
    let stream = try machineStream()
    for step in [1, 7, 64, stream.count] {
      var heard = Heard()
      #expect(push(stream, step, &heard) == 0)
      #expect(heard.kinds == [1, 2, 4, 3, 13] && heard.ends == 5 && heard.payload == 8192, "step \(step)")
      #expect(heard.deviceCount == 1, "accessors work in a callback")
      #expect(heard.busy == -83, "calls that take octets do not")
    }
  }

  @Test func whatAHandlerRefusesPoisonsTheDecoder() throws {
    var heard = Heard()
    heard.refused = 2
    #expect(push(try machineStream(), 64, &heard) == -202)
    #expect(heard.kinds.count == 3)
  }

  @Test func recordsArePulled() throws {
    let stream = try machineStream()
    var (decoder, record, error) = unsafe (OpaquePointer?.none, mgs_record(), mgs_error())
    unsafe record.size = MemoryLayout<mgs_record>.size
    #expect(unsafe mgs_decoder_new(&decoder, nil, nil, 0, nil, &error) == 0)
    var kinds: [UInt32] = []
    while unsafe mgs_decoder_next(decoder, stream, stream.count, &record, &error) == 1 {
      unsafe kinds.append(record.kind)
      guard unsafe record.kind == MGS_RECORD_MEMORY.rawValue else { continue }
      #expect(unsafe record.payload.size == 8192)
      var extent = mgs_extent()
      #expect(unsafe mgs_record_extent(&record, 0, &extent) == 0)
      #expect(extent.offset == 4096 && extent.length == 8192 && extent.kind == 1)
      #expect(unsafe mgs_record_extent(&record, 1, &extent) == -200)
    }
    #expect(kinds == [1, 2, 4, 3, 13])
    #expect(unsafe mgs_decoder_finish(decoder, 0, nil, &error) == 0)
    #expect(unsafe mgs_decoder_next(decoder, stream, 100, &record, &error) == -91)
    unsafe mgs_decoder_free(decoder)
  }

  @Test func payloadsAreReadToTheirPlaces() throws {
    let stream = try machineStream()
    var (decoder, error, offset) = unsafe (OpaquePointer?.none, mgs_error(), 0)
    #expect(unsafe mgs_decoder_new(&decoder, nil, nil, 0, nil, &error) == 0)
    var placed = 0
    while offset < stream.count {
      var (place, wanted) = (mgs_place(), 0)
      let count = unsafe mgs_decoder_places(decoder, &place, 1)
      unsafe mgs_decoder_wanted(decoder, &wanted)
      #expect((count == 1) == (wanted == 0))
      let size = count == 1 ? min(Int(place.length), 1000) : wanted
      let status = unsafe stream.withUnsafeBytes { stream in
        let octets = unsafe UnsafeRawBufferPointer(rebasing: stream[offset..<(offset + size)])
        return count == 1
          ? unsafe mgs_decoder_placed(decoder, octets.baseAddress, size, &error)
          : unsafe mgs_decoder_push(decoder, octets.baseAddress, size, nil, &error)
      }
      #expect(status == 0)
      if count == 1 { placed += size }
      offset += size
    }
    #expect(placed == 8192)
    #expect(unsafe mgs_decoder_finish(decoder, 0, nil, &error) == 0)
    unsafe mgs_decoder_free(decoder)
  }

  private func push(_ stream: [UInt8], _ step: Int, _ heard: inout Heard) -> Int32 {
    var (decoder, handler, error) = unsafe (OpaquePointer?.none, mgs_handler(), mgs_error())
    handler.size = MemoryLayout<mgs_handler>.size
    unsafe handler.record = { context, record in
      let heard = unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: Heard.self)
      unsafe heard.pointee.kinds.append(record?.pointee.kind ?? 0)
      var topology = unsafe mgs_topology()
      unsafe topology.size = MemoryLayout<mgs_topology>.size
      if unsafe mgs_decoder_topology(heard.pointee.decoder, &topology) == 0 {
        unsafe heard.pointee.deviceCount = topology.num_devices
      }
      unsafe heard.pointee.busy = mgs_decoder_push(heard.pointee.decoder, nil, 0, nil, nil)
      return unsafe heard.pointee.kinds.count == heard.pointee.refused + 1 ? 5 : 0
    }
    unsafe handler.payload = { context, _, size, _ in
      unsafe context?.assumingMemoryBound(to: Heard.self).pointee.payload += size
      return 0
    }
    unsafe handler.end = { context, _ in
      unsafe context?.assumingMemoryBound(to: Heard.self).pointee.ends += 1
      return 0
    }
    return unsafe withUnsafeMutablePointer(to: &heard) { heard in
      var status = unsafe mgs_decoder_new(&decoder, &handler, heard, 0, nil, &error)
      unsafe heard.pointee.decoder = decoder
      var offset = 0
      while status == 0, offset < stream.count {
        let size = min(step, stream.count - offset)
        status = unsafe stream.withUnsafeBytes { stream in
          unsafe mgs_decoder_push(decoder, stream.baseAddress.unsafelyUnwrapped + offset, size, nil, &error)
        }
        offset += size
      }
      if status == 0 { status = unsafe mgs_decoder_finish(decoder, 0, nil, &error) }
      if status == -202 { #expect(error.found == 5) }
      unsafe mgs_decoder_free(decoder)
      return status
    }
  }

  /// MANIFEST, LAYOUT, MEMORY, SECTION, END.
  private func machineStream() throws -> [UInt8] {
    let manifest = try Manifest(single: false)
    var (encoder, options, error) = unsafe (OpaquePointer?.none, mgs_stream_options(), mgs_error())
    options.size = MemoryLayout<mgs_stream_options>.size
    let memory = [UInt8](repeating: 0x5a, count: 8192)
    let octets: [UInt8] = [9, 0, 0, 0, 0, 0, 0, 0]
    var stream: [UInt8] = []
    let status = unsafe withUnsafeMutablePointer(to: &stream) { stream in
      unsafe octets.withUnsafeBytes { octets in
        var data = unsafe mgs_section_data()
        unsafe data.size = MemoryLayout<mgs_section_data>.size
        unsafe data.data = mgs_octets(octets: octets.baseAddress, size: 8)
        var status = unsafe mgs_encoder_new(&encoder, manifest.handle, &options, writeToArray, stream, nil, &error)
        if status == 0 { status = unsafe mgs_encoder_memory(encoder, 0, 4096, memory, memory.count, 1, &error) }
        if status == 0 { status = unsafe mgs_encoder_section(encoder, 0, 0, &data, &error) }
        if status == 0 { status = unsafe mgs_encoder_end(encoder, &error) }
        #expect(unsafe mgs_encoder_barrier(encoder, &error) == -91, "nothing follows END")
        unsafe mgs_encoder_free(encoder)
        return status
      }
    }
    guard status == 0 else { throw Refused(error.code) }
    return stream
  }
}
