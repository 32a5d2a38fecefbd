import DeviceModel
import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// Random devices evolve; what diff says of two definitions is compared with what loads of real streams do.
@Suite struct ModelDiffPropertyTests {
  private static let isLong = ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] != nil

  /// What was met, so that a generator gone dull is noticed.
  private struct Tally {
    var pairs = 0
    var loads = 0
    var refusals: [StreamError.Code: Int] = [:]
    var verdicts: [CheckOutcome: Int] = [:]
  }

  @Test func diffAndLoadsNeverContradict() throws {
    var tally = Tally()
    for seed in UInt64(0)..<(Self.isLong ? 3000 : 60) {
      var evolution = RandomEvolution(seed: seed)
      let first = evolution.document()
      let second = evolution.evolve(first)
      guard let old = try? ModelDocument(json: first.json), let new = try? ModelDocument(json: second.json) else { continue }
      tally.pairs += 1
      let diff = ModelDiff(old: old, new: new)
      for direction in LoadDirection.allCases {
        try Self.compare(diff, old, new, direction, "seed \(seed) \(evolution.log)", seed: seed, &tally)
      }
    }
    #expect(tally.pairs > (Self.isLong ? 2000 : 40) && tally.loads > tally.pairs * 4)
    #expect(tally.refusals.count >= (Self.isLong ? 15 : 8), "\(tally.refusals)")
    #expect(tally.verdicts.count == 3, "\(tally.verdicts)")
  }

  private static func compare(
    _ diff: ModelDiff, _ old: ModelDocument, _ new: ModelDocument, _ direction: LoadDirection, _ words: String,
    seed: UInt64, _ tally: inout Tally
  ) throws {
    let (writer, reader) = direction == .forward ? (new, old) : (old, new)
    let outcomes = diff.findings.flatMap { $0.outcomes(direction) }
    var random = SeededGenerator(seed: seed &* 31 &+ (direction == .forward ? 1 : 2))
    for settings in sets(of: writer, &random) {
      guard let parameters = try? ParameterSet(listed: settings, of: writer), (try? ResolvedModel(writer, parameters)) != nil
      else { continue }
      for _ in 0..<3 {
        guard let stream = try DeviceStream(writer, parameters, random: &random) else { continue }
        tally.loads += 1
        let verdict = try verdict(of: stream, by: reader)
        if let verdict { tally.verdicts[verdict.outcome, default: 0] += 1 }
        let refusal = DeviceStream.refusal(of: stream.octets, by: reader)
        let place = "\(words) \(direction) \(parameters.listed.map { "\($0.name)=\($0.value.text)" })"
        let always = outcomes.filter {
          $0.effect == .refused && $0.weight == .breaks && $0.condition.isEmpty && $0.parameters == parameters.listed
        }
        // What two definitions change without a word in parameters, pieces or versions, only diff sees.
        if verdict?.outcome == .compatible, !outcomes.contains(where: { $0.weight == .breaks }) {
          #expect(refusal == nil, "\(place): check says compatible")
        }
        if refusal == nil {
          #expect(verdict?.outcome != .incompatible, "\(place): the load went well; check: \(verdict?.reasons ?? [])")
        }
        guard let refusal else {
          #expect(always.isEmpty, "\(place): diff says always refused \(always), but the load went well")
          continue
        }
        tally.refusals[refusal.code, default: 0] += 1
        let foreseen = outcomes.contains { $0.effect == .refused && $0.code == refusal.code }
        #expect(foreseen, "\(place): refused \(refusal), which diff does not say: \(diff.findings.map(\.path)) \(outcomes)")
      }
    }
  }

  /// What `check` says of the stream's manifest and the reader's document; nil where the reader has none.
  private static func verdict(of stream: DeviceStream, by reader: ModelDocument) throws -> CheckVerdict? {
    guard let model = try? ModelInfo(reader) else { return nil }
    var decoder = try PushDecoder()
    var source = SourceReader()
    _ = try decoder.push(stream.octets.span.octets, to: &source)
    var destination = InfoDocument()
    destination.models = [model]
    return try CompatibilityCheck(source: source.document).verdict(of: destination)
  }

  /// All off, and a few others.
  private static func sets(of model: ModelDocument, _ random: inout SeededGenerator) -> [[ParameterSetting]] {
    var sets: [[ParameterSetting]] = []
    for round in 0..<3 {
      sets.append(
        model.parameters.compactMap { parameter in
          let value: ParameterValue
          switch parameter.type {
          case .bool: value = .bool(round > 0 && random.once(in: 2))
          case .int: value = .int(round > 0 ? Int64(random.pick(1...8)) : 1)
          case .str: value = parameter.initValue
          }
          if round == 0, let off = parameter.offValue, value != off { return nil }
          return value == parameter.offValue ? nil : ParameterSetting(parameter.name, value)
        })
    }
    return sets
  }
}

/// Takes what a stream's manifest says.
private struct SourceReader: StreamHandler {
  var document = InfoDocument()

  mutating func preamble(_ preamble: Preamble) {}
  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {
    if record.header.knownKind == .manifest { document = InfoDocument(state.manifest) }
  }
  mutating func payload(_ octets: RawSpan, at position: UInt64) {}
  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {}
}
