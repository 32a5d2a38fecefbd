import FuzzSupport
import MigrationStream
import StreamMutation
import StreamTestKit
import Testing

/// The structure-aware mutator: what it leaves alone, what it repairs, and what it breaks.
@Suite struct StreamMutatorTests {
  private func mutated(
    _ octets: [UInt8], seed: UInt64, byteCountMax: Int = 1 << 16, repairs: Bool = true
  ) -> (octets: [UInt8], note: MutationNote?) {
    var result = octets
    var chance = Chance(seed)
    var leafChance = Chance(seed ^ 0x5eed)
    let note = StreamMutator.mutate(&result, byteCountMax: byteCountMax, chance: &chance, repairs: repairs) {
      OctetMutation.mutate(&$0, byteCountMax: $1, chance: &leafChance)
    }
    return (result, note)
  }

  @Test("A tree that nobody touches is the same octets, and all of them")
  func treesAreLossless() throws {
    for (name, octets, isRight) in try MutationCorpus.channels {
      let tree = RecordTree(octets)
      #expect(tree.octets == octets, "\(name)")
      var place = min(octets.count, 64)
      for spot in tree.records {
        #expect(spot.start == place, "\(name)")
        place = spot.end + spot.gapCount
      }
      #expect(place == tree.tailStart && place <= octets.count, "\(name)")
      if isRight, !octets.isEmpty { #expect(place == octets.count, "\(name): a tail of \(octets.count - place)") }
    }
  }

  @Test("Repair leaves right streams as they are")
  func repairKeepsRightStreams() throws {
    for (name, octets, isRight) in try MutationCorpus.channels where isRight {
      var repaired = octets
      StreamRepair.repair(&repaired)
      let place = zip(repaired, octets).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      #expect(repaired == octets, "\(name) differs at \(place ?? -1)")
    }
  }

  @Test("Repair is done after one pass, also of wrong streams")
  func repairIsIdempotent() throws {
    for (name, octets, _) in try MutationCorpus.channels {
      var once = octets
      StreamRepair.repair(&once)
      var twice = once
      StreamRepair.repair(&twice)
      #expect(once == twice, "\(name)")
    }
  }

  @Test("A section that is sent again in a pass of its own mostly makes a right stream")
  func sectionsAreReplaced() throws {
    let stream = ProgramStreams.good[0]
    var (right, wrong) = (0, 0)
    for seed in 0..<2_000 as Range<UInt64> {
      let (octets, note) = mutated(stream, seed: seed)
      guard note?.mutation == .sectionReplaced else { continue }
      #expect(octets.count > stream.count)
      do throws(StreamError) {
        var verifier = try StreamVerifier(.deep)
        _ = try verifier.push(octets.span.octets)
        _ = try verifier.finish()
        right += 1
      } catch { wrong += 1 }
    }
    #expect(right > 6 * wrong && right > 20, "\(right) right, \(wrong) wrong")
  }

  @Test("Right digests and lengths come back after damage to them")
  func repairMendsFraming() throws {
    let stream = try MutationCorpus.rich
    for spot in RecordTree(stream).records {
      // Where a body ends and a payload begins only its length says.
      for place in [0, 8, 10, 16, 24, 32, 48, 56] where place != 24 || spot.payloadCount == 0 {
        var damaged = stream
        damaged[spot.start + place] ^= 0x40
        StreamRepair.repair(&damaged)
        #expect(damaged == stream, "octet \(place) of the record at \(spot.start)")
      }
    }
  }

  @Test("A barrier whose sequence number is all ones names 0 as the next")
  func repairCountsPastAllOnes() throws {
    var octets = try #require(MutationCorpus.seeds.first { $0.name == "pass/memory-in-three-passes" }).octets
    let records = RecordTree(octets).records
    let number = try #require(records.firstIndex { $0.kind == RecordKind.barrier.rawValue })
    func word(_ position: Int) -> UInt64 {
      octets[position..<(position + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    let before = records[number - 1].start + 16
    octets.replaceSubrange(before..<(before + 8), with: [0xfe] + [UInt8](repeating: 0xff, count: 7))
    StreamRepair.repair(&octets, keeping: before..<(before + 8))
    #expect(word(before) == UInt64.max - 1)
    #expect(word(records[number].start + 16) == UInt64.max)
    #expect(word(records[number].body.lowerBound + 8) == 0)
    #expect(word(records[number + 1].start + 16) == 0)
  }

  @Test("The same seed gives the same octets and the same note")
  func mutationIsDeterministic() throws {
    for (index, seed) in try MutationCorpus.seeds.enumerated() {
      let first = mutated(seed.octets, seed: UInt64(index))
      let second = mutated(seed.octets, seed: UInt64(index))
      #expect(first.octets == second.octets)
      #expect(first.note?.text(in: first.octets) == second.note?.text(in: second.octets))
    }
  }

  @Test("Any octets are mutated, and never into more than there is room for")
  func sizesAreKept() throws {
    let seeds = try MutationCorpus.channels
    for number in 0..<6000 {
      var chance = Chance(UInt64(number))
      let octets = seeds[chance.below(seeds.count)].octets.prefix(4096)
      let most = max(1, octets.count - 200 + chance.below(600))
      let result = mutated(Array(octets), seed: UInt64(number), byteCountMax: most, repairs: !chance.isOne(in: 4))
      #expect(result.octets.count <= most, "seed \(number)")
    }
  }

  @Test("Every mutation happens within 20000 seeds")
  func everyMutationHappens() throws {
    let seeds = try MutationCorpus.seeds
    var seen: Set<Mutation> = []
    for number in 0..<20000 where seen.count < Mutation.allCases.count - 1 {
      let result = mutated(seeds[number % seeds.count].octets, seed: UInt64(number))
      if let mutation = result.note?.mutation { seen.insert(mutation) }
    }
    #expect(Set(Mutation.allCases).subtracting(seen) == [.spliced])
  }

  @Test("Most results pass framing, and most of these are refused behind it")
  func mutantsReachTheChecks() throws {
    let seeds = try MutationCorpus.seeds
    var (framed, refused) = (0, 0)
    let count = 6000
    for number in 0..<count {
      let result = mutated(seeds[number % seeds.count].octets, seed: UInt64(number))
      let refusal = MutationCorpus.refusal(result.octets)
      guard !MutationCorpus.isFraming(refusal) else { continue }
      framed += 1
      if refusal != nil { refused += 1 }
    }
    print("mutants: \(count), past framing: \(framed), refused behind it: \(refused)")
    #expect(framed * 100 >= count * 60, "\(framed) of \(count)")
    #expect(refused * 100 >= framed * 20, "\(refused) of \(framed)")
  }

  @Test("A note names the place of the field and its new value")
  func notesNameTheirPlaces() throws {
    let seeds = try MutationCorpus.seeds
    var checked = 0
    for number in 0..<4000 {
      let (octets, note) = mutated(seeds[number % seeds.count].octets, seed: UInt64(number))
      guard let note, note.width > 0, note.width <= 8, note.mutation != .fieldOctets else { continue }
      guard note.offset + note.width <= octets.count else { continue }
      var value: UInt64 = 0
      for place in (0..<note.width).reversed() { value = value << 8 | UInt64(octets[note.offset + place]) }
      #expect(value == note.new, "seed \(number): \(note.text(in: octets))")
      if let record = note.record, note.width > 0 {
        let spot = RecordTree(octets).records
        if record < spot.count { #expect(spot[record].start <= note.offset, "seed \(number): \(note.text(in: octets))") }
      }
      checked += 1
    }
    #expect(checked > 1000)
  }

  @Test("Crossover gives streams that pass framing, with records of both")
  func crossoverIsFramed() throws {
    let seeds = try MutationCorpus.seeds
    var framed = 0
    for number in 0..<2000 {
      var chance = Chance(UInt64(number))
      let (first, second) = (seeds[chance.below(seeds.count)].octets, seeds[chance.below(seeds.count)].octets)
      let most = first.count + chance.below(2000)
      var again = chance
      let result = StreamMutator.crossOver(first, second, byteCountMax: most, chance: &chance, repairs: true)
      #expect(result == StreamMutator.crossOver(first, second, byteCountMax: most, chance: &again, repairs: true))
      #expect(result.count <= most)
      if !MutationCorpus.isFraming(MutationCorpus.refusal(result)) { framed += 1 }
    }
    #expect(framed * 100 >= 2000 * 50, "\(framed) of 2000")
  }
}
