public import CDeviceFuzz
import Glibc
import StreamMutation

/// A device under test without a fuzzer: runs files, prints what is in them, makes seeds, fuzzes without feedback.
struct DeviceReplay {
  static let help = """
    usage: TARGET [--trace] FILE|FOLDER ...   runs inputs; with --trace each operation is printed before it is done
           TARGET < FILE                      runs one input
           TARGET --seeds FOLDER              writes inputs to begin with
           TARGET --runs N [--seed S]         runs N inputs made by the mutator, without feedback
    A rule that is broken is printed, and the process aborts.

    """

  let device: FuzzedDevice
  var isTraced = false

  static func run(_ device: FuzzedDevice, _ arguments: [String]) -> Int32 {
    var replay = DeviceReplay(device: device)
    var (paths, seeds, runs, seed) = ([String](), String?.none, Int?.none, UInt64(1))
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "--help":
        Output.print(help)
        return 0
      case "--trace": replay.isTraced = true
      case "--seeds": seeds = rest.popFirst()
      case "--runs": runs = rest.popFirst().flatMap { Int($0) }
      case "--seed": seed = rest.popFirst().flatMap { UInt64($0) } ?? seed
      default:
        if word.hasPrefix("--") {
          Output.error(help)
          return 2
        }
        paths.append(word)
      }
    }
    if let seeds { return replay.writeSeeds(seeds) }
    if let runs { return replay.fuzz(runs, seed) }
    if paths.isEmpty { return replay.check("standard input", Files.standardInput()) }
    return paths.flatMap { Files.list($0) }.reduce(0) { max($0, replay.check($1, Files.contents($1))) }
  }

  private func check(_ name: String, _ octets: [UInt8]?) -> Int32 {
    guard let octets else {
      Output.error("cannot read \(name)\n")
      return 1
    }
    let input = DeviceInput(octets)
    if isTraced {
      Output.print("\(name): a stream of \(input.stream.count) octets, \(input.operations.count) operations\n")
    }
    guard let wasTaken = FuzzerCalls.check(octets, device, tell: isTraced ? { Output.print("  \($0)\n") } : nil) else {
      abort()
    }
    Output.print("ok \(name): \(wasTaken ? "taken" : "not taken")\n")
    return 0
  }

  private func writeSeeds(_ folder: String) -> Int32 {
    _ = unsafe mkdir(folder, 0o777)
    for (number, seed) in device.seeds.enumerated() {
      guard Files.write(seed, "\(folder)/seed-\(number)") else {
        Output.error("cannot write to \(folder)\n")
        return 1
      }
    }
    Output.print("\(device.seeds.count) seeds in \(folder)\n")
    return 0
  }

  private func fuzz(_ runs: Int, _ seed: UInt64) -> Int32 {
    guard !device.seeds.isEmpty else { return 2 }
    var chance = Chance(seed)
    var takenCount = 0
    for _ in 0..<runs {
      var mutator = DeviceMutator(device: device, byteCountMax: 1 << 20, chance: Chance(chance.next())) {
        var leaf = Chance(UInt64($0.count))
        OctetMutation.mutate(&$0, byteCountMax: $1, chance: &leaf)
      }
      var octets = device.seeds[chance.below(device.seeds.count)]
      for _ in 0...chance.below(4) { octets = mutator.mutate(octets) }
      guard let wasTaken = FuzzerCalls.check(octets, device) else {
        if Files.write(octets, "crash-input") { Output.error("the input is in crash-input\n") }
        abort()
      }
      if wasTaken { takenCount += 1 }
    }
    Output.print("\(runs) inputs, \(takenCount) taken\n")
    return 0
  }
}

/// What is written to a terminal, at once: the device may end the process.
enum Output {
  static func print(_ text: String) { write(text, 1) }
  static func error(_ text: String) { write(text, 2) }

  private static func write(_ text: String, _ file: Int32) {
    var octets = Array(text.utf8)
    while !octets.isEmpty {
      let count = unsafe octets.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      if count <= 0 { return }
      octets.removeFirst(count)
    }
  }
}

@c @implementation
public func mgsf_main(
  _ device: UnsafePointer<mgsf_device>?, _ argc: Int32, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  var arguments: [String] = []
  for index in 1..<max(Int(argc), 1) {
    if let word = unsafe argv?[index] { arguments.append(unsafe String(cString: word)) }
  }
  return DeviceReplay.run(unsafe FuzzerCalls.device(device), arguments)
}
