public import DeviceModel
import MigrationStream

/// Device model documents with every construct of the chapter, right by themselves, the same for the same seed.
///
/// They resolve with every parameter set: what is named by a path exists always, and numbers from parameters fit.
///
/// Source: Specs/device-models.md.
public struct RandomModel {
  typealias Field = ModelField

  var generator: SeededGenerator
  var document: ModelDocument
  private var nameCount = 0
  /// Names of parameters whose values are 1 to 16.
  var sizes: [String] = []
  /// Definitions that pieces may say they came with; 1 when older ones are derived.
  var sinceMax: UInt32 = 1

  public static func document(seed: UInt64) -> ModelDocument {
    var model = RandomModel(seed)
    model.fill()
    return model.document
  }

  private init(_ seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    document = ModelDocument(model: "example.org/random/model-\(seed)", version: UInt32(1 + generator.next() % 4))
  }

  private mutating func fill() {
    let hasHistory = document.version > 1 && generator.once(in: 2)
    if !hasHistory {
      sinceMax = document.version
      document.versionMin = UInt32(generator.pick(1...Int(document.version)))
    }
    document.description = prose()
    document.apply = [.staged, .inPlace, .external][generator.pick(0...2)]
    document.clock = [.none, .virtual, .monotonic, .realtime][generator.pick(0...3)]
    addParameters()
    for _ in 0..<generator.pick(0...2) { addLayout() }
    for _ in 0..<generator.pick(1...3) { addSection() }
    for _ in 0..<generator.pick(0...2) { addRegion() }
    if generator.once(in: 3) {
      var octets = ModelByteString()
      octets.description = prose()
      octets.enabledBy = gate()
      document.byteString = octets
    }
    addExternals()
    if hasHistory { addHistory() }
  }
}

// MARK: - Words

extension RandomModel {
  /// A name that no other piece of the document has; now and then one that is hard to handle.
  mutating func name() -> String {
    nameCount += 1
    switch generator.pick(0...19) {
    case 0: return "a/b~c \(nameCount)"
    case 1: return "Ünïcode \"\(nameCount)\" \\ \u{1f600}"
    case 2: return String(repeating: "long_", count: 40) + "\(nameCount)"
    default: return ["head", "tail", "mode", "ring", "state"][generator.pick(0...4)] + "_\(nameCount)"
    }
  }

  mutating func prose() -> String {
    switch generator.pick(0...5) {
    case 0, 1: ""
    case 2: "First line.\nSecond \"line\", with \\ and \u{202e}."
    case 3: String(repeating: "It goes on and on. ", count: generator.pick(1...20))
    default: "What it is for."
    }
  }

  mutating func since() -> UInt32? {
    sinceMax > 1 && generator.once(in: 6) ? UInt32(generator.pick(1...Int(sinceMax))) : nil
  }

  /// Terms that do not hold while their parameters are off.
  mutating func gate() -> [ParameterTerm] {
    guard !document.parameters.isEmpty, generator.once(in: 4) else { return [] }
    return (0..<generator.pick(1...2)).map { _ in
      let parameter = document.parameters[generator.pick(0...(document.parameters.count - 1))]
      switch generator.pick(0...2) {
      case 0: return ParameterTerm(parameter.name)
      case 1 where parameter.initValue != parameter.offValue:
        return ParameterTerm(parameter.name, values: [.value(parameter.initValue)])
      default: return ParameterTerm(parameter.name, values: allowed(parameter.type))
      }
    }
  }

  /// Values, and for integers a range too.
  mutating func allowed(_ type: ParameterType) -> [AllowedValue] {
    switch type {
    case .bool: [.value(.bool(true))]
    case .int: [.range(2...9), .value(.int(Int64(generator.pick(2...16)))), .range(-5 ... -3)]
    case .str: [.value(.str("tap")), .value(.str("on 5-1"))]
    }
  }

