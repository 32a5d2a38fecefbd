public import CDeviceFuzz
import Glibc
import StreamMutation

/// What `migstream_fuzz.h` declares for fuzzers.
enum FuzzerCalls {
  /// The device, or the end of the process: what describes it is wrong, and no input can help.
  static func device(_ description: UnsafePointer<mgsf_device>?) -> FuzzedDevice {
    do throws(DescriptionFault) { return unsafe try FuzzedDevice.find(description) } catch {
      Output.error("migstream fuzz: \(error.text)\n")
      exit(2)
    }
  }

  /// - Parameter tell: Told of each operation as it is done.
  /// - Returns: Whether a session took the stream; nil when a rule was broken, which was printed.
  static func check(_ octets: [UInt8], _ device: FuzzedDevice, tell: ((String) -> Void)? = nil) -> Bool? {
    do throws(DescriptionFault) {
      var run = try DeviceRun(device, DeviceInput(octets))
      run.tell = tell
      do throws(DeviceFinding) {
        try run.run()
        return run.wasTaken
      } catch {
        Output.error(report(error, run))
        return nil
      }
    } catch {
      Output.error("migstream fuzz: \(error.text)\n")
      exit(2)
    }
  }

  private static func report(_ finding: DeviceFinding, _ run: DeviceRun) -> String {
    var text = "==== migstream fuzz: rule \(finding.rule) was broken\n\(finding.detail)\noperations so far:\n"
    for (number, step) in run.done.enumerated() {
      text += "  \(number + 1). \(step.operation.text)" + (step.result.map { " -> \($0.text)" } ?? "") + "\n"
    }
    return text
  }

  @unsafe
  static func octets(_ data: UnsafePointer<UInt8>?, _ size: Int) -> [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: data, count: max(size, 0)))
  }

  @unsafe
  static func put(_ octets: [UInt8], _ target: UnsafeMutablePointer<UInt8>?, _ sizeMax: Int) -> Int {
    guard let target = unsafe target else { return 0 }
    let count = min(octets.count, sizeMax)
    for index in 0..<count { unsafe target[index] = octets[index] }
    return count
  }

  /// Changes octets with the fuzzer's own mutator where there is one.
  @unsafe
  static func leaf(_ function: mgsf_leaf?, seed: UInt32) -> (inout [UInt8], Int) -> Void {
    { octets, byteCountMax in
      guard let function = unsafe function else {
        var chance = Chance(UInt64(seed) << 32 ^ UInt64(octets.count))
        OctetMutation.mutate(&octets, byteCountMax: byteCountMax, chance: &chance)
        return
      }
      let count = octets.count
      octets.append(contentsOf: repeatElement(0, count: max(byteCountMax - count, 1)))
      let changed = unsafe octets.withUnsafeMutableBufferPointer { buffer in
        unsafe function(buffer.baseAddress.unsafelyUnwrapped, count, byteCountMax)
      }
      octets.removeSubrange(changed...)
    }
  }
}

@c @implementation
public func mgsf_initialize(_ device: UnsafePointer<mgsf_device>?) -> Int32 {
  _ = unsafe FuzzerCalls.device(device)
  return 0
}

@c @implementation
public func mgsf_one_input(
  _ device: UnsafePointer<mgsf_device>?, _ data: UnsafePointer<UInt8>?, _ size: Int
) -> Int32 {
  guard unsafe FuzzerCalls.check(FuzzerCalls.octets(data, size), FuzzerCalls.device(device)) != nil else { abort() }
  return 0
}

@c @implementation
public func mgsf_mutate(
  _ device: UnsafePointer<mgsf_device>?, _ data: UnsafeMutablePointer<UInt8>?, _ size: Int, _ max_size: Int,
  _ seed: UInt32, _ leaf: mgsf_leaf?
) -> Int {
  var mutator = unsafe DeviceMutator(
    device: FuzzerCalls.device(device), byteCountMax: max_size, chance: Chance(UInt64(seed)),
    leaf: FuzzerCalls.leaf(leaf, seed: seed))
  return unsafe FuzzerCalls.put(mutator.mutate(FuzzerCalls.octets(data, size)), data, max_size)
}

@c @implementation
public func mgsf_cross_over(
  _ device: UnsafePointer<mgsf_device>?, _ first: UnsafePointer<UInt8>?, _ first_size: Int,
  _ second: UnsafePointer<UInt8>?, _ second_size: Int, _ target: UnsafeMutablePointer<UInt8>?, _ max_size: Int,
  _ seed: UInt32
) -> Int {
  var mutator = unsafe DeviceMutator(
    device: FuzzerCalls.device(device), byteCountMax: max_size, chance: Chance(UInt64(seed)),
    leaf: FuzzerCalls.leaf(nil, seed: seed))
  let (one, other) = unsafe (FuzzerCalls.octets(first, first_size), FuzzerCalls.octets(second, second_size))
  return unsafe FuzzerCalls.put(mutator.crossOver(one, other), target, max_size)
}
