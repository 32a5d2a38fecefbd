import StreamMutation

/// Inputs to begin with, made by the device itself.
enum DeviceSeeds {
  static let count = 8

  /// Streams of devices whose guests did more and more, each with some operations around it.
  static func make(_ device: FuzzedDevice) throws(DescriptionFault) -> [[UInt8]] {
    var seeds: [[UInt8]] = []
    for number in 0..<count {
      var chance = Chance(UInt64(number))
      let machine = try DeviceMachine(device)
      for _ in 0..<(number * number) { machine.run(GuestOctets.some(&chance)) }
      guard case .done(let stream) = machine.save() else { continue }
      var input = DeviceInput(stream: stream)
      switch number % 4 {
      case 1: input.operations.append(.run(GuestOctets.some(&chance)))
      case 2: input.operations = [.resume, .write(100), .write(200), .write(0), .finish, .start, .save, .resume, .write(0)]
      case 3: input.operations = [.run(GuestOctets.some(&chance)), .cancelledSave(1), .reset] + input.operations
      default: break
      }
      seeds.append(input.octets)
    }
    return seeds
  }
}

/// What a guest might do.
enum GuestOctets {
  /// 8 or 16 octets; small numbers are as likely as large ones.
  static func some(_ chance: inout Chance) -> [UInt8] {
    (0..<(chance.isOne(in: 4) ? 16 : 8)).map { _ in
      UInt8(truncatingIfNeeded: chance.isOne(in: 2) ? chance.below(8) : chance.below(256))
    }
  }
}