  /// A number of 1 to 40 with every value of the parameters.
  mutating func number() -> ModelNumber {
    guard !sizes.isEmpty, generator.once(in: 3) else { return .constant(Int128(generator.pick(1...40))) }
    return .parameter(
      sizes[generator.pick(0...(sizes.count - 1))], times: Int64(generator.pick(1...2)),
      plus: Int64(generator.pick(0...8)))
  }
}

// MARK: - Parameters

extension RandomModel {
  private mutating func addParameters() {
    for number in 0..<generator.pick(0...4) {
      let name = "\(["queues", "offload", "backend", "größe"][generator.pick(0...3)])-\(number)"
      var parameter: Parameter
      switch generator.pick(0...3) {
      case 0: parameter = Parameter(name: name, initValue: .bool(generator.once(in: 2)), offValue: .bool(false))
      case 1:
        parameter = Parameter(name: name, initValue: .str("tap"), offValue: generator.once(in: 2) ? .str("") : nil)
        if generator.once(in: 2) { parameter.allowedValues = allowed(.str) + [.value(.str(""))] }
      case 2:
        parameter = Parameter(name: name, initValue: .int(Int64.min), offValue: .int(Int64.max))
        if generator.once(in: 2) { parameter.allowedValues = [.range(Int64.min...Int64.max), .value(.int(-7))] }
      default:
        parameter = Parameter(name: name, initValue: .int(4), offValue: generator.once(in: 3) ? nil : .int(1))
        parameter.allowedValues = [.range(1...8), .range(4...15), .value(.int(16))]
        sizes.append(name)
      }
      parameter.description = prose()
      parameter.affects = [[.interface, .stream], [.interface], [.stream]][generator.pick(0...2)]
      document.parameters.append(parameter)
    }
    addRequirements()
    for number in 0..<generator.pick(0...2) {
      let all = document.parameters.filter { $0.offValue == nil || $0.offValue != $0.initValue }
      let listed = all.filter { $0.offValue == nil || generator.once(in: 2) }
      var alias = VersionAlias(
        name: "\(number).0", parameters: listed.map { ParameterSetting($0.name, $0.initValue) })
      alias.description = prose()
      document.aliases.append(alias)
    }
  }

  /// Requirements that every set obeys.
  private mutating func addRequirements() {
    for number in document.parameters.indices where number > 0 && generator.once(in: 3) {
      let other = document.parameters[number - 1]
      let everything: [AllowedValue]
      switch other.type {
      case .bool: everything = [.value(.bool(true)), .value(.bool(false))]
      case .int: everything = [.range(Int64.min...Int64.max)]
      case .str where other.allowedValues != nil: everything = allowed(.str) + [.value(.str(""))]
      case .str: continue
      }
      let values = generator.once(in: 2) ? nil : allowed(document.parameters[number].type)
      document.parameters[number].requires.append(
        Parameter.Requirement(values: values, parameter: other.name, allowedValues: everything))
    }
  }
}

// MARK: - Pieces

extension RandomModel {
  private mutating func addLayout() {
    let name = name()
    var layout = ElementLayout(name: name, fields: [])
    layout.description = prose()
    if generator.once(in: 4) { layout.layout = "elsewhere \(nameCount)" }
    document.layouts.append(layout)
    let fields = fields(depth: 0)
    document.layouts[document.layouts.count - 1].fields = fields
    document.layouts[document.layouts.count - 1].rules = rules(fields)
  }

  private mutating func piece(_ levels: Int) -> StatePiece {
    let fields = fields(depth: 0)
    var piece = StatePiece(name: name(), fields: fields)
    piece.description = prose()
    piece.since = since() ?? 1
    if generator.once(in: 5) { piece.mark = .skippable }
    if generator.once(in: 4) { piece.layout = "elsewhere" }
    if generator.once(in: 3) { piece.fieldClass = .internal }
    piece.rules = rules(fields)
    for _ in 0..<generator.pick(0...levels) { piece.subsections.append(subsection(of: fields, levels - 1)) }
    return piece
  }

