public import MigrationStream

/// What a reader knows of where things lie, before it has looked at them.
public struct StateFacts: Sendable {
  public struct ByteString: Sendable {
    public var octets: UInt64
    public var records: UInt64
    /// Octets from the start of the stream to the first record.
    public var offset: UInt64

    public init(octets: UInt64, records: UInt64, offset: UInt64) {
      self.octets = octets
      self.records = records
      self.offset = offset
    }
  }

  /// By position among all announced sections: the record with the final state.
  public var sections: [FileRange] = []
  /// By device number.
  public var byteStrings: [Int: ByteString] = [:]
  /// Extents of the final content, by region.
  public var extents: [UInt64] = []

  public init() {}
}

/// Lists what can be got from a stream: devices with their sections and byte strings, and memory regions.
///
/// Source: Specs/50-inspection.md section 7.
public struct StateListing<Sink: ReportSink> {
  private var filter: ReportFilter<Sink>
  private let facts: StateFacts

  public init(_ sink: Sink, _ facts: StateFacts) {
    filter = ReportFilter(sink)
    self.facts = facts
  }

  public mutating func write(_ state: borrowing StreamState) {
    for device in 0..<state.manifest.devices.count { writeDevice(device, state) }
    for region in 0..<state.manifest.regions.count { writeRegion(region, state) }
  }

  private mutating func writeDevice(_ number: Int, _ state: borrowing StreamState) {
    let device = state.manifest.devices[number]
    let model = String(octets: state.manifest.model(of: device))
    filter.begin(
      ReportNode(
        "device", step: StatePath.device(number, state), type: "device",
        meaning: "version \(device.version)" + (model.isEmpty ? "" : ", model " + model),
        isSkippable: device.mark == .skippable))
    for section in 0..<device.sectionCount {
      let announced = state.manifest.section(section, of: device)
      let place = facts.sections[device.firstSection + section]
      filter.leaf(
        ReportNode(
          String(octets: state.manifest.name(of: announced)), step: StatePath.section(section, of: number, state),
          at: place.offset, length: place.byteCount, type: "section", meaning: "version \(announced.version)",
          isSkippable: announced.mark == .skippable))
    }
    for subsection in 0..<device.subsectionCount {
      let announced = state.manifest.subsection(subsection, of: device)
      let name = String(octets: state.manifest.name(of: announced))
      filter.leaf(
        ReportNode(
          "+" + name, step: StatePath.device(number, state) + "/+" + ReportPath.step(name), type: "subsection",
          meaning: "version \(announced.version), comes only when its condition holds",
          isSkippable: announced.mark == .skippable))
    }
    if let bytes = facts.byteStrings[number] { writeByteString(bytes, number, state) }
    filter.end()
  }

  private mutating func writeByteString(_ bytes: StateFacts.ByteString, _ device: Int, _ state: borrowing StreamState) {
    filter.begin(
      ReportNode(
        "bytes", step: StatePath.byteString(of: device, state), type: "byteString", value: .unsigned(bytes.octets),
        meaning: ReportText.rounded(bytes.octets)))
    leaf("records", bytes.records)
    leaf("first_record", bytes.offset)
    filter.end()
  }

  private mutating func writeRegion(_ number: Int, _ state: borrowing StreamState) {
    let region = state.manifest.regions[number]
    let isImage = number < state.placement.areas.count
    var node = ReportNode(
      "region", step: StatePath.region(number, state), type: "region", value: .unsigned(region.byteCount),
      meaning: ReportText.rounded(region.byteCount))
    if isImage { (node.offset, node.length) = (state.placement.areas[number].fileOffset, region.byteCount) }
    filter.begin(node)
    if region.guestAddress != Format.none64 {
      filter.leaf(ReportNode("guest_address", value: .hex(region.guestAddress)))
    }
    leaf("page_size", region.pageByteCount)
    if isImage { leaf("granule", state.placement.areas[number].granuleByteCount) }
    leaf("extents", facts.extents[number])
    filter.end()
  }

  private mutating func leaf(_ name: String, _ value: UInt64) {
    filter.leaf(ReportNode(name, value: .unsigned(value)))
  }
}
