import DeviceModel
import MigrationStream
import StreamTestKit

/// A value of a device's state, as tests write it: `["running": 1, "waiting": [["frame": .octets(60)]]]`.
indirect enum StateValue: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, Sendable {
  case number(UInt64)
  /// So many octets.
  case octets(Int)
  case elements([StateValue])
  case fields([String: StateValue])
  /// An element of a list, which names its layout.
  case element(String, StateValue)

  init(integerLiteral value: UInt64) { self = .number(value) }
  init(arrayLiteral elements: StateValue...) { self = .elements(elements) }
  init(dictionaryLiteral elements: (String, StateValue)...) {
    self = .fields(Dictionary(elements) { first, _ in first })
  }
}

/// A section of a device's state with its subsections.
struct WrittenSection: Sendable {
  /// A subsection, and the element of its target that it hangs on.
  struct Subsection: Sendable {
    var name: String
    var state: StateValue
    var element: UInt32 = 0

    init(_ name: String, _ state: StateValue, element: UInt32 = 0) {
      (self.name, self.state, self.element) = (name, state, element)
    }
  }

  var name: String
  var state: StateValue
  var subsections: [Subsection] = []

  init(_ name: String, _ state: StateValue, _ subsections: Subsection...) {
    (self.name, self.state, self.subsections) = (name, state, subsections)
  }
}

/// Section data of a writer's layout. What the state does not name is as small as its range and symbols allow: 0, absent, empty.
struct StateWriter: ~Copyable {
  private let model: ResolvedModel

  init(_ model: consuming ResolvedModel) { self.model = model }

  /// A stream of one device. Sections that `written` does not name are there once with what is smallest; those of `many`
  /// and `optional` are not there.
  borrowing func stream(_ written: [WrittenSection]) throws(StreamError) -> [UInt8] {
    let sections = model.sections.flatMap { section in
      let own = written.filter { $0.name == section.name }
      return own.isEmpty && section.section.cardinality == .one ? [WrittenSection(section.name, [:])] : own
    }
    let counts = Dictionary(grouping: sections, by: \.name).mapValues(\.count)
    let absent = model.sections.filter { counts[$0.name] == nil }.map { ($0.name, 0) }
    var manifest = try ManifestBuilder(
      producer: "test".utf8.span.octets, producerVersion: "1".utf8.span.octets,
      architecture: "x86_64".utf8.span.octets, guestEndianness: 1, pageByteCount: 4096)
    try model.writeManifestRegions(into: &manifest, owner: 0)
    try model.writeManifestDevice(
      into: &manifest, path: "device", counts: counts.merging(absent) { first, _ in first })
    var octets: [UInt8] = []
    var encoder = try StreamEncoder(preamble: Preamble(uuid: StreamUUID(low: 1, high: 2)))
    Self.append(encoder.preamble, to: &octets)
    Self.append(try encoder.manifest(manifest), to: &octets)
    for number in 0..<model.writerLayouts.count {
      let layout = model.writerLayouts.table.layout(UInt32(number))
      Self.append(try encoder.layout(canonical: layout.octets), to: &octets)
    }
    for (position, section) in sections.enumerated() {
      guard let number = model.sections.firstIndex(where: { $0.name == section.name }) else { continue }
      let subsections = subsections(section.subsections, of: number)
      let (data, rest) = (data(section.state, model.sections[number].layout), subsections.flatMap { $0 })
      Self.append(
        try encoder.section(
          device: 0, section: UInt16(position), layout: model.sections[number].layout, data: data.span.octets,
          subsections: rest.span.octets, subsectionCount: UInt16(subsections.count)), to: &octets)
    }
    if model.hasByteString {
      let whole: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
      let flags = RecordFlags.last | RecordFlags.unitFirst | RecordFlags.unitLast
      Self.append(try encoder.bytes(device: 0, octets: whole.span.octets, flags: flags), to: &octets)
    }
    Self.append(try encoder.end(), to: &octets)
    return octets
  }

