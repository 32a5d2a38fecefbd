internal import MigrationStream

/// The subsections of a section whose data is being walked: where each belongs.
struct OpenTargets {
  struct Target {
    var steps: [TargetStep]
    /// The path of the part that the subsection belongs to, once the walk has met it.
    var path: String
  }

  /// In the order of the stream, which is the order in which a walk meets the parts.
  var targets: [Target] = []
  /// The first target that the walk has not met.
  var next = 0
  /// Where the walk is.
  var steps: [TargetStep] = []
  /// Lists that stand in an array and that the walk is inside of: nothing in them can be a target.
  var unreachable = 0
}

/// SECTION bodies.
///
/// Source: Specs/10-stream-format.md section 6.
extension StreamInspector {
  mutating func writeSection(
    _ reader: inout ByteReader, _ header: RecordHeader, _ state: borrowing StreamState
  ) throws(StreamError) {
    marksFormatNames = true
    defer { marksFormatNames = false }
    let device = state.manifest.devices[Int(header.device)]
    try framing("section", 2, &reader)
    let count = try framing("num_subsections", 2, &reader)
    let layout = UInt32(try number("layout", 4, &reader))
    try framing("pass", 4, &reader)
    try reserved(4, &reader)
    let dataByteCount = try framing("len_data", 8, &reader)
    let offset = reader.offset
    let data = try reader.take(dataByteCount)
    let subsections = SubsectionReader(
      try reader.take(reader.remaining), at: offset + UInt64(dataByteCount),
      leading: SectionHead.byteCount + dataByteCount, count: UInt16(count),
      numAnnounced: UInt16(device.subsectionCount), limits: state.limits)
    try writePart(data, at: offset, layout: layout, subsections, device, state)
  }

  /// Data and the subsections that follow it; the reader counts the levels, at most 8.
  private mutating func writePart(
    _ data: RawSpan, at offset: UInt64, layout: UInt32, _ subsections: SubsectionReader,
    _ device: DeviceEntry, _ state: borrowing StreamState
  ) throws(StreamError) {
    let outer = open
    open = OpenTargets()
    collectTargets(subsections)
    let walker = SectionWalker(data, at: offset, layouts: state.layouts.table, limits: state.limits)
    do throws(StreamError) { try writeData(data, at: offset, layout: layout, state) } catch {
      // People see the data first, readers judge the heads behind it first: of two faults the readers' one is told.
      try walker.check(layout: layout, subsections: subsections)
      throw error
    }
    try walker.check(layout: layout, subsections: subsections)
    let targets = open.targets
    open = outer
    var rest = subsections
    var index = 0
    while let subsection = try rest.next() {
      try write(subsection, inside: rest, belowPath: targets[index].path, device, state)
      index += 1
    }
  }

  /// Damaged heads are left for the second reading, after the data in front of them.
  private mutating func collectTargets(_ subsections: SubsectionReader) {
    let path = filter.currentPath
    var rest = subsections
    do throws(StreamError) {
      while let subsection = try rest.next() {
        let steps = (0..<subsection.targetStepCount).map { subsection.targetStep($0) }
        open.targets.append(OpenTargets.Target(steps: steps, path: path))
        if steps.isEmpty { open.next = open.targets.count }
      }
    } catch {}
  }

  private mutating func write(
    _ subsection: Subsection, inside reader: SubsectionReader, belowPath path: String, _ device: DeviceEntry,
    _ state: borrowing StreamState
  ) throws(StreamError) {
    guard subsection.layout < state.layoutCount else {
      throw StreamError(
        .unknownLayout, .section, at: subsection.offset + 8, expected: UInt64(state.layoutCount),
        found: UInt64(subsection.layout))
    }
    let announced = state.manifest.subsection(Int(subsection.number), of: device)
    let name = String(octets: state.manifest.name(of: announced))
    filter.begin(
      ReportNode(
        "+" + name, step: path + "/+" + ReportPath.step(name), at: subsection.offset,
        length: UInt64(subsection.octets.byteCount),
        type: "subsection", meaning: "version \(announced.version), layout \(subsection.layout)",
        isSkippable: announced.mark == .skippable))
    if options.accountsForAll { try writeHead(of: subsection) }
    try writePart(
      subsection.data, at: subsection.dataOffset, layout: subsection.layout, reader.inside(subsection), device,
      state)
    filter.end()
  }

  /// The 24 octets in front of a subsection, and its target.
  private mutating func writeHead(of subsection: Subsection) throws(StreamError) {
    var reader = ByteReader(subsection.octets, at: subsection.offset, stage: .section)
    try number("len_subsection", 4, &reader)
    try number("subsection", 2, &reader)
    try number("num_subsections", 2, &reader)
    try number("layout", 4, &reader)
    try number("num_target", 2, &reader)
    try reserved(2, &reader)
    try number("len_data", 8, &reader)
    for step in 0..<subsection.targetStepCount {
      try number("target[\(step)]/field", 4, &reader)
      try number("target[\(step)]/element", 4, &reader)
    }
  }

  /// The data of a section or subsection, by its layout.
  private mutating func writeData(
    _ data: RawSpan, at offset: UInt64, layout: UInt32, _ state: borrowing StreamState
  ) throws(StreamError) {
    let table = state.layouts.table
    guard !table.isExternal(layout) else {
      notebook.opaqueSection()
      var reader = ByteReader(data, at: offset, stage: .section)
      return try writeOctets("data", &reader)
    }
    let walker = SectionWalker(data, at: offset, layouts: table, limits: state.limits)
    guard options.accountsForAll else { return try walker.walk(layout: layout, visitor: &self) }
    // In stream order there is no walk; one in tree order checks the data first and finds the targets.
    filter.isMuted = true
    defer { filter.isMuted = false }
    let level = filter.openCount
    do throws(StreamError) { try walker.walk(layout: layout, visitor: &self) } catch {
      // What is right before the fault is shown in the order in which it can be read.
      filter.close(to: level)
      filter.isMuted = false
      return try walker.walk(layout: layout, visitor: &self)
    }
    filter.isMuted = false
    try annotate(AnnotatedData(octets: data, offset: offset, layouts: table), layout: layout)
  }
}
