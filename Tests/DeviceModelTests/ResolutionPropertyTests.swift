import DeviceModel
import MigrationStream
import StreamTestKit
import Testing

/// Properties of resolving, over random documents and the published ones.
@Suite struct ResolutionPropertyTests {
  /// What is not enabled does not exist: layouts and versions are those of a document that never had it.
  @Test(arguments: 0..<(LongTests.areOn ? 2000 : 150) as Range<UInt64>)
  func disabledIsAbsent(_ seed: UInt64) throws {
    let model = RandomModel.document(seed: seed)
    var random = SeededGenerator(seed: seed)
    for set in try Self.sets(model, &random) {
      let found = try ResolvedModel(model, set)
      let wanted = try ResolvedModel(Self.stripped(model, set), set)
      let isSame = Self.isSame(found.layouts.table, wanted.layouts.table)
        && Self.isSame(found.writerLayouts.table, wanted.writerLayouts.table)
      #expect(isSame, "seed \(seed), \(set.listed)")
      let versions = [found.version, found.versionMin] + found.sections.flatMap { [$0.version, $0.versionMin] }
      let others = [wanted.version, wanted.versionMin] + wanted.sections.flatMap { [$0.version, $0.versionMin] }
      #expect(versions == others, "seed \(seed), \(set.listed)")
      #expect(found.subsections.map(\.version) == wanted.subsections.map(\.version), "seed \(seed)")
      #expect(found.regions.map(\.byteCount) == wanted.regions.map(\.byteCount), "seed \(seed)")
    }
  }

  /// The same definition and the same parameters give the same, whichever way both were come by.
  @Test(arguments: 0..<(LongTests.areOn ? 1000 : 60) as Range<UInt64>)
  func oneResult(_ seed: UInt64) throws {
    for definition in try RandomModel.document(seed: seed).definitions {
      let again = try document(definition.json.text)
      let set = try ParameterSet(initialOf: definition)
      let other = try ParameterSet(listed: set.listed, of: again)
      #expect(other == set, "seed \(seed)")
      let first = try ResolvedModel(definition, set)
      let second = try ResolvedModel(again, other)
      let (left, right) = (ModelGolden(first).text(), ModelGolden(second).text())
      #expect(left == right, "seed \(seed)")
    }
  }

  /// State that is written as a definition says is read by its own reader.
  @Test(arguments: ShippedModels.paths)
  func publishedModelsReadThemselves(_ path: String) throws {
    for definition in try ShippedModels.document(path).definitions {
      for set in [try ParameterSet(initialOf: definition), try ModelGoldenTests.everythingOn(definition)].compactMap({ $0 }) {
        var random = SeededGenerator(seed: UInt64(definition.version))
        let stream = try DeviceStream(definition, set, random: &random)
        #expect(stream != nil, "definition \(definition.version), \(set.listed)")
      }
    }
  }

  // MARK: - Parameter sets and documents

  /// All off, as new, and some at random.
  private static func sets(_ model: ModelDocument, _ random: inout SeededGenerator) throws -> [ParameterSet] {
    var sets = [try ParameterSet(initialOf: model)]
    let off = model.parameters.compactMap { parameter in
      parameter.offValue.map { ParameterSetting(parameter.name, $0) }
    }
    if let set = try? ParameterSet(initialOf: model, but: off) { sets.append(set) }
    for _ in 0..<3 {
      let settings = model.parameters.compactMap { parameter -> ParameterSetting? in
        switch parameter.type {
        case .bool: ParameterSetting(parameter.name, .bool(random.once(in: 2)))
        case .int: ParameterSetting(parameter.name, .int(Int64(random.pick(0...16))))
        case .str: nil
        }
      }
      if let set = try? ParameterSet(initialOf: model, but: settings) { sets.append(set) }
    }
    return sets
  }

  private static func isEnabled(_ terms: [ParameterTerm], _ model: ModelDocument, _ set: ParameterSet) -> Bool {
    terms.allSatisfy { term in
      guard let value = set.value(of: term.parameter),
        let parameter = model.parameters.first(where: { $0.name == term.parameter })
      else { return false }
      return term.values?.contains { $0.contains(value) } ?? (value != parameter.offValue)
    }
  }

  private static func stripped(_ model: ModelDocument, _ set: ParameterSet) -> ModelDocument {
    var result = model
    result.sections = model.sections.filter { isEnabled($0.piece.enabledBy, model, set) }
    for position in result.sections.indices { result.sections[position].piece = piece(result.sections[position].piece, model, set) }
    for position in result.layouts.indices { result.layouts[position].fields = fields(result.layouts[position].fields, model, set) }
    result.regions = model.regions.filter { isEnabled($0.enabledBy, model, set) }
    for position in result.regions.indices { result.regions[position].enabledBy = [] }
    return result
  }

  private static func fields(_ list: [ModelField], _ model: ModelDocument, _ set: ParameterSet) -> [ModelField] {
    list.filter { isEnabled($0.enabledBy, model, set) }.map { field in
      var field = field
      field.enabledBy = []
      field.fields = fields(field.fields, model, set)
      field.symbols = field.symbols.filter { isEnabled($0.enabledBy, model, set) }
      for position in field.symbols.indices { field.symbols[position].enabledBy = [] }
      return field
    }
  }

  private static func piece(_ piece: StatePiece, _ model: ModelDocument, _ set: ParameterSet) -> StatePiece {
    var result = piece
    result.enabledBy = []
    result.fields = fields(piece.fields, model, set)
    result.subsections = piece.subsections.filter { isEnabled($0.piece.enabledBy, model, set) }
    for position in result.subsections.indices {
      result.subsections[position].piece = Self.piece(result.subsections[position].piece, model, set)
    }
    return result
  }

  private static func isSame(_ left: borrowing LayoutTable, _ right: borrowing LayoutTable) -> Bool {
    guard left.count == right.count else { return false }
    for number in 0..<left.count where !left.layout(UInt32(number)).isSame(as: right.layout(UInt32(number))) { return false }
    return true
  }
}