  private borrowing func subsections(_ written: [WrittenSection.Subsection], of section: Int) -> [[UInt8]] {
    written.compactMap { subsection in
      guard let position = model.subsections.firstIndex(where: {
        $0.name == subsection.name && $0.owner == .section(section)
      }) else { return nil }
      let resolved = model.subsections[position]
      let data = data(subsection.state, resolved.layout)
      let target: [UInt8] = resolved.target.map { .u32($0) + .u32(subsection.element) } ?? []
      let body: [UInt8] = .joined(
        .u16(UInt16(position)), .u16(0), .u32(resolved.layout), .u16(UInt16(target.count / 8)), .u16(0),
        .u64(UInt64(data.count)), target, data)
      return .u32(UInt32(body.count + 4)) + body
    }
  }

  // MARK: Data

  private typealias Parts = (block: [UInt8], variable: [UInt8])

  private borrowing func data(_ state: StateValue, _ layout: UInt32) -> [UInt8] {
    part(state, entries(in: nil, Int(layout)), Int(layout))
  }

  private borrowing func entries(in group: Int?, _ layout: Int) -> [Int] {
    let fields = model.writerFields[layout].fields
    return fields.indices.filter { fields[$0].parent == group }
  }

  private borrowing func part(_ state: StateValue, _ entries: [Int], _ layout: Int) -> [UInt8] {
    let parts = fields(state, entries, layout)
    return parts.block.padded() + parts.variable
  }

  private borrowing func fields(_ state: StateValue, _ entries: [Int], _ layout: Int) -> Parts {
    var (block, variable): Parts = ([], [])
    for entry in entries {
      var value: StateValue?
      if case .fields(let named) = state { value = named[model.writerFields[layout].fields[entry].field.name] }
      let parts = field(value, entry, layout)
      block += parts.block
      variable += parts.variable
    }
    return (block, variable)
  }

  private borrowing func field(_ value: StateValue?, _ entry: Int, _ layout: Int) -> Parts {
    let form = model.writerLayouts.table.layout(UInt32(layout)).entries[entry]
    guard form.shape != .one else { return element(value, entry, layout) }
    var elements: [StateValue] = []
    if case .elements(let named) = value { elements = named }
    let count = form.shape == .fixedArray ? Int(form.count) : elements.count
    var (blocks, variable): Parts = ([], [])
    for number in 0..<count {
      let parts = element(number < elements.count ? elements[number] : nil, entry, layout)
      blocks += parts.block
      variable += parts.variable
    }
    return form.shape == .fixedArray ? (blocks, variable) : (.u32(UInt32(count)), blocks.padded() + variable)
  }

  private borrowing func element(_ value: StateValue?, _ entry: Int, _ layout: Int) -> Parts {
    let view = model.writerLayouts.table.layout(UInt32(layout))
    let (form, attributes) = (view.entries[entry], view.attributes(of: entry))
    let children = entries(in: entry, layout)
    let least = form.flags.contains(.range) ? attributes.minimum : 0
    switch form.type {
    case .structure: return fields(value ?? [:], children, layout)
    case .optional:
      guard let value else { return (.u32(0), []) }
      return (.u32(1), part(value, children, layout))
    case .countedBytes, .string:
      var count = Int(least)
      if case .octets(let wanted) = value { count = wanted }
      return (.u32(UInt32(count)), [UInt8](repeating: 0x61, count: count).padded())
    case .list:
      guard case .elements(let elements) = value else { return (.u32(0), []) }
      var variable: [UInt8] = []
      for element in elements { variable += listElement(element) }
      return (.u32(UInt32(elements.count)), variable)
    default:
      let symbol = form.type == .enumeration ? model.writerFields[layout].fields[entry].symbols.first : nil
      var number = symbol?.value ?? least
      if case .number(let wanted) = value { number = wanted }
      let octets: [UInt8] = .u64(number) + .zeros(max(0, Int(form.width) - 8))
      return (Array(octets.prefix(Int(form.width))), [])
    }
  }

  private borrowing func listElement(_ element: StateValue) -> [UInt8] {
    guard case .element(let name, let state) = element,
      let layout = model.writerFields.firstIndex(where: { $0.name == name })
    else { return [] }
    let data = data(state, UInt32(layout))
    return .u32(UInt32(layout)) + .u32(UInt32(data.count)) + data
  }

  private static func append(_ list: borrowing GatherList, to octets: inout [UInt8]) {
    for index in 0..<list.count { append(list[index], to: &octets) }
  }

  private static func append(_ piece: RawSpan, to octets: inout [UInt8]) {
    for index in 0..<piece.byteCount { octets.append(piece.octet(at: index)) }
  }
}
