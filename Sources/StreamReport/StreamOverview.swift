public import MigrationStream

/// Says what a stream is from its preamble, its manifest and its last record.
public struct StreamOverview<Sink: ReportSink>: StreamHandler {
  private var filter: ReportFilter<Sink>
  public private(set) var hasManifest = false

  public init(_ sink: Sink) { filter = ReportFilter(sink) }

  public mutating func preamble(_ preamble: Preamble) {
    filter.begin(ReportNode("format"))
    leaf(
      "version", .name("\(Format.major).\(preamble.minor)"), "readers need minor \(preamble.minorReaderMin) or later")
    leaf("profile", .name("\(preamble.profile)"))
    leaf("uuid", .name(preamble.uuid.text))
    leaf("features", .name(FlagNames.text(UInt64(preamble.mandatoryFlags), FlagNames.mandatory)))
    leaf("options", .name(FlagNames.text(UInt64(preamble.optionalFlags), FlagNames.optional)))
    leaf("channels", .unsigned(UInt64(preamble.channelCount)))
    filter.end()
  }

  public mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {
    guard record.header.knownKind == .manifest else { return }
    hasManifest = true
    let manifest = state.manifest.overview
    filter.begin(ReportNode("machine"))
    leaf("producer", .text(manifest.producer))
    leaf("producer_version", .text(manifest.producerVersion))
    leaf("architecture", .text(manifest.architecture))
    leaf("page_size", .unsigned(manifest.pageByteCount), manifest.pageByteCount == 0 ? "not stated" : "")
    filter.end()
    writeRegions(state)
    filter.begin(ReportNode("devices", value: .unsigned(UInt64(state.manifest.devices.count))))
    for index in 0..<state.manifest.devices.count { writeDevice(index, state) }
    filter.end()
  }

  public mutating func payload(_ octets: RawSpan, at position: UInt64) {}
  public mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) {}

  private mutating func leaf(_ name: String, _ value: ReportValue, _ meaning: String = "") {
    if case .name("") = value { return }
    if case .text("") = value { return }
    filter.leaf(ReportNode(name, value: value, meaning: meaning))
  }

  private mutating func writeRegions(_ state: borrowing StreamState) {
    var total: UInt64 = 0
    for index in 0..<state.manifest.regions.count {
      // Each is below 2^56: a sum that wraps is no sum anybody has.
      total &+= state.manifest.regions[index].byteCount
    }
    filter.begin(
      ReportNode(
        "regions", value: .unsigned(UInt64(state.manifest.regions.count)), meaning: ReportText.size(total)))
    for index in 0..<state.manifest.regions.count {
      let region = state.manifest.regions[index]
      filter.begin(ReportNode("[\(index)]", type: "region"))
      leaf("name", .text(String(octets: state.manifest.name(of: region))))
      leaf("octets", .unsigned(region.byteCount), ReportText.rounded(region.byteCount))
      if region.guestAddress != Format.none64 { leaf("guest_address", .hex(region.guestAddress)) }
      leaf("page_size", .unsigned(region.pageByteCount))
      leaf("flags", .name(FlagNames.text(UInt64(region.flags), FlagNames.region)))
      filter.end()
    }
    filter.end()
  }

  private mutating func writeDevice(_ index: Int, _ state: borrowing StreamState) {
    let device = state.manifest.devices[index]
    filter.begin(ReportNode("[\(index)]", type: "device", isSkippable: device.mark == .skippable))
    leaf("path", .text(String(octets: state.manifest.path(of: device))))
    leaf("address", .text(String(octets: state.manifest.address(of: device))))
    leaf("model", .text(String(octets: state.manifest.model(of: device))))
    leaf("version", .unsigned(UInt64(device.version)), "readers from version \(device.versionMin)")
    leaf("apply", .name("\(device.apply)"))
    for position in 0..<device.parameterCount {
      let parameter = state.manifest.parameter(position, of: device)
      let value: ReportValue =
        switch parameter.kind {
        case .bool: .bool(parameter.value != 0)
        case .int: .signed(Int64(bitPattern: parameter.value))
        case .str: .text(String(octets: state.manifest.text(of: parameter)))
        }
      filter.leaf(
        ReportNode(
          "parameters[\(position)]", type: String(octets: state.manifest.name(of: parameter)).visible, value: value))
    }
    for position in 0..<device.sectionCount {
      let announced = state.manifest.section(position, of: device)
      write(announced, "sections[\(position)]", String(octets: state.manifest.name(of: announced)))
    }
    for position in 0..<device.subsectionCount {
      let announced = state.manifest.subsection(position, of: device)
      write(announced, "subsections[\(position)]", String(octets: state.manifest.name(of: announced)))
    }
    filter.end()
  }

  private mutating func write(_ announced: Announcement, _ title: String, _ name: String) {
    filter.leaf(
      ReportNode(
        title, type: "announcement", value: .text(name), meaning: "version \(announced.version)",
        isSkippable: announced.mark == .skippable))
  }

  // MARK: The end

  /// Octets of an END record: header and body.
  public static var endByteCount: Int { 480 }

  /// Takes the last octets of the input, if they are an END record; its digests are compared, nothing else.
  public mutating func takeEnd(_ octets: RawSpan) {
    guard octets.byteCount == Self.endByteCount, octets.integer(at: 0, as: UInt32.self) == Format.sync,
      octets.integer(at: 4, as: UInt16.self) == RecordKind.end.rawValue,
      octets.integer(at: 32, as: UInt64.self) == Digest.xxh3(octets.extracting(64..<Self.endByteCount))
    else {
      filter.leaf(
        ReportNode("end", value: .name("missing"), meaning: "nothing of this stream may be resumed; see verify"))
      return
    }
    filter.begin(ReportNode("end", meaning: "as the stream says; see verify"))
    leaf("records", .unsigned(octets.integer(at: 64 + 32, as: UInt64.self)))
    leaf("sections", .unsigned(octets.integer(at: 64 + 16, as: UInt64.self)))
    leaf("passes", .unsigned(UInt64(octets.integer(at: 64 + 12, as: UInt32.self))))
    let size = octets.integer(at: 64 + 40, as: UInt64.self)
    leaf("octets", .unsigned(size), ReportText.rounded(size))
    filter.end()
  }
}

extension Manifest {
  /// The texts and numbers about the machine as a whole.
  fileprivate var overview: (producer: String, producerVersion: String, architecture: String, pageByteCount: UInt64) {
    (
      String(octets: producer), String(octets: producerVersion), String(octets: architecture),
      UInt64(pageByteCount)
    )
  }
}

extension StreamUUID {
  /// In the form of RFC 4122.
  public var text: String {
    let words: [UInt8] = (0..<16).map { index in
      UInt8(truncatingIfNeeded: (index < 8 ? low : high) >> UInt64(8 * (index % 8)))
    }
    return words.span.octets.uuidText
  }
}
