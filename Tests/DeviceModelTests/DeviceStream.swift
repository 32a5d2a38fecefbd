import DeviceModel
import MigrationStream
import StreamTestKit

/// A stream of one device with random state that its definition allows.
struct DeviceStream {
  let octets: [UInt8]

  /// - Returns: nil when no state was found that the definition's own reader takes.
  init?(_ document: ModelDocument, _ parameters: ParameterSet, random: inout SeededGenerator) throws {
    let model = try ResolvedModel(document, parameters)
    for _ in 0..<40 {
      // A list that leads to itself and wants an element in each has no state.
      guard let octets = try? Self.encode(model, &random) else { continue }
      if Self.refusal(of: octets, by: document) == nil {
        self.octets = octets
        return
      }
    }
    return nil
  }

  /// What a reader with a definition says to a stream.
  static func refusal(of octets: [UInt8], by document: ModelDocument) -> StreamError? {
    do throws(StreamError) {
      var options = DecoderOptions()
      options.checksSections = true
      var decoder = try PushDecoder(limits: StreamLimits(), options: options)
      var judge = StreamJudge { _ in document }
      _ = try decoder.push(octets.span.octets, to: &judge)
      try decoder.finish(exclusive: true)
      return nil
    } catch {
      return error
    }
  }

  /// Preamble and manifest of a stream with the device.
  static func opening(_ model: borrowing ResolvedModel) throws -> [UInt8] {
    var octets: [UInt8] = []
    _ = try begin(model, [:], &octets)
    return octets
  }

  private static func begin(
    _ model: borrowing ResolvedModel, _ counts: [String: Int], _ octets: inout [UInt8]
  ) throws -> StreamEncoder {
    var manifest = try ManifestBuilder(
      producer: "test".utf8.span.octets, producerVersion: "1".utf8.span.octets,
      architecture: "x86_64".utf8.span.octets, guestEndianness: 1, pageByteCount: 4096)
    try model.writeManifestRegions(into: &manifest, owner: 0)
    try model.writeManifestDevice(into: &manifest, path: "device", counts: counts)
    var preamble = Preamble(uuid: StreamUUID(low: 1, high: 2))
    if model.regions.contains(where: \.region.isOpaque) { preamble.mandatoryFlags = MandatoryFlags.opaqueMemory }
    var encoder = try StreamEncoder(preamble: preamble)
    append(encoder.preamble, to: &octets)
    append(try encoder.manifest(manifest), to: &octets)
    return encoder
  }

  private static func encode(_ model: borrowing ResolvedModel, _ random: inout SeededGenerator) throws -> [UInt8] {
    var counts: [String: Int] = [:]
    for section in model.sections where section.section.cardinality != .one {
      counts[section.name] = random.pick(0...min(Int(section.maximumCount), 3))
    }
    var octets: [UInt8] = []
    var encoder = try begin(model, counts, &octets)
    for number in 0..<model.writerLayouts.count {
      append(try encoder.layout(canonical: model.writerLayouts.table.layout(UInt32(number)).octets), to: &octets)
    }
    var position: UInt16 = 0
    for (number, section) in model.sections.enumerated() {
      let count = section.section.cardinality == .one ? 1 : counts[section.name] ?? 1
      for _ in 0..<count {
        var state = RandomState(random: random)
        let data = state.data(model, Int(section.layout))
        let subsections = state.subsections(model, of: .section(number))
        random = state.random
        let joined = subsections.flatMap { $0 }
        append(
          try encoder.section(
            device: 0, section: position, layout: section.layout, data: data.span.octets,
            subsections: joined.span.octets, subsectionCount: UInt16(subsections.count)), to: &octets)
        position += 1
      }
    }
    append(try encoder.end(), to: &octets)
    return octets
  }

  private static func append(_ list: borrowing GatherList, to octets: inout [UInt8]) {
    for index in 0..<list.count { append(list[index], to: &octets) }
  }

