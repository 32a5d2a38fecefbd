import MigrationStream
public import StreamMutation

/// Changes programs so that most of them stay sensible: one operation, or one stream, or how the machine is made.
///
/// A stream that was changed is refused for ever, and so are its children: now and then a good one takes its place. And
/// what devices judge, values of their sections, is tried on good streams: one value, and what callers do with the stream.
public enum ProgramMutator {
  public static func mutate(
    _ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan, good: [[[UInt8]]]
  ) {
    let limit = min(byteCountMax, ResumeProgram.byteCountMax)
    var program = ResumeProgram(input) ?? ResumeProgram()
    if program.operations.isEmpty, plan.changesOperations { program.operations = snippet(0) }
    if program.streams.isEmpty { program.streams = [stream(of: program, good, &chance)] }
    if plan.changesOperations, chance.isOne(in: 3), !good.isEmpty {
      tryValue(&program, limit, good, &chance, plan)
    } else if plan.changesOperations {
      switch chance.below(16) {
      case 0..<7: changeOperations(&program, &chance)
      case 7: changeHead(&program, &chance)
      case 8, 9:
        changeOperations(&program, &chance)
        changeStream(&program, limit, .sections, &chance, plan)
      default: changeStream(&program, limit, .sections, &chance, plan)
      }
      drawRelations(&program, &chance)
      if chance.isOne(in: 5) { program.streams[chance.below(program.streams.count)] = stream(of: program, good, &chance) }
    } else {
      changeStream(&program, limit, .sections, &chance, plan)
    }
    fit(&program, limit)
    input = Array(program.octets.prefix(byteCountMax))
  }

