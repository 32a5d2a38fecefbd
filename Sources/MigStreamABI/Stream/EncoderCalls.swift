public import CMigStream
internal import MigrationStream

@c @implementation
public func mgs_encoder_new(
  _ encoder: UnsafeMutablePointer<OpaquePointer?>?, _ manifest: OpaquePointer?,
  _ options: UnsafePointer<mgs_stream_options>?, _ writer: mgs_writer?, _ context: UnsafeMutableRawPointer?,
  _ config: UnsafePointer<mgs_config>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let slot = unsafe encoder else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  unsafe slot.pointee = nil
  guard let writer = unsafe writer, let options = unsafe StreamOptions(options) else {
    return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error)
  }
  return unsafe withHandle(manifest, ManifestValue.self, error) { (manifest) throws(StreamError) in
    try manifest.close()
    let made = unsafe makeHandle(slot, EncoderValue.self, config, error) { (settings) throws(StreamError) in
      let sink = unsafe try WriterSink(writer, context, allocator: settings.allocator)
      return try EncoderValue(manifest, options, sink, settings)
    }
    guard made == 0 else { return made }
    let begun = unsafe withHandle(slot.pointee, EncoderValue.self, error) { (encoder) throws(StreamError) in
      try encoder.begin(manifest)
      return 0
    }
    if begun < 0 {
      _ = unsafe mgs_encoder_free(slot.pointee)
      unsafe slot.pointee = nil
    }
    return begun
  }
}

@c @implementation
public func mgs_encoder_section(
  _ encoder: OpaquePointer?, _ device: UInt32, _ section: UInt32, _ data: UnsafePointer<mgs_section_data>?,
  _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let data = unsafe data, let given = unsafe readStruct(data, mgs_section_data()),
    let values = unsafe octets(given.data), let subsections = unsafe octets(given.subsections),
    let count = unsafe UInt16(exactly: given.num_subsections), unsafe given.flags & ~MGS_REPLACES == 0
  else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  let replaces = unsafe given.flags != 0
  if unsafe isEmitter(encoder) {
    return unsafe withHandle(encoder, EmitterValue.self, error) { (emitter) throws(StreamError) in
      unsafe try emitter.section(section, of: device, values.bytes, subsections.bytes, count: count)
      return 0
    }
  }
  return unsafe withHandle(encoder, EncoderValue.self, error) { (encoder) throws(StreamError) in
    unsafe try encoder.section(section, of: device, values.bytes, subsections.bytes, count: count, replaces: replaces)
    return 0
  }
}

@c @implementation
public func mgs_encoder_memory(
  _ encoder: OpaquePointer?, _ region: UInt32, _ offset: UInt64, _ octets: UnsafeRawPointer?, _ size: Int,
  _ source: UInt32, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let octets = unsafe MigStreamABI.octets(octets, size), let source = payloadSource(source) else {
    return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error)
  }
  if unsafe isEmitter(encoder) {
    return unsafe withHandle(encoder, EmitterValue.self, error) { (emitter) throws(StreamError) in
      unsafe try emitter.memory(region, offset, octets.bytes, source)
      return 0
    }
  }
  return unsafe withHandle(encoder, EncoderValue.self, error) { (encoder) throws(StreamError) in
    unsafe try encoder.memory(region, offset, octets.bytes, source)
    return 0
  }
}

@c @implementation
public func mgs_encoder_zero(
  _ encoder: OpaquePointer?, _ region: UInt32, _ offset: UInt64, _ length: UInt64, _ kind: UInt32,
  _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let kind = ExtentKind(rawValue: UInt8(clamping: kind)), kind != .data else {
    return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error)
  }
  if unsafe isEmitter(encoder) {
    return unsafe withHandle(encoder, EmitterValue.self, error) { (emitter) throws(StreamError) in
      try emitter.zero(region, offset, length, kind)
      return 0
    }
  }
  return unsafe withHandle(encoder, EncoderValue.self, error) { (encoder) throws(StreamError) in
    try encoder.zero(region, offset, length, kind)
    return 0
  }
}

