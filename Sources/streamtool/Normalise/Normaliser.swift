import MigrationStream
import StreamIO

/// Writes a stream in canonical form from a survey of another: the second pass of a normalisation.
///
/// Octets are read again from the input, which was verified in the first pass and must not change in between.
/// Memory: that of the survey, twice the runs of the region at hand, the layouts, and one slot, frame, body or payload
/// at a time; never what memory regions hold. What is final of compressed memory goes through a temporary file, so
/// that each frame is decompressed once more and no more.
///
/// Source: Specs/30-channels-passes-images.md section 5.
struct Normaliser: ~Copyable {
  var survey: StreamSurvey
  private let numbering: LayoutNumbering
  var encoder: StreamEncoder
  var target: AtomicOutputFile

  /// - Parameters:
  ///   - state: Of the decoder that made the survey, after END.
  ///   - input: The same octets, seekable.
  init(
    _ survey: consuming StreamSurvey, _ state: borrowing StreamState, _ input: borrowing InputFile,
    uuid: StreamUUID, into target: consuming AtomicOutputFile
  ) throws {
    var numbering = LayoutNumbering(count: state.layouts.count)
    var body = OwnedBytes()
    for device in 0..<state.manifest.devices.count {
      for section in 0..<state.manifest.devices[device].sectionCount {
        try input.read(survey.section(section, of: device, state), into: &body)
        numbering.take(try state.layoutUses(in: body.bytes, device: device), state.layouts)
      }
    }
    numbering.finish()
    let preamble = Self.preamble(uuid, state, hasExternalLayouts: numbering.hasExternal)
    let encoder = try StreamEncoder(preamble: preamble)
    self.numbering = numbering
    self.survey = survey
    self.encoder = encoder
    self.target = target
  }

  private static func preamble(
    _ uuid: StreamUUID, _ state: borrowing StreamState, hasExternalLayouts: Bool
  ) -> Preamble {
    var preamble = Preamble(uuid: uuid)
    preamble.mandatoryFlags = state.preamble.mandatoryFlags & MandatoryFlags.singleDevice
    if hasExternalLayouts { preamble.mandatoryFlags |= MandatoryFlags.externalLayouts }
    for region in 0..<state.manifest.regions.count where state.manifest.regions[region].isOpaque {
      preamble.mandatoryFlags |= MandatoryFlags.opaqueMemory
    }
    preamble.optionalFlags = OptionalFlags.canonical
    return preamble
  }

  /// Writes the whole stream and makes it appear.
  mutating func write(_ state: borrowing StreamState, _ input: borrowing InputFile) throws {
    try target.begin(encoder)
    try target.manifest(&encoder, body: state.manifest.body)
    try writeLayouts(state.layouts)
    for region in 0..<state.manifest.regions.count {
      try writeMemory(of: UInt32(region), state.manifest.regions[region], input, state.limits)
    }
    for device in 0..<state.manifest.devices.count {
      try writeByteString(of: UInt32(device), input, state.limits)
    }
    try writeSections(state, input)
    try target.writeUnknown(survey.unknown, &encoder, input)
    try target.end(&encoder)
    try target.commit()
  }

  /// Ends the work when the output has failed.
  func checkOutput() throws(IOFailure) { if let failure = target.failure { throw failure } }

  private mutating func writeLayouts(_ layouts: borrowing LayoutStore) throws {
    let table = layouts.table
    for number in numbering.order { try target.layout(&encoder, number, of: table, compresses: false) }
  }

  private mutating func writeSections(_ state: borrowing StreamState, _ input: borrowing InputFile) throws {
    var body = OwnedBytes()
    for device in 0..<state.manifest.devices.count {
      for section in 0..<state.manifest.devices[device].sectionCount {
        try checkOutput()
        try input.read(survey.section(section, of: device, state), into: &body)
        for use in try state.layoutUses(in: body.bytes, device: device) {
          body.set(numbering.number(of: use), at: use.position)
        }
        try target.section(
          &encoder, body.bytes, device: UInt32(device), layout: SectionHead(body.bytes).layout, replaces: false)
      }
    }
  }
}

extension StreamSurvey {
  /// Where the final state of an announced section lies.
  func section(_ section: Int, of device: Int, _ state: borrowing StreamState) -> Body {
    sections[state.manifest.devices[device].firstSection + section]
  }
}

extension InputFile {
  func read(_ body: StreamSurvey.Body, into target: inout OwnedBytes) throws(IOFailure) {
    try read(at: body.offset, count: Int(body.byteCount), into: &target)
  }
}