  private static func append(_ piece: RawSpan, to octets: inout [UInt8]) {
    for index in 0..<piece.byteCount { octets.append(piece.octet(at: index)) }
  }
}

/// Section data of a writer's layout, with values at the ends of what the layout claims and between.
private struct RandomState {
  var random: SeededGenerator
  /// Values of top-level integers of the section at hand.
  private var values: [String: Int128] = [:]
  /// Lists around the field at hand: one may lead to itself.
  private var listDepth = 0

  init(random: SeededGenerator) { self.random = random }

  private typealias Parts = (block: [UInt8], variable: [UInt8])

  mutating func data(_ model: borrowing ResolvedModel, _ layout: Int) -> [UInt8] {
    values = [:]
    return part(model.topLevel(layout), model, layout, isTop: true)
  }

  /// Subsections that a piece's state wants; those without condition come now and then.
  mutating func subsections(_ model: borrowing ResolvedModel, of owner: ResolvedSubsection.Owner) -> [[UInt8]] {
    let around = values
    var found: [[UInt8]] = []
    for (position, subsection) in model.subsections.enumerated() where subsection.owner == owner {
      values = around
      let comes = subsection.subsection.when?.allSatisfy(holds) ?? (random.once(in: 2))
      guard comes, subsection.target == nil else { continue }
      let data = data(model, Int(subsection.layout))
      let nested = subsections(model, of: .subsection(position))
      var body: [UInt8] = .joined(
        .u16(UInt16(position)), .u16(UInt16(nested.count)), .u32(subsection.layout), .u16(0), .u16(0),
        .u64(UInt64(data.count)))
      body.put(data, nested.flatMap { $0 })
      found.append(.joined(.u32(UInt32(body.count + 4)), body))
    }
    values = around
    return found
  }

  private func holds(_ term: Comparison) -> Bool {
    guard let value = values[term.field] else { return false }
    switch term.relation {
    case .equals: return value == term.value
    case .notEquals: return value != term.value
    case .atLeast: return value >= term.value
    case .atMost: return value <= term.value
    case .anyBits: return value & term.value != 0
    case .noBits: return value & term.value == 0
    }
  }

  private mutating func part(
    _ entries: [Int], _ model: borrowing ResolvedModel, _ layout: Int, isTop: Bool = false
  ) -> [UInt8] {
    var (block, variable): Parts = ([], [])
    for entry in entries {
      let field = field(entry, model, layout, isTop: isTop)
      block += field.block
      variable += field.variable
    }
    return block.padded() + variable
  }

  private mutating func field(
    _ entry: Int, _ model: borrowing ResolvedModel, _ layout: Int, isTop: Bool
  ) -> Parts {
    let form = model.writerLayouts.table.layout(UInt32(layout)).entries[entry]
    switch form.shape {
    case .one: return element(entry, model, layout, isTop: isTop)
    case .fixedArray, .countedArray:
      let count = form.shape == .fixedArray ? Int(form.count)
        : [0, min(2, Int(form.count)), min(Int(form.count), 40)][random.pick(0...2)]
      var (blocks, variable): Parts = ([], [])
      for _ in 0..<count {
        let element = element(entry, model, layout, isTop: false)
        blocks += element.block
        variable += element.variable
      }
      return form.shape == .fixedArray ? (blocks, variable) : (.u32(UInt32(count)), blocks.padded() + variable)
    }
  }

