import FuzzSupport
import MigrationStream
import StreamMutation
import Testing

/// Mutations of what devices judge: one value of a section, or one element of an array in it.
@Suite struct SectionValueTests {
  private func mutated(_ stream: [UInt8], seed: UInt64) -> (octets: [UInt8], note: MutationNote?) {
    var (octets, chance, leafChance) = (stream, Chance(seed), Chance(seed ^ 0x5eed))
    let note = StreamMutator.mutate(
      &octets, byteCountMax: 1 << 16, chance: &chance, repairs: true, focus: .sectionValues
    ) { OctetMutation.mutate(&$0, byteCountMax: $1, chance: &leafChance) }
    return (octets, note)
  }

  @Test("Only sections change, framing and digests are right, and the same seed does the same", arguments: 0..<6)
  func sectionsOnly(machine: Int) {
    let stream = ProgramStreams.good[machine]
    let records = RecordTree(stream).records
    var seen: Set<Mutation> = []
    for seed in 0..<150 as Range<UInt64> {
      let (octets, note) = mutated(stream, seed: seed)
      #expect(octets == mutated(stream, seed: seed).octets, "seed \(seed)")
      guard let note, note.mutation != .octets else { continue }
      seen.insert(note.mutation)
      let refusal = MutationCorpus.refusal(octets)
      // What data is wrong in itself is no matter of framing.
      let isInside = refusal?.stage == .section
      #expect(isInside || !MutationCorpus.isFraming(refusal), "seed \(seed): \(note.text(in: octets))")
      let changed = RecordTree(octets).records
      #expect(changed.map(\.kind) == records.map(\.kind), "seed \(seed)")
      for (old, new) in zip(records, changed) where old.kind != RecordKind.section.rawValue && old.kind != RecordKind.end.rawValue {
        #expect(stream[old.body] == octets[new.body] && stream[old.payload] == octets[new.payload], "seed \(seed)")
      }
    }
    #expect(seen.isSuperset(of: [.fieldLimit, .fieldStep, .fieldsMoved, .fieldCopied, .fieldBit]), "\(seen)")
  }

  @Test("An element goes or comes with its variable part, and the data is right by its layout", arguments: 0..<6)
  func elements(machine: Int) {
    for stream in ProgramStreams.ofMachines[machine] {
      for seed in 0..<200 as Range<UInt64> {
        let (octets, note) = mutated(stream, seed: seed)
        guard let note, [.elementDropped, .elementDoubled, .elementsSwapped].contains(note.mutation) else { continue }
        let refusal = MutationCorpus.refusal(octets)
        // One more than a layout allows is wrong in the data; all else is a matter of devices.
        #expect(refusal == nil || refusal?.code == .badValue && note.mutation == .elementDoubled, "seed \(seed): \(refusal!)")
        #expect(note.mutation != .elementDropped || note.new == note.old - 1, "seed \(seed)")
        #expect(note.mutation != .elementDoubled || note.new == note.old + 1, "seed \(seed)")
      }
    }
  }

  @Test("Two fields that move by one step keep their difference")
  func moved() throws {
    var count = 0
    for seed in 0..<1500 as Range<UInt64> {
      let stream = ProgramStreams.good[3]
      let (octets, note) = mutated(stream, seed: seed)
      guard let note, note.mutation == .fieldsMoved else { continue }
      let places = stream.indices.filter { stream[$0] != octets[$0] }
      let other = StreamMutator.sectionNumbers(stream).first { number in
        number.position != note.offset && places.contains { (number.position..<(number.position + number.width)).contains($0) }
      }
      guard let other, other.width == note.width else { continue }
      let mask = note.width == 8 ? UInt64.max : 1 << UInt64(8 * note.width) - 1
      let step = StreamMutator.value(of: other, in: octets) &- StreamMutator.value(of: other, in: stream)
      #expect((note.new &- note.old) & mask == step & mask, "seed \(seed): \(note.text(in: octets))")
      count += 1
    }
    #expect(count > 10)
  }
}