@c @implementation
public func mgs_encoder_bytes(
  _ encoder: OpaquePointer?, _ device: UInt32, _ octets: UnsafeRawPointer?, _ size: Int, _ flags: UInt32,
  _ source: UInt32, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  let known =
    MGS_BYTES_INITIAL_DATA_END | MGS_BYTES_LAST | MGS_BYTES_UNIT_FIRST | MGS_BYTES_UNIT_LAST
  guard let octets = unsafe MigStreamABI.octets(octets, size), let source = payloadSource(source), flags & ~known == 0
  else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  let flags = UInt16(truncatingIfNeeded: flags)
  if unsafe isEmitter(encoder) {
    return unsafe withHandle(encoder, EmitterValue.self, error) { (emitter) throws(StreamError) in
      unsafe try emitter.bytes(device, octets.bytes, flags: flags, source)
      return 0
    }
  }
  return unsafe withHandle(encoder, EncoderValue.self, error) { (encoder) throws(StreamError) in
    unsafe try encoder.bytes(device, octets.bytes, flags: flags, source)
    return 0
  }
}

private func payloadSource(_ source: UInt32) -> PayloadSource? {
  switch source {
  case MGS_STABLE.rawValue: .stable
  case MGS_LIVE.rawValue: .live
  default: nil
  }
}

/// Whether the handle is the one that a device saves to.
private func isEmitter(_ encoder: OpaquePointer?) -> Bool {
  guard let encoder = unsafe encoder else { return false }
  return unsafe HandleKinds.kind(of: encoder) == HandleKind.emitter
}

@c @implementation
public func mgs_encoder_barrier(_ encoder: OpaquePointer?, _ error: UnsafeMutablePointer<mgs_error>?) -> Int32 {
  unsafe withHandle(encoder, EncoderValue.self, error) { (encoder) throws(StreamError) in
    try encoder.barrier()
    return 0
  }
}

@c @implementation
public func mgs_encoder_end(_ encoder: OpaquePointer?, _ error: UnsafeMutablePointer<mgs_error>?) -> Int32 {
  unsafe withHandle(encoder, EncoderValue.self, error) { (encoder) throws(StreamError) in
    try encoder.end()
    return 0
  }
}

@c @implementation
public func mgs_encoder_abort(
  _ encoder: OpaquePointer?, _ reason: UInt32, _ text: mgs_text, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let text = unsafe octets(text) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(encoder, EncoderValue.self, error) { (encoder) throws(StreamError) in
    unsafe try encoder.abort(reason, text.bytes)
    return 0
  }
}

@c @implementation
public func mgs_encoder_layout_base(
  _ encoder: OpaquePointer?, _ device: UInt32, _ base: UnsafeMutablePointer<UInt32>?
) -> Int32 {
  guard let base = unsafe base else { return status(MGS_ERROR_BAD_ARGUMENT) }
  if unsafe isEmitter(encoder) {
    return unsafe withHandle(encoder, EmitterValue.self, nil) { (emitter) throws(StreamError) in
      unsafe base.pointee = try emitter.layoutBase(of: device)
      return 0
    }
  }
  return unsafe withHandle(encoder, EncoderValue.self, nil) { (encoder) throws(StreamError) in
    guard let number = encoder.layoutBase(of: device) else { return status(MGS_ERROR_BAD_ARGUMENT) }
    unsafe base.pointee = number
    return 0
  }
}

@c @implementation
public func mgs_encoder_offset(_ encoder: OpaquePointer?, _ offset: UnsafeMutablePointer<UInt64>?) -> Int32 {
  guard let offset = unsafe offset else { return status(MGS_ERROR_BAD_ARGUMENT) }
  return unsafe withHandle(encoder, EncoderValue.self, nil) { (encoder) throws(StreamError) in
    unsafe offset.pointee = encoder.byteCount
    return 0
  }
}

@c @implementation
public func mgs_encoder_free(_ encoder: OpaquePointer?) -> Int32 { unsafe Handle<EncoderValue>.free(encoder) }
