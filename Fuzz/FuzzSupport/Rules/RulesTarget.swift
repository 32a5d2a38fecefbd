import MigrationStream
import ReferenceReader
public import StreamMutation
import StreamTestKit

/// A device judged by a table of rules: what a `RulesProgram` makes of layouts, a table, announcements and sections.
///
/// | relation | says |
/// |---|---|
/// | R1 | the table is taken or refused, and of the device the first refusal is that of the reference, which was written from the chapter alone; sections that are skipped or made of defaults are the same |
/// | R2 | where in the stream it stands changes nothing but the offset |
/// | R4 | what memory held before changes nothing |
/// | R5 | nor does a mapping that was used before |
/// | A10 | nothing is left, also after an allocator refused |
///
/// R1 is judged always, of the others one for each input, as its last octet chooses.
public enum RulesTarget: FuzzTarget {
  public static var usualByteCountMax: Int { RulesProgram.byteCount + 1 }

  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    let program = RulesProgram(octets: input)
    let layouts = RulesLayouts(program)
    do {
      let (reader, stream) = (try layouts.reader.map { try $0.canonical() }, try layouts.stream.map { try $0.canonical() })
      let entries = layouts.reader.map(\.entryCount)
      let table = try RulesTable(program, reader, entryCounts: entries).table
      let run = RulesRun(
        table: table, layouts: layouts, reader: reader, stream: stream, sent: RulesStream(program, table, layouts))
      let sample = RelationSample(octet: program.sample, count: 4)
      let violation = try RulesOracle(run: run, sample: sample).violation()
      return violation.map(FuzzVerdict.violation) ?? .fine
    } catch {
      return .violation(FuzzViolation("R3", "a right layout is refused: \(error)"))
    }
  }

  public static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    guard plan.usesStructure, byteCountMax > RulesProgram.byteCount else {
      return LeafMutation.mutate(&input, byteCountMax: byteCountMax)
    }
    RulesProgram.mutate(&input, chance: &chance)
  }

  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8] {
    guard plan.usesStructure, byteCountMax > RulesProgram.byteCount else {
      return OctetMutation.joined(first, second, byteCountMax: byteCountMax, chance: &chance)
    }
    return RulesProgram.crossOver(first, second, chance: &chance)
  }
}
