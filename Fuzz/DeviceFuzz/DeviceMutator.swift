import StreamMutation

/// How the next input is made of one or two.
struct DeviceMutator {
  let device: FuzzedDevice
  let byteCountMax: Int
  var chance: Chance
  /// Changes octets that have no structure; the result has at most so many.
  let leaf: (inout [UInt8], Int) -> Void

  mutating func mutate(_ octets: [UInt8]) -> [UInt8] {
    var input = DeviceInput(octets)
    if input.stream.count < 64 || chance.isOne(in: 50) { input.stream = seedStream() }
    switch chance.below(8) {
    case 0, 1: changeOperations(&input)
    case 2:
      changeOperations(&input)
      changeStream(&input)
    default: changeStream(&input)
    }
    return fitted(input)
  }

  mutating func crossOver(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    let (one, other) = (DeviceInput(first), DeviceInput(second))
    var input = one
    switch chance.below(4) {
    case 0: input.operations = other.operations
    case 1:
      let start = chance.below(other.operations.count + 1)
      input.operations = Array(one.operations.prefix(chance.below(one.operations.count + 1)) + other.operations[start...])
    default:
      input.stream = StreamMutator.crossOver(
        one.stream, other.stream, byteCountMax: max(byteCountMax - one.tail.count, 0), chance: &chance, repairs: true)
    }
    return fitted(input)
  }

  /// The octets of an input that is as large as it may be: operations go before the stream does.
  private func fitted(_ input: DeviceInput) -> [UInt8] {
    var input = input
    while input.octets.count > byteCountMax, !input.operations.isEmpty { input.operations.removeLast() }
    return Array(input.octets.prefix(byteCountMax))
  }

  private mutating func seedStream() -> [UInt8] {
    guard !device.seeds.isEmpty else { return [] }
    let stream = DeviceInput(device.seeds[chance.below(device.seeds.count)]).stream
    return stream.count <= byteCountMax ? stream : []
  }

  private mutating func changeStream(_ input: inout DeviceInput) {
    if device.model != nil, chance.isOne(in: 3), RuleMutation.mutate(&input.stream, device.model!, chance: &chance) { return }
    let room = max(byteCountMax - input.tail.count, 0)
    StreamMutator.mutate(&input.stream, byteCountMax: room, chance: &chance, repairs: true, leaf: leaf)
  }

  // MARK: Operations

  private mutating func changeOperations(_ input: inout DeviceInput) {
    let count = input.operations.count
    let place = chance.below(count + 1)
    switch chance.below(8) {
    case 0, 1, 2: input.operations.insert(operation(), at: place)
    case 3 where place < count: input.operations.remove(at: place)
    case 4 where place < count: input.operations.insert(input.operations[place], at: chance.below(count))
    case 5 where place < count: input.operations.swapAt(place, chance.below(count))
    case 6:
      // A second session, of the same stream or of one that the device saved.
      if chance.isOne(in: 2) { input.operations.append(.save) }
      input.operations += DeviceOperation.usual
    default:
      if place < count, case .run(var octets) = input.operations[place] {
        leaf(&octets, 64)
        input.operations[place] = .run(octets)
      } else {
        input.operations.insert(.run(GuestOctets.some(&chance)), at: place)
      }
    }
    if input.operations.count > DeviceInput.operationsMax {
      input.operations.removeSubrange(DeviceInput.operationsMax...)
    }
  }

  private mutating func operation() -> DeviceOperation {
    DeviceOperation(
      code: UInt8(chance.below(Int(DeviceOperation.codeCount))), argument: UInt8(chance.below(256)),
      octets: GuestOctets.some(&chance))
  }
}
