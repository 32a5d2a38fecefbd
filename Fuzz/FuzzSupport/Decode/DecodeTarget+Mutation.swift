public import StreamMutation

/// The last octet is no part of the stream: mutations of the stream keep it, and change it now and then.
extension DecodeTarget {
  public static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    guard plan.usesStructure, byteCountMax > 1 else { return LeafMutation.mutate(&input, byteCountMax: byteCountMax) }
    if var several = ChannelInput(input) {
      several.mutate(byteCountMax: byteCountMax, chance: &chance, repairs: plan.repairs)
      input = several.octets
      return
    }
    if chance.isOne(in: 48), case let drawn = RandomChannels.draw(&chance).octets, drawn.count <= byteCountMax {
      input = drawn
      return
    }
    if chance.isOne(in: 2), let drawn = RandomStreams.draw(&chance, byteCountMax: min(byteCountMax, usualByteCountMax) - 1) {
      input = drawn + [UInt8(truncatingIfNeeded: chance.next())]
      if chance.below(5) < 2 { return }
    }
    mutateStream(&input, byteCountMax: byteCountMax, chance: &chance, plan: plan)
  }

  /// Of one channel.
  static func mutateStream(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    guard plan.usesStructure, byteCountMax > 1 else { return LeafMutation.mutate(&input, byteCountMax: byteCountMax) }
    let last = input.popLast() ?? 0
    StreamMutator.mutate(
      &input, byteCountMax: byteCountMax - 1, chance: &chance, repairs: plan.repairs,
      leaf: { LeafMutation.mutate(&$0, byteCountMax: $1) })
    input.append(chance.isOne(in: 8) ? UInt8(truncatingIfNeeded: chance.next()) : last)
  }

  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8] {
    guard plan.usesStructure, byteCountMax > 1, let last = first.last, !second.isEmpty else {
      return Array(first.prefix(byteCountMax))
    }
    if var several = ChannelInput(first) {
      several.crossOver(with: ChannelInput(second), byteCountMax: byteCountMax, chance: &chance, repairs: plan.repairs)
      return several.octets
    }
    let stream = StreamMutator.crossOver(
      Array(first.dropLast()), Array(second.dropLast()), byteCountMax: byteCountMax - 1, chance: &chance,
      repairs: plan.repairs)
    return stream + [last]
  }
}
