public import CDeviceFuzz
import StreamMutation

/// What a custom mutator of AFL++ keeps between two calls.
@safe
final class CustomMutator {
  let device: FuzzedDevice
  var chance: Chance
  /// What the last call made.
  private(set) var octets: UnsafeMutablePointer<UInt8>?

  init(_ device: FuzzedDevice, seed: UInt32) {
    self.device = device
    chance = Chance(UInt64(seed))
  }

  func lend(_ made: [UInt8]) -> UnsafeMutablePointer<UInt8> {
    unsafe octets?.deallocate()
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(made.count, 1))
    for (index, octet) in made.enumerated() { unsafe memory[index] = octet }
    unsafe octets = unsafe memory
    return unsafe memory
  }

  deinit { unsafe octets?.deallocate() }
}

@c @implementation
public func mgsf_afl_new(_ device: UnsafePointer<mgsf_device>?, _ seed: UInt32) -> UnsafeMutableRawPointer? {
  let mutator = CustomMutator(unsafe FuzzerCalls.device(device), seed: seed)
  return unsafe Unmanaged.passRetained(mutator).toOpaque()
}

@c @implementation
public func mgsf_afl_fuzz(
  _ state: UnsafeMutableRawPointer?, _ data: UnsafePointer<UInt8>?, _ size: Int,
  _ target: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, _ other: UnsafePointer<UInt8>?, _ other_size: Int,
  _ max_size: Int
) -> Int {
  guard let state = unsafe state, let target = unsafe target else { return 0 }
  // Safe: it is what mgsf_afl_new returned.
  let custom = unsafe Unmanaged<CustomMutator>.fromOpaque(state).takeUnretainedValue()
  let seed = UInt32(truncatingIfNeeded: custom.chance.next())
  var mutator = unsafe DeviceMutator(
    device: custom.device, byteCountMax: max_size, chance: Chance(UInt64(seed)), leaf: FuzzerCalls.leaf(nil, seed: seed))
  let octets = unsafe FuzzerCalls.octets(data, size)
  let made =
    other_size > 0 && custom.chance.isOne(in: 4)
    ? mutator.crossOver(octets, unsafe FuzzerCalls.octets(other, other_size)) : mutator.mutate(octets)
  unsafe target.pointee = custom.lend(made)
  return made.count
}

@c @implementation
public func mgsf_afl_free(_ state: UnsafeMutableRawPointer?) {
  if let state = unsafe state { unsafe Unmanaged<CustomMutator>.fromOpaque(state).release() }
}
