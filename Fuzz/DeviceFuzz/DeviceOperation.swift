/// What is done with a device under test, or by its guest.
enum DeviceOperation: Equatable, Sendable {
  /// The guest does something; what, is the device's matter.
  case run([UInt8])
  /// All devices to `resuming`: a session opens, and the stream begins anew.
  case resume
  /// The next octets of the stream: 0 all, up to 127 so many, above a part of what is left.
  case write(UInt8)
  case finish
  /// The device to `running`.
  case start
  /// The device to `stop`.
  case stop
  case reset
  case abort
  /// Saves the device, which goes on; what was saved is the stream of the sessions that follow.
  case save
  /// Begins a save, takes so many steps of it, and gives it up.
  case cancelledSave(UInt8)
  /// The stream of the input is theirs again.
  case original

  static let codeCount: UInt8 = 11

  /// What happens to a stream in most inputs.
  static let usual: [DeviceOperation] = [.resume, .write(0), .finish, .start]

  init(code: UInt8, argument: UInt8, octets: [UInt8]) {
    switch code {
    case 0: self = .run(octets)
    case 1: self = .resume
    case 2: self = .write(argument)
    case 3: self = .finish
    case 4: self = .start
    case 5: self = .stop
    case 6: self = .reset
    case 7: self = .abort
    case 8: self = .save
    case 9: self = .cancelledSave(argument)
    default: self = .original
    }
  }

  var code: UInt8 {
    switch self {
    case .run: 0
    case .resume: 1
    case .write: 2
    case .finish: 3
    case .start: 4
    case .stop: 5
    case .reset: 6
    case .abort: 7
    case .save: 8
    case .cancelledSave: 9
    case .original: 10
    }
  }

  var argument: UInt8 {
    switch self {
    case .run(let octets): UInt8(truncatingIfNeeded: octets.count)
    case .write(let size): size
    case .cancelledSave(let steps): steps
    default: 0
    }
  }

  var text: String {
    switch self {
    case .run(let octets): "run \(Hexadecimal.text(octets))"
    case .resume: "resume"
    case .write(0): "write all"
    case .write(let size): size < 128 ? "write \(size) octets" : "write \(size - 128)/128 of what is left"
    case .finish: "finish"
    case .start: "start"
    case .stop: "stop"
    case .reset: "reset"
    case .abort: "abort"
    case .save: "save"
    case .cancelledSave(let steps): "save \(steps) steps and cancel"
    case .original: "take the stream of the input"
    }
  }
}

enum Hexadecimal {
  /// At most 64 octets.
  static func text(_ octets: some Collection<UInt8>) -> String {
    let digits = octets.prefix(64).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return digits.joined() + (octets.count > 64 ? " ... (\(octets.count) octets)" : "")
  }
}