  private mutating func element(
    _ entry: Int, _ model: borrowing ResolvedModel, _ layout: Int, isTop: Bool
  ) -> Parts {
    let view = model.writerLayouts.table.layout(UInt32(layout))
    let (form, attributes) = (view.entries[entry], view.attributes(of: entry))
    let resolved = model.writerFields[layout].fields[entry]
    let children = model.children(of: entry, layout)
    let isRanged = form.flags.contains(.range)
    switch form.type {
    case .structure:
      var (block, variable): Parts = ([], [])
      for child in children {
        let field = field(child, model, layout, isTop: false)
        block += field.block
        variable += field.variable
      }
      return (block, variable)
    case .optional:
      let isPresent = random.once(in: 2)
      return (.u32(isPresent ? 1 : 0), isPresent ? part(children, model, layout) : [])
    case .union:
      let child = random.pick(0...(children.count - 1))
      return (.u32(UInt32(child)), part([children[child]], model, layout))
    case .countedBytes, .string:
      let (low, high) = isRanged ? (Int(attributes.minimum), Int(min(attributes.maximum, 100))) : (0, 20)
      let count = [low, high, random.pick(low...max(low, high))][random.pick(0...2)]
      return (.u32(UInt32(count)), [UInt8](repeating: 0x61, count: count).padded())
    case .list:
      let least = isRanged ? Int(min(attributes.minimum, 3)) : 0
      return list(resolved, least...max(least, isRanged ? Int(min(attributes.maximum, 3)) : 3), model)
    case .bool: return ([UInt8(random.pick(0...1))], [])
    case .padding: return (.zeros(Int(form.width)), [])
    default:
      guard form.type.isInteger, form.width <= 8 else { return (random.octets(Int(form.width)), []) }
      let value = integer(form, attributes, resolved)
      if isTop { values[resolved.field.name] = value }
      return ((0..<Int(form.width)).map { UInt8(truncatingIfNeeded: value >> Int128(8 * $0)) }, [])
    }
  }

  private mutating func list(
    _ field: ResolvedField, _ range: ClosedRange<Int>, _ model: borrowing ResolvedModel
  ) -> Parts {
    let layouts = field.field.elements.compactMap { name in model.writerFields.firstIndex { $0.name == name } }
    guard !layouts.isEmpty, listDepth < 3 else { return (.u32(0), []) }
    listDepth += 1
    defer { listDepth -= 1 }
    let count = random.pick(range)
    var variable: [UInt8] = []
    for _ in 0..<count {
      let layout = layouts[random.pick(0...(layouts.count - 1))]
      let data = part(model.topLevel(layout), model, layout)
      variable += .joined(.u32(UInt32(layout)), .u32(UInt32(data.count)), data)
    }
    return (.u32(UInt32(count)), variable)
  }

  private mutating func integer(
    _ form: FieldEntry, _ attributes: FieldAttributes, _ resolved: ResolvedField
  ) -> Int128 {
    if form.type == .enumeration, !resolved.field.isOpen || random.once(in: 2), !resolved.symbols.isEmpty {
      return Int128(resolved.symbols[random.pick(0...(resolved.symbols.count - 1))].value)
    }
    if form.type == .flags, !resolved.field.isOpen {
      return Int128(resolved.symbols.reduce(0) { random.once(in: 2) ? $0 | $1.value : $0 })
    }
    let bits = Int128(8 * form.width)
    var (low, high): (Int128, Int128) = form.type.isSigned ? (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) : (0, (1 << bits) - 1)
    if form.flags.contains(.range) {
      low = form.type.isSigned ? Int128(Int64(bitPattern: attributes.minimum)) : Int128(attributes.minimum)
      high = form.type.isSigned ? Int128(Int64(bitPattern: attributes.maximum)) : Int128(attributes.maximum)
    }
    let between = Int128.random(in: low...high, using: &random)
    let value = [low, high, between, max(low, min(high, Int128(random.pick(0...3))))][random.pick(0...3)]
    let aligned = (value >> Int128(attributes.alignmentLog2)) << Int128(attributes.alignmentLog2)
    return aligned >= low ? aligned : value
  }
}

extension ResolvedModel {
  fileprivate borrowing func topLevel(_ layout: Int) -> [Int] {
    let fields = writerFields[layout].fields
    return fields.indices.filter { fields[$0].parent == nil }
  }

  fileprivate borrowing func children(of entry: Int, _ layout: Int) -> [Int] {
    let fields = writerFields[layout].fields
    return fields.indices.filter { fields[$0].parent == entry }
  }
}
