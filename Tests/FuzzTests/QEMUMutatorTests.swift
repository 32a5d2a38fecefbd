import ForeignStreams
import Foundation
import FuzzSupport
import StreamMutation
import Testing

@Suite struct QEMUMutatorTests {
  private static let perStream = 40

  @Test("An untouched tree is the same octets", arguments: QEMUSample.names)
  func untouched(name: String) throws {
    let octets = try QEMUSample.octets(name)
    guard QEMUStream.recognises(MemoryOctets(octets)) else { return }
    #expect(try QEMUMutator(octets).rejoined == octets)
  }

  @Test("The same seed gives the same octets, and a note that says what they are", arguments: QEMUSample.names)
  func notes(name: String) throws {
    let octets = try QEMUSample.octets(name)
    guard QEMUStream.recognises(MemoryOctets(octets)) else { return }
    let (first, second) = (try QEMUMutator(octets), try QEMUMutator(octets))
    for seed in 0..<UInt64(Self.perStream) {
      var (chance, again) = (Chance(seed), Chance(seed))
      let (result, note) = first.mutate(&chance)
      let same = second.mutate(&again)
      #expect(same.octets == result && same.note == note, "seed \(seed)")
      #expect(result != octets, "seed \(seed): \(note.text)")
      Self.expectEdits(note, of: octets, give: result, "seed \(seed): \(note.text)")
    }
  }

  /// The edits are all that differs, and the note has the octets that they took away.
  private static func expectEdits(
    _ note: QEMUMutation, of octets: [UInt8], give result: [UInt8], _ comment: Comment
  ) {
    var expected: [UInt8] = []
    var position = 0
    for edit in note.edits.sorted(by: { $0.offset < $1.offset }) {
      expected += octets[position..<edit.offset]
      expected += edit.new
      position = edit.offset + edit.oldCount
    }
    expected += octets[position...]
    #expect(expected == result, comment)
    if let first = note.edits.first {
      #expect(octets[first.offset..<(first.offset + first.oldCount)].prefix(note.old.count) == note.old[...], comment)
      #expect(note.offset == first.offset, comment)
    }
  }

  /// A reader of the format gets to the end of the records, and there is a description left to look for.
  private static func isWhole(_ octets: [UInt8]) throws -> Bool {
    let stream = try QEMUStream(MemoryOctets(octets))
    return stream.records.contains { $0.kind == .endOfStream && !$0.isPackaged }
  }

  @Test("Four of five keep the framing", arguments: QEMUSample.names)
  func framing(name: String) throws {
    let octets = try QEMUSample.octets(name)
    guard QEMUStream.recognises(MemoryOctets(octets)), try Self.isWhole(octets) else { return }
    let mutator = try QEMUMutator(octets)
    guard mutator.describedDeviceCount > 4 else { return }
    let count = octets.count < 1 << 20 ? 100 : 20
    var whole = 0
    for seed in 0..<UInt64(count) {
      var chance = Chance(seed)
      if let isWhole = try? Self.isWhole(mutator.mutate(&chance).octets), isWhole { whole += 1 }
    }
    #expect(whole * 5 >= count * 4, "\(whole) of \(count)")
  }

  @Test("Every operator finds something to break", arguments: QEMUOperator.allCases)
  func operators(operation: QEMUOperator) throws {
    let mutator = try QEMUMutator(QEMUSample.madeUp)
    var paths: Set<String> = []
    for seed in 0..<UInt64(200) {
      var chance = Chance(seed)
      guard let (result, note) = mutator.mutate(operation, &chance) else { continue }
      #expect(note.operation == operation)
      paths.insert(note.path)
      Self.expectEdits(note, of: QEMUSample.madeUp, give: result, "seed \(seed): \(note.text)")
      #expect(note.text.hasPrefix(operation.name + " "))
    }
    #expect(!paths.isEmpty)
  }

  @Test("All operators are picked, those that break the framing seldom")
  func share() throws {
    let mutator = try QEMUMutator(QEMUSample.madeUp)
    var seen: Set<QEMUOperator> = []
    var breaking = 0
    for seed in 0..<UInt64(4_000) {
      var chance = Chance(seed)
      let operation = mutator.mutate(&chance).note.operation
      seen.insert(operation)
      if operation.breaksFraming { breaking += 1 }
    }
    #expect(seen == Set(QEMUOperator.allCases))
    #expect(breaking > 100 && breaking < 800, "\(breaking)")
  }

