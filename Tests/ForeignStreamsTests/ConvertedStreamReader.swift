import ForeignStreams
import MigrationStream

/// A field as it was read from a converted stream.
final class ConvertedNode {
  enum Kind { case leaf, object, array }

  let name: String
  let number: Int
  let kind: Kind
  let type: FieldType
  /// Leaves: all values, and where they are in the converted stream.
  var octets: [UInt8] = []
  var offset: UInt64 = 0
  var count = 1
  var children: [ConvertedNode] = []
  var subsections: [(name: String, target: [TargetStep], node: ConvertedNode)] = []

  init(_ name: String, _ number: Int, _ kind: Kind, _ type: FieldType) {
    self.name = name
    self.number = number
    self.kind = kind
    self.type = type
  }

  /// All leaves with octets, subsections included.
  var leaves: [ConvertedNode] {
    if kind == .leaf { return octets.isEmpty ? [] : [self] }
    return children.flatMap(\.leaves) + subsections.flatMap(\.node.leaves)
  }

  func child(_ name: String) -> ConvertedNode? { children.first { $0.name == name } }

  /// The structure or element that a target leads to.
  func part(_ target: ArraySlice<TargetStep>) -> ConvertedNode? {
    guard let step = target.first else { return self }
    guard let field = children.first(where: { $0.number == Int(step.field) }) else { return nil }
    let part = field.kind == .array ? field.children[Int(step.element)] : field
    return part.part(target.dropFirst())
  }
}

/// Collects the fields of a section's data.
struct NodeCollector: FieldVisitor {
  var stack: [ConvertedNode] = [ConvertedNode("", -1, .object, .structure)]

  private func node(_ kind: ConvertedNode.Kind, _ place: FieldPlace, _ layout: LayoutView) -> ConvertedNode {
    ConvertedNode(text(layout.name(of: place.number)), place.number, kind, layout.entries[place.number].type)
  }

  private func add(_ octets: RawSpan, _ count: Int, _ place: FieldPlace, _ layout: LayoutView) {
    let leaf = node(.leaf, place, layout)
    leaf.octets = array(octets)
    leaf.offset = place.offset
    leaf.count = count
    stack[stack.count - 1].children.append(leaf)
  }

  mutating func value(_ octets: RawSpan, at place: FieldPlace, of layout: LayoutView) {
    add(octets, 1, place, layout)
  }

  mutating func values(_ octets: RawSpan, count: Int, at place: FieldPlace, of layout: LayoutView) {
    add(octets, count, place, layout)
  }

  private mutating func push(_ kind: ConvertedNode.Kind, _ place: FieldPlace, _ layout: LayoutView) {
    let inner = node(kind, place, layout)
    stack[stack.count - 1].children.append(inner)
    stack.append(inner)
  }

  mutating func beginArray(count: Int, at place: FieldPlace, of layout: LayoutView) {
    push(.array, place, layout)
  }
  mutating func endArray(at place: FieldPlace, of layout: LayoutView) { stack.removeLast() }
  mutating func enter(_ place: FieldPlace, of layout: LayoutView) { push(.object, place, layout) }
  mutating func leave(_ place: FieldPlace, of layout: LayoutView) { stack.removeLast() }
  mutating func enterElement(
    _ place: FieldPlace, of layout: LayoutView, element: LayoutView, number: UInt32
  ) { push(.object, place, layout) }
}

/// Everything in a converted stream.
struct ConvertedStreamReader: StreamHandler {
  struct Device {
    var path: String
    var address: String
    var model: String
    var version: UInt32
    var parameters: [String: UInt64]
    var sectionName: String?
    var subsectionNames: [String]
    var section: ConvertedNode?
    var layoutName = ""
    var bytes: [UInt8] = []
    var unitCount = 0
  }

  var architecture = ""
  var regions: [(name: String, length: UInt64)] = []
  var devices: [Device] = []
  /// Octets of the pages that are not zero, by region and offset.
  var pages: [PageKey: [UInt8]] = [:]
  var layoutCount = 0
  private var pageSize: UInt64 = 4_096
  private var memory: (region: UInt32, extents: [Extent])?
  private var bytesDevice: Int?
  private var collected: [UInt8] = []

  struct PageKey: Hashable {
    var region: Int
    var offset: UInt64
  }

  init(_ octets: [UInt8]) throws {
    var decoder = try PushDecoder()
    _ = try decoder.push(octets.span.octets, to: &self)
    try decoder.finish(exclusive: true)
  }

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {
    switch record.header.knownKind {
    case .manifest: take(state.manifest)
    case .layout: layoutCount += 1
    case .section: try section(record, state)
    case .memory:
      let head = MemoryHead(record.body)
      var extents: [Extent] = []
      for index in 0..<Int(head.extentCount) { extents.append(MemoryHead.extent(index, in: record.body)) }
      memory = (head.region, extents)
    case .bytes:
      bytesDevice = Int(record.header.device)
      if record.header.flags & RecordFlags.unitFirst != 0 { devices[Int(record.header.device)].unitCount += 1 }
    default: break
    }
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) { collected += array(octets) }

  mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) {
    if let (region, extents) = memory {
      var position = 0
      for extent in extents {
        var done: UInt64 = 0
        while done < extent.length {
          let key = PageKey(region: Int(region), offset: extent.offset + done)
          let count = min(pageSize, extent.length - done)
          if extent.kind == .data {
            pages[key] = Array(collected[position..<(position + Int(count))])
            position += Int(count)
          } else {
            pages[key] = nil
          }
          done += count
        }
      }
    }
    if let bytesDevice { devices[bytesDevice].bytes += collected }
    collected = []
    (memory, bytesDevice) = (nil, nil)
  }

  private mutating func take(_ manifest: borrowing Manifest) {
    architecture = text(manifest.architecture)
    pageSize = UInt64(manifest.pageByteCount)
    for index in 0..<manifest.regions.count {
      let region = manifest.regions[index]
      regions.append((text(manifest.name(of: region)), region.byteCount))
    }
    for index in 0..<manifest.devices.count {
      let entry = manifest.devices[index]
      var parameters: [String: UInt64] = [:]
      for number in 0..<entry.parameterCount {
        let parameter = manifest.parameter(number, of: entry)
        parameters[text(manifest.name(of: parameter))] = parameter.value
      }
      var subsections: [String] = []
      for number in 0..<entry.subsectionCount {
        subsections.append(text(manifest.name(of: manifest.subsection(number, of: entry))))
      }
      devices.append(
        Device(
          path: text(manifest.path(of: entry)), address: text(manifest.address(of: entry)),
          model: text(manifest.model(of: entry)), version: entry.version, parameters: parameters,
          sectionName: entry.sectionCount == 0
            ? nil : text(manifest.name(of: manifest.section(0, of: entry))),
          subsectionNames: subsections))
    }
  }

  private mutating func section(
    _ record: borrowing Record, _ state: borrowing StreamState
  ) throws(StreamError) {
    let head = SectionHead(record.body)
    let device = Int(record.header.device)
    let data = head.data(in: record.body)
    let offset = record.bodyOffset + UInt64(SectionHead.byteCount)
    let table = state.layouts.table
    let node = try Self.node(data, at: offset, layout: head.layout, table)
    let reader = SubsectionReader(
      head.subsections(in: record.body), at: offset + UInt64(data.byteCount),
      leading: SectionHead.byteCount + data.byteCount, count: head.subsectionCount,
      numAnnounced: UInt16(devices[device].subsectionNames.count), limits: StreamLimits())
    try Self.subsections(reader, of: node, devices[device].subsectionNames, table)
    devices[device].section = node
    devices[device].layoutName = text(table.layout(head.layout).name)
  }

  private static func node(
    _ data: RawSpan, at offset: UInt64, layout: UInt32, _ table: LayoutTable
  ) throws(StreamError) -> ConvertedNode {
    var collector = NodeCollector()
    try SectionWalker(data, at: offset, layouts: table, limits: StreamLimits())
      .walk(layout: layout, visitor: &collector)
    return collector.stack[0]
  }

  /// Hangs each subsection on the structure that its target names.
  private static func subsections(
    _ reader: SubsectionReader, of parent: ConvertedNode, _ names: [String], _ table: LayoutTable
  ) throws(StreamError) {
    var rest = reader
    while let subsection = try rest.next() {
      let node = try node(subsection.data, at: subsection.dataOffset, layout: subsection.layout, table)
      try subsections(rest.inside(subsection), of: node, names, table)
      let target = (0..<subsection.targetStepCount).map { subsection.targetStep($0) }
      guard let part = parent.part(target[...]) else {
        throw StreamError(.badTarget, .section, at: subsection.targetOffset)
      }
      part.subsections.append((names[Int(subsection.number)], target, node))
    }
  }
}

func array(_ octets: RawSpan) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(octets.byteCount)
  for index in 0..<octets.byteCount { result.append(octets.octet(at: index)) }
  return result
}

func text(_ octets: RawSpan) -> String { String(decoding: array(octets), as: UTF8.self) }

/// A converted stream and what the conversion says about it.
struct Converted {
  var octets: [UInt8]
  var result: QEMUConverter.Result

  init(_ stream: QEMUStream, _ change: (inout QEMUConverter.Options) -> Void = { _ in }) throws(ForeignError) {
    var options = QEMUConverter.Options()
    options.uuid = StreamUUID(low: 1, high: 2)
    change(&options)
    let sink = Sink()
    result = try QEMUConverter.convert(stream, options: options) { (octets) throws(ForeignError) in
      sink.octets += array(octets)
    }
    octets = sink.octets
  }

  private final class Sink { var octets: [UInt8] = [] }

  /// What the deepest verification says.
  func verified() throws(StreamError) -> StreamSummary {
    var verifier = try StreamVerifier(.deep)
    _ = try verifier.push(octets.span.octets)
    return try verifier.finish()
  }

  /// Octets consumed by the pull decoder, which looks into sections.
  func pulled() throws(StreamError) -> UInt64 {
    let bytes = octets.span.octets
    var decoder = try PullDecoder(bytes)
    while try decoder.next() != nil {}
    try decoder.finish()
    return decoder.offset
  }

  /// Fields that the converter makes and that have no source.
  private static let made: Set<String> = ["record_types", "part_lengths"]

  /// Leaves whose octets are not those of their source, but for the order in numbers and for truth values.
  func misfits(_ root: ConvertedNode, source: [UInt8]) -> [String] {
    root.leaves.filter { !Self.made.contains($0.name) }.compactMap { leaf in
      guard let place = result.sourceMap.sourceOffset(of: leaf.offset),
        place + UInt64(leaf.octets.count) <= UInt64(source.count)
      else { return "\(leaf.name): no source" }
      let there = Array(source[Int(place)..<(Int(place) + leaf.octets.count)])
      if there == leaf.octets { return nil }
      if leaf.type == .bool { return there.map { $0 == 0 ? 0 : 1 } == leaf.octets ? nil : leaf.name }
      let width = leaf.type == .bitmap ? 8 : leaf.octets.count / leaf.count
      var turned: [UInt8] = []
      for start in stride(from: 0, to: there.count, by: width) {
        turned += there[start..<min(start + width, there.count)].reversed()
      }
      return turned == leaf.octets && leaf.type != .bytes ? nil : leaf.name
    }
  }
}