  /// Operations of both, cut at their borders, and the streams of either, or spliced ones.
  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8] {
    guard var program = ResumeProgram(first), let other = ResumeProgram(second) else {
      return Array(first.prefix(byteCountMax))
    }
    if plan.changesOperations, !other.operations.isEmpty {
      let head = chance.below(program.operations.count + 1)
      let start = chance.below(other.operations.count)
      let run = other.operations[start...].prefix(1 + chance.below(8))
      if chance.isOne(in: 2) {
        program.operations.insert(contentsOf: run, at: head)
      } else {
        program.operations = Array(program.operations.prefix(head) + run)
      }
    }
    if plan.changesOperations { drawRelations(&program, &chance) }
    if !program.streams.isEmpty, !other.streams.isEmpty {
      let number = chance.below(program.streams.count)
      let theirs = other.streams[chance.below(other.streams.count)]
      switch chance.below(6) {
      case 0: program.streams[number] = theirs
      case 1: program.streams.append(theirs)
      case 2:
        program.streams[number] = StreamMutator.crossOver(
          program.streams[number], theirs, byteCountMax: byteCountMax, chance: &chance, repairs: plan.repairs)
      default: break
      }
    }
    fit(&program, min(byteCountMax, ResumeProgram.byteCountMax))
    return Array(program.octets.prefix(byteCountMax))
  }

  /// Dear relations are seldom: a program in the corpus does not take them again with each child.
  private static func drawRelations(_ program: inout ResumeProgram, _ chance: inout Chance) {
    program.relations = UInt8(chance.below(256))
  }

  /// A program that is too long loses streams that come last, then operations.
  private static func fit(_ program: inout ResumeProgram, _ limit: Int) {
    if program.operations.count > ResumeProgram.operationsMax {
      program.operations.removeLast(program.operations.count - ResumeProgram.operationsMax)
    }
    if program.streams.count > ResumeProgram.streamsMax { program.streams.removeLast(program.streams.count - ResumeProgram.streamsMax) }
    while program.byteCount > limit, program.streams.count > 1 { program.streams.removeLast() }
    while program.byteCount > limit, program.operations.count > 1 { program.operations.removeLast() }
  }

  // MARK: Streams

  private static func stream(of program: ResumeProgram, _ good: [[[UInt8]]], _ chance: inout Chance) -> [UInt8] {
    guard !good.isEmpty else { return [] }
    let own = good[Int(program.machine) % good.count]
    let streams = own.isEmpty ? good[0] : own
    return streams[chance.below(streams.count)]
  }

  /// A good stream of some machine with one value changed, resumed and used as callers do; nothing of the old program is
  /// left, so that nothing else is in the way.
  private static func tryValue(
    _ program: inout ResumeProgram, _ limit: Int, _ good: [[[UInt8]]], _ chance: inout Chance, _ plan: MutationPlan
  ) {
    let machines = good.indices.filter { !good[$0].isEmpty }
    program.machine = UInt8(machines[chance.below(machines.count)])
    program.options = []
    program.steps = chance.isOne(in: 4) ? UInt8(chance.below(32)) : 0
    program.seed = UInt8(chance.below(256))
    program.operations = snippet(chance.isOne(in: 4) ? 4 : 0)
    if chance.isOne(in: 2) { program.operations += snippet(2) }
    if chance.isOne(in: 4) { program.operations += snippet(6) + snippet(2) }
    program.operations[0].pieces = chance.isOne(in: 2) ? 0 : UInt8(chance.below(256))
    drawRelations(&program, &chance)
    program.streams = [stream(of: program, good, &chance)]
    changeStream(&program, limit, .sectionValues, &chance, plan)
  }

  private static func changeStream(
    _ program: inout ResumeProgram, _ limit: Int, _ focus: MutationFocus, _ chance: inout Chance, _ plan: MutationPlan
  ) {
    let number = chance.below(program.streams.count)
    if program.streams.count < 3, plan.changesOperations, focus != .sectionValues, chance.isOne(in: 12),
      program.byteCount + program.streams[number].count + 4 <= limit
    {
      // The changed one beside the good one: what is left of it shows in the session after.
      program.streams.append(program.streams[number])
    }
    var octets: [UInt8] = []
    swap(&octets, &program.streams[number])
    let room = max(limit - program.byteCount, 64)
    StreamMutator.mutate(&octets, byteCountMax: room, chance: &chance, repairs: plan.repairs, focus: focus) {
      LeafMutation.mutate(&$0, byteCountMax: $1)
    }
    swap(&octets, &program.streams[number])
  }

  // MARK: Operations

  private static func changeHead(_ program: inout ResumeProgram, _ chance: inout Chance) {
    switch chance.below(10) {
    case 0: program.machine = UInt8(chance.below(10))
    case 1...4: program.options = ProgramOptions(rawValue: program.options.rawValue ^ 1 << UInt8(chance.below(5)))
    case 5: program.options = ProgramOptions(rawValue: 0)
    case 6: program.steps = UInt8(chance.below(32))
    default: program.seed = UInt8(chance.below(256))
    }
  }

  private static func changeOperations(_ program: inout ResumeProgram, _ chance: inout Chance) {
    guard !program.operations.isEmpty else {
      program.operations = snippet(0)
      return
    }
    if program.operations.count > operationsLiked, chance.isOne(in: 2) {
      let first = chance.below(program.operations.count - operationsLiked / 2)
      program.operations.removeSubrange(first..<(first + operationsLiked / 2))
    }
    let count = program.operations.count
    let number = chance.below(count)
    switch chance.below(14) {
    case 0: program.operations.remove(at: number)
    case 1: program.operations.insert(program.operations[number], at: chance.below(count + 1))
    case 2: program.operations.swapAt(number, chance.below(count))
    case 3, 4, 5:
      var some = snippet(chance.below(snippetCount))
      // Any of the calls to come.
      for index in some.indices where some[index].kind == .fail { some[index].size = Int16(chance.below(16)) }
      program.operations.insert(contentsOf: some, at: chance.isOne(in: 2) ? count : number)
    case 6, 7: program.operations.insert(anyOperation(&chance), at: chance.below(count + 1))
    case 8 where count > 8: program.operations.removeLast(chance.below(count / 2))
    default: change(&program.operations[number], &chance)
    }
  }

  private static func change(_ operation: inout ProgramOperation, _ chance: inout Chance) {
    switch chance.below(10) {
    case 0: operation.kind = ProgramOperation.Kind.allCases[chance.below(ProgramOperation.Kind.allCases.count)]
    case 1, 2: operation.argument = UInt8(chance.below(chance.isOne(in: 6) ? 256 : 10))
    case 3: operation.flags = ProgramOperation.Flags(rawValue: operation.flags.rawValue ^ 1 << UInt8(chance.below(6)))
    case 4: operation.pieces = UInt8(chance.below(256))
    case 5, 6: operation.delta = delta(&chance)
    case 7: operation.size = delta(&chance)
    case 8: (operation.delta, operation.size) = (0, 0)
    default: operation.flags = []
    }
  }

  /// Small steps mostly, then those that a record has, then any.
  private static func delta(_ chance: inout Chance) -> Int16 {
    let size = [1, 8, 64, 512, 32767][[0, 0, 0, 1, 1, 2, 2, 3, 4][chance.below(9)]]
    let value = Int16(1 + chance.below(size))
    return chance.isOne(in: 2) ? value : -value
  }

  private static func anyOperation(_ chance: inout Chance) -> ProgramOperation {
    let kinds = ProgramOperation.Kind.allCases
    var operation = ProgramOperation(kinds[chance.below(kinds.count)])
    if chance.isOne(in: 2) { operation.argument = UInt8(chance.below(9)) }
    if chance.isOne(in: 4) { operation.flags = ProgramOperation.Flags(rawValue: UInt8(chance.below(64))) }
    if chance.isOne(in: 4) { operation.delta = delta(&chance) }
    if operation.kind == .fail { operation.size = Int16(chance.below(8)) }
    return operation
  }

  /// More than these say little that fewer do not, and each costs its time.
  private static var operationsLiked: Int { 12 }

  private static var snippetCount: Int { 22 }

  /// Runs of operations that callers do.
  static func snippet(_ number: Int) -> [ProgramOperation] {
    typealias Operation = ProgramOperation
    switch number {
    case 0: return [Operation(.write), Operation(.finish)]
    case 1: return [Operation(.reset), Operation(.write), Operation(.finish)]
    case 2: return [Operation(.request), Operation(.run, 15)]
    case 3: return [Operation(.request, 5), Operation(.write, flags: .half), Operation(.reset)]
    case 4: return [Operation(.write, flags: .half), Operation(.write), Operation(.finish)]
    case 5: return [Operation(.write, flags: .oneRecord), Operation(.write, flags: .oneRecord)]
    case 6: return [Operation(.save), Operation(.reset), Operation(.write, 255), Operation(.finish)]
    case 7: return [Operation(.handover), Operation(.source), Operation(.deliver), Operation(.verdict), Operation(.source)]
    case 8: return [Operation(.source), Operation(.deliver), Operation(.verdict)]
    case 9: return [Operation(.abort), Operation(.reset), Operation(.write), Operation(.finish)]
    case 10: return [Operation(.regionState, 5), Operation(.regionPut), Operation(.regionState, 1)]
    case 11: return [Operation(.regionState, 4), Operation(.regionGet), Operation(.regionState, 3), Operation(.regionGet)]
    case 15:
      let gets = [Operation](repeating: Operation(.regionGet, flags: .half), count: 4)
      return [Operation(.regionState, 4)] + gets + [Operation(.regionState, 3)] + gets
    case 14: return [Operation(.regionState, 5), Operation(.regionPut, flags: .half), Operation(.regionState, 1)]
    case 16: return [Operation(.deliver), Operation(.verdict), Operation(.reset), Operation(.again), Operation(.deliver)]
    case 17: return [Operation(.giveUp, 1), Operation(.verdict), Operation(.again), Operation(.deliver)]
    case 19: return [Operation(.fail, 0), Operation(.deliver), Operation(.verdict), Operation(.operatorResume)]
    case 20: return [Operation(.handover), Operation(.source), Operation(.fail, 0), Operation(.deliver), Operation(.verdict)]
    case 18: return [Operation(.linkLost), Operation(.operatorResume), Operation(.operatorRuns)]
    case 12: return [Operation(.fail, 2), Operation(.write), Operation(.finish), Operation(.reset)]
    case 13: return [Operation(.fail, 0), Operation(.request, 5), Operation(.request), Operation(.request, 3), Operation(.reset)]
    default: return [Operation(.write, 1), Operation(.reset), Operation(.write), Operation(.finish), Operation(.request)]
    }
  }
}
