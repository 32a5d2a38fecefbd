public import StreamMutation
import DeviceModel
import MigrationStream

/// Device model documents and information documents, as any octets.
///
/// An input is one to three texts with an octet 0 between them, which no JSON text has:
///
///     document or information document | the same, the other side | parameters, NAME=VALUE, one a line
///
/// A text that is a document goes through lint, loader, every definition of its history, difference and compiler; one
/// that is an information document is source and destination of a check. Where the second text is missing the first one
/// is both sides.
public enum ModelTarget: FuzzTarget {
  /// Octets of an input: work grows faster than the input in some of the checks, as it may for a person's document.
  static let octetsMax = 1 << 16

  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard input.count <= octetsMax else { return .uninteresting }
    let texts = ModelInput(input).texts
    let sides = texts.prefix(2).map { ModelSide($0) }
    let relations = ModelRelations(input)
    for side in sides {
      if let violation = JSONOracle.reference(side) { return .violation(violation) }
      if relations.printed, let violation = JSONOracle.violation(side.json) { return .violation(violation) }
      if let violation = DocumentOracle.violation(side, relations) { return .violation(violation) }
    }
    guard let first = sides.first else { return .uninteresting }
    let second = sides.count > 1 ? sides[1] : first
    if relations.difference, sides.count > 1, let old = second.document, let new = first.document {
      _ = ModelDiff(old: old, new: new)
    }
    if let violation = CheckOracle.violation(source: first, destination: second, relations) { return .violation(violation) }
    if texts.count > 2, let document = first.document, let json = first.json,
      let violation = DocumentOracle.compile(document, json, settings: texts[2])
    {
      return .violation(violation)
    }
    return sides.contains { $0.json != nil } ? .fine : .uninteresting
  }

  public static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    guard plan.usesStructure, !chance.isOne(in: 16) else {
      LeafMutation.mutate(&input, byteCountMax: byteCountMax)
      return
    }
    var parts = ModelInput(input)
    if chance.isOne(in: 32) { parts.texts[0] = RandomDocuments.pick(&chance).text }
    // Two sides differ by little: that is where checks and differences have most to say.
    if parts.texts.count == 1, chance.isOne(in: 4) { parts.texts.append(parts.texts[0]) }
    let place = chance.below(min(parts.texts.count, 2))
    if chance.isOne(in: 16), let said = ModelSide(parts.texts[place]).said { parts.texts[place] = Array(said.text.utf8) }
    guard let json = try? JSONValue(parsing: parts.texts[place]) else {
      LeafMutation.mutate(&input, byteCountMax: byteCountMax)
      return
    }
    var mutation = JSONMutation(json)
    if chance.isOne(in: 6) {
      if chance.isOne(in: 4) { mutation.root = RandomDocuments.pick(&chance).json }
      mutation.age(&chance)
    } else if chance.isOne(in: 6) {
      mutation.borrow(from: RandomDocuments.pick(&chance).json, &chance)
    } else if parts.texts.count > 1, chance.isOne(in: 3), let other = try? JSONValue(parsing: parts.texts[1 - place]) {
      mutation.borrow(from: other, &chance)
    } else {
      for _ in 0...chance.below(3) { mutation.mutate(&chance) }
    }
    parts.texts[place] = Array(mutation.root.text.utf8)
    if parts.octets.count <= byteCountMax { input = parts.octets }
  }

  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8] {
    var parts = ModelInput(first)
    let other = ModelInput(second)
    if chance.isOne(in: 4) {
      parts.texts = [parts.texts[0], other.texts[0]]
    } else if let json = try? JSONValue(parsing: parts.texts[0]), let donor = try? JSONValue(parsing: other.texts[0]) {
      var mutation = JSONMutation(json)
      mutation.graft(from: donor, &chance)
      parts.texts[0] = Array(mutation.root.text.utf8)
    }
    return parts.octets.count <= byteCountMax ? parts.octets : Array(first.prefix(byteCountMax))
  }
}

/// What one input is judged by, besides loading, lint, verdict and plan, which are judged always.
struct ModelRelations {
  private let sample: RelationSample

  /// No octet of a document is free to choose: its digest does.
  init(_ input: [UInt8]) {
    sample = RelationSample(octet: UInt8(truncatingIfNeeded: Digest.xxh3(input.span.octets)), count: 4)
  }

  /// Spelled otherwise it means the same.
  var spelling: Bool { sample.takes(0) }
  /// What is printed is read again as the same.
  var printed: Bool { sample.takes(1) }
  /// Older definitions, and other parameters than the initial ones, are compiled too.
  var compiled: Bool { sample.takes(2) }
  /// Documents beside each other.
  var difference: Bool { sample.takes(3) }
}

/// The texts of an input.
struct ModelInput {
  var texts: [[UInt8]]

  init(_ input: [UInt8]) {
    texts = input.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false).map { Array($0) }
  }

  var octets: [UInt8] { Array(texts.joined(separator: [0])) }
}

/// One text, read as each of what it may be.
struct ModelSide {
  let octets: [UInt8]
  let json: JSONValue?
  let document: ModelDocument?
  let info: InfoDocument?

  init(_ octets: [UInt8]) {
    self.octets = octets
    json = try? JSONValue(parsing: octets)
    document = json.flatMap { try? ModelDocument(json: $0) }
    info = json.flatMap { try? InfoDocument(json: $0) }
  }

  /// A document said as an information document, and one without devices with those that it makes.
  var said: JSONValue? {
    if let document {
      guard let model = try? ModelInfo(document) else { return nil }
      var said = InfoDocument()
      said.models = [model]
      return said.json()
    }
    guard var said = info, said.devices.isEmpty, let check = try? CompatibilityCheck(source: said) else { return nil }
    said.devices = check.devices
    return said.json()
  }
}
