internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// How a stream is to be made: the members of `mgs_stream_options`, checked.
struct StreamOptions {
  var uuid = StreamUUID(low: 0, high: 0)
  var flags: UInt32 = 0
  var recordByteCountMax: UInt64 = 0

  /// - Parameter isSingleDevice: Whatever the options say.
  init(uuid: StreamUUID, isSingleDevice: Bool) {
    self.uuid = uuid
    if isSingleDevice { flags = MGS_SINGLE_DEVICE }
  }

  /// nil when something in it is wrong; NULL is.
  init?(_ options: UnsafePointer<mgs_stream_options>?) {
    guard let options = unsafe options, let given = unsafe readStruct(options, mgs_stream_options()),
      given.flags <= MGS_SINGLE_DEVICE | MGS_PASSES | MGS_COMPRESS | MGS_UNCHECKED | MGS_ANSWERED,
      given.reserved == 0
    else { return nil }
    uuid = unsafe withUnsafeBytes(of: given.uuid) { octets in unsafe StreamUUID(octets.bytes) }
    flags = given.flags
    recordByteCountMax = given.record_size_max
  }

  func has(_ flag: UInt32) -> Bool { flags & flag != 0 }

  /// Mandatory flags name what will be used.
  func preamble(_ manifest: borrowing ManifestBuilder, _ notes: borrowing ManifestNotes) -> Preamble {
    var preamble = Preamble(uuid: uuid)
    preamble.recordByteCountMax = recordByteCountMax
    if has(MGS_SINGLE_DEVICE) { preamble.mandatoryFlags |= MandatoryFlags.singleDevice }
    if has(MGS_PASSES) { preamble.mandatoryFlags |= MandatoryFlags.passes }
    if has(MGS_COMPRESS) { preamble.mandatoryFlags |= MandatoryFlags.zstd }
    if manifest.hasOpaqueRegions { preamble.mandatoryFlags |= MandatoryFlags.opaqueMemory }
    if notes.hasExternalLayouts { preamble.mandatoryFlags |= MandatoryFlags.externalLayouts }
    return preamble
  }

  var saveOptions: SaveOptions {
    var options = SaveOptions(uuid: uuid)
    options.usesPreCopy = has(MGS_PASSES)
    options.compresses = has(MGS_COMPRESS)
    options.isSingleDevice = has(MGS_SINGLE_DEVICE)
    options.checksSections = !has(MGS_UNCHECKED)
    options.recordByteCountMax = recordByteCountMax
    return options
  }
}

extension StreamUUID {
  /// 16 octets, as they stand in a preamble.
  init(_ octets: RawSpan) {
    self.init(low: octets.integer(at: 0, as: UInt64.self), high: octets.integer(at: 8, as: UInt64.self))
  }
}
