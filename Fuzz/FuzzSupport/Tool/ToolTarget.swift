public import StreamMutation
import ForeignStreams
import MigrationStream

/// What `streamtool dump` and `verify` print of any octets: the library's verdict at the library's offset, in each form,
/// without an octet that a terminal acts on.
///
/// The last octet of the input chooses form and options; it is not part of the stream.
public enum ToolTarget: FuzzTarget {
  static let octetsMax = 1 << 16

  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard let last = input.last, input.count <= octetsMax else { return .uninteresting }
    let choice = ToolChoice(last)
    let stream = Array(input.dropLast())
    if QEMUStream.recognises(MemoryOctets(stream)) {
      return ForeignReportOracle.violation(stream, choice).map { .violation($0) } ?? .fine
    }
    if let violation = DumpOracle.violation(stream, choice) ?? TierOracle.violation(stream) {
      return .violation(violation)
    }
    return .fine
  }

  public static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    if QEMUStream.recognises(MemoryOctets(input)) {
      ForeignTarget.mutate(&input, byteCountMax: byteCountMax, chance: &chance, plan: plan)
    } else {
      DecodeTarget.mutateStream(&input, byteCountMax: byteCountMax, chance: &chance, plan: plan)
    }
    if !input.isEmpty, chance.isOne(in: 4) { input[input.count - 1] = UInt8(truncatingIfNeeded: chance.next()) }
  }

  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8] {
    if QEMUStream.recognises(MemoryOctets(first)) {
      return ForeignTarget.crossOver(first, second, byteCountMax: byteCountMax, chance: &chance, plan: plan)
    }
    return DecodeTarget.crossOver(first, second, byteCountMax: byteCountMax, chance: &chance, plan: plan)
  }
}