  private mutating func addSection() {
    var section = ModelSection(piece(2))
    if !document.sections.isEmpty { section.piece.enabledBy = gate() }
    switch generator.pick(0...3) {
    case 0: section.cardinality = .optional
    case 1:
      var key = Field(name: name(), type: ModelFieldType(.unsigned, width: 2))
      key.description = prose()
      section.piece.fields.append(key)
      section.cardinality = .many(count: number(), key: key.name)
    default: break
    }
    section.after = document.sections.filter { _ in generator.once(in: 2) }.map(\.piece.name)
    document.sections.append(section)
  }

  private mutating func subsection(of fields: [Field], _ levels: Int) -> ModelSubsection {
    var subsection = ModelSubsection(piece(max(levels, 0)))
    subsection.piece.enabledBy = gate()
    subsection.condition = prose()
    var around = fields
    let targets = fields.filter { $0.isAlwaysThere && ($0.type.type.isGroup || $0.type.type == .list) }
    if !targets.isEmpty, generator.once(in: 2) {
      let target = targets[generator.pick(0...(targets.count - 1))]
      subsection.target = ModelPath([target.name], isAbsolute: generator.once(in: 2)).text
      around = target.type.type == .list ? [] : target.fields
    }
    let comparisons = comparisons(of: around)
    if !comparisons.isEmpty { subsection.when = comparisons }
    return subsection
  }

  private mutating func addRegion() {
    var region = ModelRegion(
      name: name(), size: .parameter(sizes.first ?? "", times: 65_536, plus: 0),
      pageSize: 1 << UInt64(generator.pick(0...30)))
    if sizes.isEmpty { region.size = .constant(1 << 32) }
    region.description = prose()
    (region.isShared, region.isReadOnly, region.isOpaque) = (
      generator.once(in: 2), generator.once(in: 2), generator.once(in: 2)
    )
    region.enabledBy = gate()
    document.regions.append(region)
  }

  private mutating func addExternals() {
    for (number, section) in document.sections.enumerated() {
      guard let field = section.piece.fields.first(where: { $0.fieldClass == .externalMigrated }) else { continue }
      var external = External(name: "outside_\(number)", treatment: .migrated, onArrival: .notify)
      external.field = ModelPath([section.piece.name, field.name]).text
      external.description = prose()
      document.externals.append(external)
    }
    if let parameter = document.parameters.first {
      var external = External(name: "configured", treatment: .configured, onArrival: .refuse)
      external.parameter = parameter.name
      document.externals.append(external)
    }
    if generator.once(in: 2) {
      document.externals.append(External(name: "hidden", treatment: .hidden, onArrival: .hide))
    }
    if generator.once(in: 2) { document.externals.append(External(name: "read", treatment: .reread, onArrival: .hide)) }
  }

  /// Ways back that can be gone: a field at the end of the first section that each definition added, a text that it
  /// changed, a region that it dropped.
  private mutating func addHistory() {
    let section = document.sections[0].piece.name
    for version in (2...document.version) {
      var field = Field(name: "new_\(version)", type: ModelFieldType(.unsigned, width: 4))
      field.since = version
      field.defaultValue = 0
      document.sections[0].piece.fields.append(field)
    }
    if document.description.isEmpty { document.description = "The newest." }
    for version in (1..<document.version).reversed() {
      var undo: [HistoryEntry.Operation] = [
        .remove(path: "/sections/\(section.pointerStep)/fields/new_\(version + 1)"),
        .replace(path: "/description", value: JSONValue(.string("Definition \(version).\n"))),
      ]
      if let region = document.regions.first {
        let members = [
          JSONMember("name", JSONValue(.string("old_\(version)"))), JSONMember("size", JSONValue(.integer(4096))),
          JSONMember("page_size", JSONValue(.integer(4096))),
        ]
        undo.append(
          .add(
            path: "/regions/old_\(version)", value: JSONValue(.object(members)),
            before: generator.once(in: 2) ? region.name : nil))
      }
      var entry = HistoryEntry(version: version, undo: undo)
      entry.description = prose()
      document.history.append(entry)
    }
  }
}

extension String {
  /// As a step of a JSON pointer.
  fileprivate var pointerStep: String { ModelPath([self]).text }
}
