import DeviceModel
import MigrationStream
import StreamMutation

/// Changes of a stream by the rules of the model document: one rule is broken, or is met at its edge, all others stay.
enum RuleMutation {
  /// A rule of one section, and the comparison of it that is to be broken.
  private struct Choice {
    var section: Int
    var layout: Int
    /// Entry of the group that the rule belongs to; nil: the section.
    var group: Int?
    var rule: ModelRule
  }

  /// - Returns: Whether there was a rule to break.
  static func mutate(_ stream: inout [UInt8], _ model: borrowing ResolvedModel, chance: inout Chance) -> Bool {
    let choices = choices(model)
    guard !choices.isEmpty else { return false }
    let choice = choices[chance.below(choices.count)]
    let numbers = StreamMutator.sectionNumbers(stream).filter { $0.section == choice.section }
    guard !numbers.isEmpty, !choice.rule.then.isEmpty else { return false }
    let fields = model.writerFields[choice.layout]
    for comparison in choice.rule.when {
      change(comparison, fields, choice.group, numbers, &stream, &chance, meets: true)
    }
    let broken = choice.rule.then[chance.below(choice.rule.then.count)]
    guard change(broken, fields, choice.group, numbers, &stream, &chance, meets: chance.isOne(in: 4)) else { return false }
    StreamRepair.repair(&stream)
    return true
  }

  private static func choices(_ model: borrowing ResolvedModel) -> [Choice] {
    var choices: [Choice] = []
    for (number, section) in model.sections.enumerated() {
      let layout = Int(section.layout)
      for rule in section.section.piece.rules {
        choices.append(Choice(section: number, layout: layout, group: nil, rule: rule))
      }
      for (entry, field) in model.writerFields[layout].fields.enumerated() {
        for rule in field.field.rules {
          choices.append(Choice(section: number, layout: layout, group: entry, rule: rule))
        }
      }
    }
    return choices
  }

  /// Gives the field of a comparison a value for which it holds, or does not.
  ///
  /// - Returns: Whether the stream has the field.
  @discardableResult
  private static func change(
    _ comparison: Comparison, _ fields: ResolvedLayout, _ group: Int?, _ numbers: [SectionNumber],
    _ stream: inout [UInt8], _ chance: inout Chance, meets: Bool
  ) -> Bool {
    guard let path = ModelPath(comparison.field), let entry = fields.entry(at: path, from: group) else { return false }
    let places = numbers.filter { $0.entry == entry }
    guard !places.isEmpty else { return false }
    let place = places[chance.below(places.count)]
    let old = StreamMutator.value(of: place, in: stream)
    let limit = UInt64(truncatingIfNeeded: comparison.value)
    StreamMutator.set(value(comparison.relation, limit, old, &chance, meets: meets), place, in: &stream)
    return true
  }

  private static func value(
    _ relation: Comparison.Relation, _ limit: UInt64, _ old: UInt64, _ chance: inout Chance, meets: Bool
  ) -> UInt64 {
    let step = UInt64(chance.isOne(in: 2) ? 1 : 1 + chance.below(32))
    switch (relation, meets) {
    case (.equals, true), (.notEquals, false): return limit
    case (.equals, false), (.notEquals, true): return chance.isOne(in: 2) ? limit &+ step : limit &- step
    case (.atLeast, true): return limit &+ (chance.isOne(in: 2) ? 0 : step)
    case (.atLeast, false): return chance.isOne(in: 3) ? 0 : limit &- step
    case (.atMost, true): return limit &- (chance.isOne(in: 2) ? 0 : step)
    case (.atMost, false): return chance.isOne(in: 8) ? UInt64.max : limit &+ step
    case (.anyBits, true): return old | limit
    case (.anyBits, false), (.noBits, true): return old & ~limit
    case (.noBits, false): return old | limit
    }
  }
}
