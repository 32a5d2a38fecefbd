import MigrationStream
import StreamIO

/// Writes the final state of a stream or image in the other profile: one pass, superseded data gone.
///
/// The state stays the same: byte strings with their write units, discarded extents, records of unknown kinds, layouts
/// with their numbers. Octets are read again from the input, which was verified when the survey was made.
/// Memory: that of the survey, the layouts, and one chunk, frame, body or payload at a time.
///
/// Source: Specs/50-inspection.md section 6.
struct StateWriter: ~Copyable {
  var survey: StreamSurvey
  var encoder: StreamEncoder
  var target: AtomicOutputFile
  let options: Options
  /// Things worth knowing that are no fault.
  var notes: [String] = []

  struct Options {
    var profile = Profile.stream
    var uuid: StreamUUID?
    /// Octets of memory in one record of a stream.
    var chunkByteCount = Format.chunkByteCount
    var compresses = false
    /// Octets under one digest of an image; nil: what suits the stream.
    var granule: UInt64?
  }

  /// - Parameter state: Of the decoder that made the survey, after END.
  init(
    _ survey: consuming StreamSurvey, _ state: borrowing StreamState, _ options: Options,
    into target: consuming AtomicOutputFile
  ) throws {
    let encoder = try StreamEncoder(
      preamble: Self.preamble(state, options), limits: state.limits, indexes: options.profile == .image)
    self.survey = survey
    self.options = options
    self.encoder = encoder
    self.target = target
  }

  private static func preamble(_ state: borrowing StreamState, _ options: Options) -> Preamble {
    var preamble = state.preamble
    preamble.profile = options.profile
    preamble.uuid = options.uuid ?? preamble.uuid
    preamble.recordByteCountMax = 0
    preamble.channelCount = 1
    preamble.mandatoryFlags &= ~(MandatoryFlags.zstd | MandatoryFlags.passes | MandatoryFlags.channels)
    if options.compresses { preamble.mandatoryFlags |= MandatoryFlags.zstd }
    preamble.optionalFlags &= ~(OptionalFlags.indexed | OptionalFlags.canonical)
    return preamble
  }

  /// Writes the whole and makes it appear.
  mutating func write(_ state: borrowing StreamState, _ input: borrowing InputFile) throws {
    survey.settleMemory()
    var progress = ProgressLine("writing", of: survey.dataByteCount)
    try target.begin(encoder)
    try target.manifest(&encoder, body: state.manifest.body)
    if options.profile == .image {
      try writePlacement(state)
      for region in 0..<state.manifest.regions.count {
        try writeArea(of: UInt32(region), state, input, &progress)
      }
    }
    try writeLayouts(state.layouts)
    if options.profile == .stream {
      for region in 0..<state.manifest.regions.count { try writeChunks(of: UInt32(region), state, input, &progress) }
    }
    for device in 0..<state.manifest.devices.count { try writeByteString(of: device, state, input) }
    try writeSections(state, input)
    try target.writeUnknown(survey.unknown, &encoder, input)
    if options.profile == .image { try target.index(&encoder) }
    try target.end(&encoder)
    try target.commit()
  }

  /// Ends the work when the output has failed.
  func checkOutput() throws(IOFailure) { if let failure = target.failure { throw failure } }

  private mutating func writeLayouts(_ layouts: borrowing LayoutStore) throws {
    let table = layouts.table
    for number in 0..<UInt32(clamping: table.count) {
      try target.layout(&encoder, number, of: table, compresses: options.compresses)
    }
  }

  private mutating func writeSections(_ state: borrowing StreamState, _ input: borrowing InputFile) throws {
    var body = OwnedBytes()
    for device in 0..<state.manifest.devices.count {
      for section in 0..<state.manifest.devices[device].sectionCount {
        try checkOutput()
        try input.read(survey.section(section, of: device, state), into: &body)
        try target.section(
          &encoder, body.bytes, device: UInt32(device), layout: SectionHead(body.bytes).layout, replaces: false)
      }
    }
  }

  /// Records as they came, so that write units stay what they are.
  private mutating func writeByteString(
    of device: Int, _ state: borrowing StreamState, _ input: borrowing InputFile
  ) throws {
    let marks = ~(RecordFlags.required | RecordFlags.skippable)
    var octets = OwnedBytes()
    var frame = try FrameReader()
    for part in survey.byteStrings[device].parts {
      try checkOutput()
      if part.payload.isFrame {
        try frame.open(part.payload, input, state.limits)
        octets.removeAll()
        try octets.append(contentsOf: frame.plain)
      } else {
        try input.read(at: part.payload.offset, count: Int(part.payload.byteCount), into: &octets)
      }
      try target.bytes(
        &encoder, device: UInt32(device), octets: octets, flags: part.flags & marks, compresses: options.compresses)
    }
  }

  // MARK: Memory of a stream

  private mutating func writeChunks(
    of region: UInt32, _ state: borrowing StreamState, _ input: borrowing InputFile, _ progress: inout ProgressLine
  ) throws {
    var runs = survey.takeMemory(of: Int(region))
    let spool = try survey.spoolFrames(of: &runs, input, state.limits)
    var cutter = ChunkCutter(chunkByteCount: options.chunkByteCount, compresses: options.compresses)
    for run in runs {
      if let kind = run.zeroKind, kind == .discard || run.length >= cutter.chunkByteCount {
        try cutter.flush(&encoder, &target)
        try target.memory(&encoder, region: region, offset: run.offset, length: run.length, kind: kind)
        continue
      }
      var rest = run
      while rest.length > 0 {
        try checkOutput()
        let count = try cutter.begin(region, at: rest.offset, length: rest.length, &encoder, &target)
        let position = cutter.octets.count
        try cutter.octets.append(repeating: 0, count: count)
        try rest.read(input, spool, into: &cutter.octets, position..<(position + count))
        rest = rest.suffix(from: rest.offset + UInt64(count))
        try cutter.end(&encoder, &target)
        progress.show(target.count)
      }
    }
    try cutter.flush(&encoder, &target)
  }
}
