import StreamTestKit
import Testing

@testable import DeviceModel

/// What holds of verdicts and plans whatever the documents say.
@Suite struct CheckPropertyTests {
  static let seeds = (0..<200).map { UInt64($0) }
  static let model = "example.org/random"

  /// The plan gives the source's set, whatever the device had before.
  @Test(arguments: seeds)
  func planGivesTheSourcesSet(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let known = Self.parameters(&random)
    let listed = Self.legalList(of: known, &random)
    let check = try Self.check(listed)
    var destination = Self.destination(known)
    let verdict = check.verdict(of: destination)
    try #require(verdict.outcome == .compatible, "seed \(seed): \(verdict.reasons)")
    for _ in 0..<5 {
      let before = known.map { ParameterSetting($0.name, Self.value(of: $0, &random)) }
      var standing = DeviceInfo(path: "/d", model: Self.model)
      standing.parameters = before.filter { _ in random.below(4) > 0 }
      destination.devices = [standing]
      let plan = try #require(check.plan(for: destination).first)
      #expect(plan.writes.map(\.name) == known.map(\.name).sorted { ExactName($0) < ExactName($1) }, "seed \(seed)")
      let after = plan.applied(to: before)
      let off = Dictionary(uniqueKeysWithValues: known.map { ($0.name, $0.offValue) })
      #expect(after.filter { off[$0.name] != .some($0.value) } == listed, "seed \(seed)")
    }
  }

  /// Allowing more values makes neither verdict worse.
  @Test(arguments: seeds)
  func allowingMoreIsNeverWorse(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed &+ 1000)
    var known = Self.parametersWithRules(&random)
    let check = try Self.check(Self.anyList(of: known, &random))
    var before = check.verdict(of: Self.destination(known))
    for _ in 0..<8 {
      let position = random.below(known.count)
      if random.below(3) == 0 {
        known[position].allowedValues = nil
      } else {
        let more = Self.allowedValue(of: known[position].type, &random)
        known[position].allowedValues?.append(more)
      }
      let after = check.verdict(of: Self.destination(known))
      #expect(after.interface <= before.interface && after.stream <= before.stream, "seed \(seed): \(known)")
      #expect(after.reasonCount <= before.reasonCount, "seed \(seed)")
      before = after
    }
  }

  /// The list that a set gives is judged right by the same parameters; the rules are those of parameter sets.
  @Test(arguments: seeds)
  func reasonsAreThoseOfParameterSets(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed &+ 2000)
    let known = Self.parametersWithRules(&random)
    let listed = Self.anyList(of: known, &random)
    var document = ModelDocument(model: Self.model, version: 1)
    document.parameters = known
    let isSet = (try? ParameterSet(listed: listed, of: document)) != nil
    #expect(isSet == (try Self.check(listed).verdict(of: Self.destination(known)).outcome == .compatible), "seed \(seed)")
  }

  // MARK: - Random documents

  static func check(_ listed: [ParameterSetting]) throws -> CompatibilityCheck {
    var source = InfoDocument()
    var device = DeviceInfo(path: "/d", model: model)
    device.parameters = listed
    source.devices = [device]
    return try CompatibilityCheck(source: source)
  }

  static func destination(_ known: [Parameter]) -> InfoDocument {
    var info = ModelInfo(model: model)
    info.parameters = known
    var document = InfoDocument()
    document.models = [info]
    return document
  }

  static func parameters(_ random: inout SeededGenerator) -> [Parameter] {
    (0..<random.below(8) + 1).map { number in
      let type = ParameterType.allCases[random.below(3)]
      let first = plainValue(of: type, &random)
      let name = "\(["p", "P", "\u{e9}", "e\u{301}"][random.below(4)])\(number)"
      var parameter = Parameter(name: name, initValue: first, offValue: nil)
      if random.below(3) > 0 {
        parameter.allowedValues = [.value(first)] + (0..<random.below(3)).map { _ in allowedValue(of: type, &random) }
      }
      if random.below(3) > 0 { parameter.offValue = value(of: parameter, &random) }
      parameter.affects = [.interface, .stream, .both][random.below(3)]
      return parameter
    }
  }

  static func parametersWithRules(_ random: inout SeededGenerator) -> [Parameter] {
    var known = parameters(&random)
    for position in known.indices where random.below(2) == 0 {
      let other = known[random.below(known.count)]
      let values = random.below(2) == 0 ? nil : [allowedValue(of: known[position].type, &random)]
      known[position].requires = [
        Parameter.Requirement(
          values: values, parameter: other.name, allowedValues: (0...random.below(2)).map { _ in allowedValue(of: other.type, &random) })
      ]
    }
    return known
  }

  static func plainValue(of type: ParameterType, _ random: inout SeededGenerator) -> ParameterValue {
    switch type {
    case .bool: .bool(random.below(2) == 0)
    case .int: .int(Int64(random.below(8)) - 4)
    case .str: .str(["", "a", "b", "\u{e9}", "e\u{301}"][random.below(5)])
    }
  }

  static func allowedValue(of type: ParameterType, _ random: inout SeededGenerator) -> AllowedValue {
    guard type == .int, random.below(2) == 0 else { return .value(plainValue(of: type, &random)) }
    let lowest = Int64(random.below(8)) - 4
    return .range(lowest...(lowest + Int64(random.below(3))))
  }

  /// A value that the parameter may have.
  static func value(of parameter: Parameter, _ random: inout SeededGenerator) -> ParameterValue {
    for _ in 0..<20 {
      let value = plainValue(of: parameter.type, &random)
      if parameter.allows(value) { return value }
    }
    return parameter.initValue
  }

  static func legalList(of known: [Parameter], _ random: inout SeededGenerator) -> [ParameterSetting] {
    known.map { ParameterSetting($0.name, value(of: $0, &random)) }
      .filter { setting in known.first { $0.name == setting.name }?.offValue != setting.value }
      .sorted { ExactName($0.name) < ExactName($1.name) }
  }

  /// Some values that are wrong, some names that nobody knows, and rules that may be broken.
  static func anyList(of known: [Parameter], _ random: inout SeededGenerator) -> [ParameterSetting] {
    var listed: [ParameterSetting] = []
    for parameter in known where random.below(5) > 0 {
      let type = random.below(8) == 0 ? ParameterType.allCases[random.below(3)] : parameter.type
      listed.append(ParameterSetting(parameter.name, plainValue(of: type, &random)))
    }
    if random.below(10) == 0 { listed.append(ParameterSetting("unknown", .bool(true))) }
    return listed
  }
}

extension SeededGenerator {
  fileprivate mutating func below(_ count: Int) -> Int { pick(0...count - 1) }
}
