public import CMigStream
internal import MigrationStream

@c @implementation
public func mgs_decoder_new(
  _ decoder: UnsafeMutablePointer<OpaquePointer?>?, _ handler: UnsafePointer<mgs_handler>?,
  _ context: UnsafeMutableRawPointer?, _ tier: UInt32, _ config: UnsafePointer<mgs_config>?,
  _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  let made = unsafe makeHandle(decoder, DecoderValue.self, config, error) { (settings) throws(StreamError) in
    guard let tier = verifyTier(tier) else { return nil }
    var functions: mgs_handler?
    if let handler = unsafe handler {
      guard let given = unsafe readStruct(handler, mgs_handler()) else { return nil }
      functions = given
    }
    return try DecoderValue(tier, unsafe EventHandler(functions, context, settings.log), settings)
  }
  if made == 0, let handle = unsafe Handle<DecoderValue>.find(decoder?.pointee) {
    unsafe withUnsafeMutablePointer(to: &handle.pointee.head.lent) { slot in
      unsafe handle.pointee.value.lends(through: slot)
    }
  }
  return made
}

func verifyTier(_ tier: UInt32) -> VerifyTier? {
  switch tier {
  case 0, MGS_TIER_DEEP.rawValue: .deep
  case MGS_TIER_DIGESTS.rawValue: .digests
  case MGS_TIER_QUICK.rawValue: .quick
  default: nil
  }
}

@c @implementation
public func mgs_decoder_push(
  _ decoder: OpaquePointer?, _ octets: UnsafeRawPointer?, _ size: Int, _ taken: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  if let taken = unsafe taken { unsafe taken.pointee = 0 }
  guard let octets = unsafe MigStreamABI.octets(octets, size) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(decoder, DecoderValue.self, error) { (decoder) throws(StreamError) in
    let count = unsafe try decoder.push(octets.bytes)
    if let taken = unsafe taken { unsafe taken.pointee = count }
    return 0
  }
}

@c @implementation
public func mgs_decoder_wanted(_ decoder: OpaquePointer?, _ wanted: UnsafeMutablePointer<Int>?) -> Int32 {
  guard let wanted = unsafe wanted else { return status(MGS_ERROR_BAD_ARGUMENT) }
  return unsafe withHandle(decoder, DecoderValue.self, nil) { (value) throws(StreamError) in
    unsafe wanted.pointee = value.decoder.wantedByteCount
    return 0
  }
}

@c @implementation
public func mgs_decoder_places(
  _ decoder: OpaquePointer?, _ places: UnsafeMutablePointer<mgs_place>?, _ max: Int
) -> Int32 {
  guard let places = unsafe places, max > 0 else { return status(MGS_ERROR_BAD_ARGUMENT) }
  return unsafe withHandle(decoder, DecoderValue.self, nil) { (value) throws(StreamError) in
    var count = 0
    value.decoder.places(max: Swift.min(max, Int(Int32.max))) { place in
      // Safe: the decoder names at most `max` places, and the caller has room for so many.
      unsafe places[count] = mgs_place(
        region: place.region ?? UInt32.max, device: place.device, offset: place.offset, length: place.byteCount)
      count += 1
    }
    return Int32(count)
  }
}

@c @implementation
public func mgs_decoder_placed(
  _ decoder: OpaquePointer?, _ octets: UnsafeRawPointer?, _ size: Int, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let octets = unsafe MigStreamABI.octets(octets, size) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(decoder, DecoderValue.self, error) { (decoder) throws(StreamError) in
    unsafe try decoder.placed(octets.bytes)
    return 0
  }
}

@c @implementation
public func mgs_decoder_next(
  _ decoder: OpaquePointer?, _ stream: UnsafeRawPointer?, _ size: Int, _ record: UnsafeMutablePointer<mgs_record>?,
  _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard let stream = unsafe octets(stream, size), let record = unsafe record else {
    return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error)
  }
  // A record that nobody could be told must not be taken.
  guard unsafe fillStruct(record, mgs_record()) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(decoder, DecoderValue.self, error) { (decoder) throws(StreamError) in
    guard unsafe try decoder.next(stream.bytes) else { return 0 }
    _ = unsafe fillStruct(record, decoder.record)
    return 1
  }
}

@c @implementation
public func mgs_decoder_finish(
  _ decoder: OpaquePointer?, _ is_embedded: UInt32, _ summary: UnsafeMutablePointer<mgs_summary>?,
  _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  guard is_embedded <= 1 else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  return unsafe withHandle(decoder, DecoderValue.self, error) { (decoder) throws(StreamError) in
    let found = try decoder.finish(isEmbedded: is_embedded == 1)
    guard unsafe summary == nil || fillStruct(summary, found) else {
      return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error)
    }
    return 0
  }
}

@c @implementation
public func mgs_decoder_offset(_ decoder: OpaquePointer?, _ offset: UnsafeMutablePointer<UInt64>?) -> Int32 {
  guard let offset = unsafe offset else { return status(MGS_ERROR_BAD_ARGUMENT) }
  return unsafe withHandle(decoder, DecoderValue.self, nil) { (value) throws(StreamError) in
    unsafe offset.pointee = value.decoder.offset
    return 0
  }
}

@c @implementation
public func mgs_decoder_free(_ decoder: OpaquePointer?) -> Int32 { unsafe Handle<DecoderValue>.free(decoder) }

@c @implementation
public func mgs_record_extent(
  _ record: UnsafePointer<mgs_record>?, _ number: UInt32, _ extent: UnsafeMutablePointer<mgs_extent>?
) -> Int32 {
  guard let record = unsafe record, let target = unsafe extent, let given = unsafe readStruct(record, mgs_record()),
    unsafe given.kind == MGS_RECORD_MEMORY.rawValue, unsafe number < given.count,
    let body = unsafe octets(given.body),
    MemoryHead.byteCount + (Int(number) + 1) * Extent.byteCount <= body.count
  else { return status(MGS_ERROR_BAD_ARGUMENT) }
  let found = unsafe MemoryHead.extent(Int(number), in: body.bytes)
  unsafe target.pointee = mgs_extent(
    offset: found.offset, length: found.length, kind: UInt32(found.kind.rawValue), reserved: 0)
  return 0
}
