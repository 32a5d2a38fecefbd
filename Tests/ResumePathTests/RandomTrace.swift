import MigrationStream
import ResumeOracle
import ResumePath
import StreamTestKit

/// Operations of every kind, the same for the same seed.
struct RandomTrace {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func number(below end: Int) -> Int { generator.pick(0...(end - 1)) }

  private mutating func wide() -> UInt64 { generator.next() >> UInt64(number(below: 64)) }
  private mutating func flag() -> Bool { generator.once(in: 2) }
  private mutating func name() -> String { ["A", "B", "x-1", "Serial.two_3"][number(below: 4)] }
  private mutating func octets() -> [UInt8] { generator.octets(1 + number(below: 20)) }

  private mutating func state() -> UInt32 {
    flag() ? UInt32(number(below: 9)) : UInt32(truncatingIfNeeded: wide())
  }

  private mutating func place() -> TracePlace {
    switch number(below: 3) {
    case 0: .offset(wide())
    case 1: .record(wide(), plus: flag() ? 0 : wide())
    default: .end(minus: flag() ? 0 : wide())
    }
  }

  private mutating func range() -> TraceRange { TraceRange(place(), place()) }

  private mutating func machine() -> TraceMachine {
    var machine = TraceMachine(["serial", "net", "gpu-1"][number(below: 3)])
    if flag() { machine.seed = wide() }
    if flag() { machine.steps = wide() }
    for _ in 0..<number(below: 3) { machine.parameters.append(TraceParameter(name(), ["on", "64", "a=b", "#1"][number(below: 4)])) }
    return machine
  }

  private mutating func options() -> TraceOptions {
    var options = TraceOptions()
    (options.isStrict, options.allowsMissingDevices) = (flag(), flag())
    if flag() { options.stagedBytesMax = wide() }
    if flag() { options.windowByteCount = wide() & 0xffff }
    return options
  }

  private mutating func source() -> TraceSource {
    switch number(below: 4) {
    case 0: .machine(machine(), precopy: flag())
    case 1: .octets(octets())
    case 2: .file(name(), range())
    default: .copy(name(), range())
    }
  }

  private mutating func change() -> TraceChange {
    switch number(below: 7) {
    case 0: .flip(place(), bit: UInt8(number(below: 8)))
    case 1: .set(place(), octets())
    case 2: .insert(place(), octets())
    case 3: .splice(place(), name(), range())
    case 4: .remove(range())
    case 5: .swap(wide(), wide())
    default: .repair
    }
  }

  private mutating func pieces() -> TracePieces {
    switch number(below: 5) {
    case 0: .whole
    case 1: .bytes(wide() | 1)
    case 2: .random(wide())
    case 3: .records
    default: .transactions
    }
  }

  private mutating func field() -> TraceField {
    TraceField(offset: flag() ? UInt64(number(below: 40)) : wide() >> 1, width: 1 << UInt8(number(below: 4)))
  }

  private mutating func device() -> UInt32? { flag() ? nil : UInt32(truncatingIfNeeded: wide()) }

  private mutating func expectation() -> TraceExpectation {
    switch number(below: 10) {
    case 0: .ok
    case 1: .void
    case 2: .code(StreamError.Code.allCases[number(below: StreamError.Code.allCases.count)], at: flag() ? nil : wide())
    case 3: .failureClass(FailureClass.allCases[number(below: FailureClass.allCases.count)])
    case 4: .consumed(wide())
    case 5: .value(wide())
    case 6: .state(MigrationState.allCases[number(below: 8)], device: device())
    case 7: .status(TraceStatus.allCases[number(below: TraceStatus.allCases.count)])
    case 8: .digest(wide())
    default: .like(machine())
    }
  }

  mutating func operation() -> TraceOperation {
    switch number(below: 32) {
    case 0: .machine(machine(), options())
    case 1: .stream(name(), source())
    case 2: .change(name(), change())
    case 3: .request(state())
    case 4: .reset
    case 5: .recover(state())
    case 6: .query(device: device())
    case 7: .run(steps: wide())
    case 8: .use(session: flag() ? nil : wide())
    case 9: .write(name(), range(), pieces(), inPlace: flag())
    case 10: .finish(embedded: flag())
    case 11: .abort
    case 12: .compatible(name())
    case 13: .save(name(), precopy: flag())
    case 14: .precopyInfo
    case 15: .regionRead(field())
    case 16: .regionWrite(field(), wide())
    case 17: .regionData(offset: wide(), octets())
    case 18: .regionPut(name(), range())
    case 19: .regionGet(name())
    case 20: .handover(machine(), precopy: flag())
    case 21: .source(records: wide())
    case 22: .deliver(records: flag() ? nil : wide())
    case 23: .verdict(TraceVerdict.allCases[number(below: 3)])
    case 24: .operatorResume
    case 25: .fail(TraceFailure(TraceFailure.Call.allCases[number(below: 4)], wide(), isBroken: flag()))
    case 26: .giveUp(flag() ? .source : .destination)
    case 27: .linkLost(flag() ? .source : .destination)
    case 28: .again
    case 29: .operatorRuns
    default: .expect(expectation())
    }
  }
}
