public import StreamMutation
import ForeignStreams

/// Migration streams of QEMU, as any octets: the index, the trees of devices, the script's own form, and the conversion
/// to our format, which our codec must take.
public enum ForeignTarget: FuzzTarget {
  static let octetsMax = 1 << 17

  /// As readers have them, but for what only takes time: small inputs may describe millions of fields without octets.
  static var limits: ForeignLimits {
    var limits = ForeignLimits()
    limits.weightlessLeaves = 4_096
    limits.treeNodes = 1 << 16
    return limits
  }

  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard input.count <= octetsMax else { return .uninteresting }
    let source = MemoryOctets(input)
    let stream: QEMUStream
    do throws(ForeignError) { stream = try QEMUStream(source, limits: limits) } catch {
      if let violation = ForeignOracle.refusal(error, of: source) { return .violation(violation) }
      return QEMUStream.recognises(source) ? .fine : .uninteresting
    }
    guard QEMUStream.recognises(source) else {
      return .violation(FuzzViolation("A9", "a stream was read that nothing recognises"))
    }
    if let violation = ForeignOracle.index(of: stream, source) ?? ForeignOracle.devices(of: stream, source)
      ?? ForeignOracle.printed(stream, source) ?? ConversionOracle.violation(stream, source)
    {
      return .violation(violation)
    }
    return .fine
  }

  public static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    guard plan.usesStructure else { return LeafMutation.mutate(&input, byteCountMax: byteCountMax) }
    if chance.isOne(in: 24), case let drawn = RandomQEMU.draw(&chance), drawn.count <= byteCountMax {
      input = drawn
      return
    }
    QEMUMutator.mutate(&input, byteCountMax: byteCountMax, chance: &chance, repairs: plan.repairs) {
      LeafMutation.mutate(&$0, byteCountMax: $1)
    }
  }

  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8] {
    QEMUMutator.crossOver(first, second, byteCountMax: byteCountMax, chance: &chance)
  }
}