  @Test("A package that grows says so")
  func packages() throws {
    let mutator = try QEMUMutator(QEMUSample.madeUp)
    var grown = 0
    for seed in 0..<UInt64(400) {
      var chance = Chance(seed)
      guard let (result, note) = mutator.mutate(.countAndTail, &chance), note.device == "late" else { continue }
      grown += 1
      let stream = try QEMUStream(MemoryOctets(result))
      #expect(stream.damage == nil, "seed \(seed): \(note.text)")
      #expect(stream.sections.contains { $0.name == "late" })
    }
    #expect(grown > 0)
  }
}

/// What fuzzers call.
@Suite struct QEMUFuzzingTests {
  @Test("Any octets, within their bound, the same each time")
  func mutations() throws {
    for seed in 0..<UInt64(600) {
      var (chance, again, other) = (Chance(seed), Chance(seed), Chance(seed &+ 1_000))
      var octets = Array(QEMUSample.madeUp.prefix(other.isOne(in: 3) ? other.below(QEMUSample.madeUp.count) : .max))
      if other.isOne(in: 2), !octets.isEmpty { octets[other.below(octets.count)] ^= 0xff }
      let bound = octets.count + other.below(100)
      var (first, second) = (octets, octets)
      QEMUMutator.mutate(&first, byteCountMax: bound, chance: &chance, repairs: other.isOne(in: 2)) { octets, most in
        if octets.count < most { octets.append(7) }
      }
      QEMUMutator.mutate(&second, byteCountMax: bound, chance: &again, repairs: true) { octets, most in
        if octets.count < most { octets.append(7) }
      }
      #expect(first.count <= bound && second.count <= bound, "seed \(seed)")
      let crossed = QEMUMutator.crossOver(first, QEMUSample.madeUp, byteCountMax: bound, chance: &chance)
      #expect(crossed.count <= bound, "seed \(seed)")
    }
  }

  @Test("A description that grew says so, unless nothing is repaired")
  func descriptions() throws {
    var isSeen = [false, false]
    for seed in 0..<UInt64(400) {
      for repairs in [false, true] {
        var chance = Chance(seed)
        var octets = QEMUSample.madeUp
        let note = QEMUMutator.mutate(&octets, byteCountMax: 1 << 16, chance: &chance, repairs: repairs) { octets, _ in
          octets.insert(0x20, at: max(0, octets.count - 1))
        }
        guard note == nil, octets.suffix(2) == [0x20, UInt8(ascii: "}")] else { continue }
        let stream = try QEMUStream(MemoryOctets(octets))
        let isRight = !stream.diagnostics.contains { $0.kind == .descriptionUnusable || $0.kind == .trailingOctets }
        if isRight == repairs { isSeen[repairs ? 1 : 0] = true }
      }
    }
    #expect(isSeen == [true, true])
  }

  @Test("A crossing has sections of both")
  func crossings() throws {
    let small = try QEMUSample.octets(QEMUSample.names.first { $0.contains("none") } ?? "made up")
    var names: Set<String> = []
    for seed in 0..<UInt64(200) {
      var chance = Chance(seed)
      let octets = QEMUMutator.crossOver(small, QEMUSample.madeUp, byteCountMax: 1 << 16, chance: &chance)
      names.formUnion(try QEMUStream(MemoryOctets(octets)).sections.map(\.name))
    }
    #expect(names.isSuperset(of: ["fifo", "line", "timer"]))
  }

  @Test("Mutants of mutants break no rule that FuzzForeign holds readers to")
  func oracles() throws {
    let isLong = ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] != nil
    var chance = Chance(1)
    var refusals = 0
    let count = isLong ? 6_000 : 300
    var octets = QEMUSample.madeUp
    for step in 0..<count {
      if step % 12 == 0 { octets = QEMUSample.madeUp }
      QEMUMutator.mutate(&octets, byteCountMax: 8_192, chance: &chance, repairs: step % 5 != 0) { octets, _ in
        if !octets.isEmpty { octets[octets.count / 2] ^= 1 }
      }
      switch ForeignTarget.check(octets) {
      case .violation(let violation): Issue.record("step \(step): \(violation.oracle): \(violation.detail)")
      case .uninteresting: refusals += 1
      case .fine: break
      }
    }
    #expect(refusals * 4 < count, "\(refusals) of \(count) are no stream at all")
  }
}
