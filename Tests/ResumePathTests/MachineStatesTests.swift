import MigrationStream
@testable import ResumePath
import StreamTestKit
import Testing

/// Walks of several devices together.
@Suite struct MachineStatesTests {
  static let plain = DeviceTraits(capabilities: [.stopCopy], apply: .staged)
  static let quiet = DeviceTraits(capabilities: [.stopCopy, .p2p], apply: .staged, reachesPeers: true)
  static let preCopy = DeviceTraits(capabilities: [.stopCopy, .preCopy], apply: .staged)
  static let full = DeviceTraits(capabilities: [.stopCopy, .p2p, .preCopy], apply: .inPlace, reachesPeers: true)
  static let kinds = [plain, quiet, preCopy, full]
  static let goals = MigrationState.allCases.dropFirst()

  /// Devices that were brought to any states, one by one.
  struct Machine: ~Copyable {
    var devices: MovingDevices
    var states: MachineStates

    init(_ traits: [DeviceTraits], in start: [MigrationState]? = nil) throws {
      var devices = MovingDevices(traits)
      var states = try MachineStates(count: traits.count, allocator: .system)
      for (device, state) in (start ?? []).enumerated() {
        try states.step(device, along: MigrationArc(.running, state), of: &devices)
      }
      devices.log = []
      self.devices = devices
      self.states = states
    }

    var all: [MigrationState] { (0..<states.count).map { states.state(of: $0) } }

    mutating func walk(to goal: UInt32) throws(StreamError) { try states.walk(to: goal, of: &devices) }

    mutating func walk(to goal: MigrationState) throws(StreamError) { try walk(to: goal.rawValue) }
  }

  /// Nothing may stand still while another can begin an access to it.
  private static func breaksPeerRule(_ all: [MigrationState], _ traits: [DeviceTraits]) -> Bool {
    let still: Set<MigrationState> = [.stop, .stopCopy, .resuming]
    let isAnyFree = all.indices.contains { traits[$0].reachesPeers && [.running, .preCopy].contains(all[$0]) }
    return isAnyFree && all.contains(where: still.contains)
  }

  static func refusal(_ body: () throws(StreamError) -> Void) -> StreamError? {
    do throws(StreamError) { try body() } catch { return error }
    return nil
  }

  @Test func allMeetInTheCommonState() throws {
    var machine = try Machine([Self.full, Self.plain, Self.quiet])
    try machine.walk(to: .stopCopy)
    let steps = machine.devices.log.map { "\($0.device) \($0.arc.end)" }
    #expect(
      steps == [
        "0 runningP2P", "2 runningP2P", "0 stop", "1 stop", "2 stop", "0 stopCopy", "1 stopCopy", "2 stopCopy",
      ])
    machine.devices.log = []
    try machine.walk(to: .running)
    let back = machine.devices.log.map { "\($0.device) \($0.arc.end)" }
    #expect(
      back == ["0 stop", "1 stop", "2 stop", "0 runningP2P", "1 running", "2 runningP2P", "0 running", "2 running"])
  }

  @Test func savesMeetInPreCopyP2P() throws {
    var machine = try Machine([Self.full, Self.preCopy, Self.plain])
    try machine.walk(to: .preCopy)
    #expect(machine.all == [.preCopy, .preCopy, .running])
    machine.devices.log = []
    try machine.walk(to: .stopCopy)
    let steps = machine.devices.log.map { "\($0.device) \($0.arc.end)" }
    #expect(steps == ["0 preCopyP2P", "0 stopCopy", "1 stopCopy", "2 stop", "2 stopCopy"])
    #expect(Self.refusal { () throws(StreamError) in try machine.walk(to: .preCopy) }?.code == .stateRefused)
    #expect(machine.all == [.stopCopy, .stopCopy, .stopCopy])
  }

  /// Values that nobody has: refused, nothing moved.
  @Test(arguments: [0, 8, 9, 255, 0xabcd, 0x8000_0001, 0xffff_fffe, UInt32.max]) func outsideGoals(_ goal: UInt32) throws {
    for state in Self.goals {
      var machine = try Machine([Self.full, Self.full], in: [state, state])
      let error = Self.refusal { () throws(StreamError) in try machine.walk(to: goal) }
      #expect(
        error == StreamError(.stateRefused, .resume, at: 0, expected: UInt64(state.rawValue), found: UInt64(goal)))
      #expect(machine.all == [state, state] && machine.devices.log.isEmpty)
    }
  }

  @Test func optionalStatesNeedOneDevice() throws {
    for (traits, lacking) in [
      (Self.plain, [.runningP2P, .preCopy, .preCopyP2P]), (Self.quiet, [.preCopy, .preCopyP2P]),
      (Self.preCopy, [.runningP2P, .preCopyP2P]),
    ] as [(DeviceTraits, [MigrationState])] {
      for goal in lacking {
        var machine = try Machine([traits])
        let error = Self.refusal { () throws(StreamError) in try machine.walk(to: goal) }
        #expect(error?.code == .stateRefused && machine.all == [.running] && machine.devices.log.isEmpty)
      }
    }
    var mixed = try Machine([Self.plain, Self.quiet, Self.preCopy, Self.full])
    try mixed.walk(to: .preCopyP2P)
    #expect(mixed.all == [.running, .runningP2P, .preCopy, .preCopyP2P])
  }

  /// One that reaches peers and cannot keep from it stops no machine but its own.
  @Test func deviceThatReachesPeersNeedsP2P() throws {
    let wild = DeviceTraits(capabilities: [.stopCopy, .preCopy], apply: .staged, reachesPeers: true)
    for goal in Self.goals {
      var machine = try Machine([Self.plain, wild])
      let error = Self.refusal { () throws(StreamError) in try machine.walk(to: goal) }
      #expect(error?.code == .stateRefused && error?.device == 1 && machine.devices.log.isEmpty)
    }
    var alone = try Machine([wild])
    try alone.walk(to: .stopCopy)
    #expect(alone.all == [.stopCopy])
  }

  @Test func errorIsLeftByResetOnly() throws {
    for goal in Self.goals {
      var machine = try Machine([Self.full, Self.plain], in: [.running, .error])
      let error = Self.refusal { () throws(StreamError) in try machine.walk(to: goal) }
      #expect(error?.code == .stateRefused && error?.expected == 0 && error?.device == 1)
      #expect(machine.all == [.running, .error] && machine.devices.log.isEmpty)
      machine.states.reset()
      #expect(machine.all == [.running, .running])
    }
  }

  @Test func machineWithoutDevices() throws {
    var machine = try Machine([])
    for goal in Self.goals { try machine.walk(to: goal) }
    #expect(Self.refusal { () throws(StreamError) in try machine.walk(to: 0) }?.code == .stateRefused)
  }

  /// Every failure at every step of every walk from states that walks lead to: the truth is told, no device stands still
  /// while another is free to reach it, and the walk can be asked for again from where it broke off.
  @Test func failuresAtEveryStep() throws {
    for first in Self.kinds {
      for second in Self.kinds {
        for start in Self.goals {
          for goal in Self.goals { try failEverywhere([first, second, Self.full], start, goal) }
        }
      }
    }
  }

  private func failEverywhere(
    _ traits: [DeviceTraits], _ start: MigrationState, _ goal: MigrationState
  ) throws {
    for isBroken in [false, true] {
      for step in 0..<20 {
        let starts = traits.map { $0.capabilities.substitute(for: start) }
        var machine = try Machine(traits, in: starts)
        machine.devices.failingStep = step
        machine.devices.failure = DeviceFailure(reason: 40, isBroken: isBroken)
        let place: Comment = "\(starts) to \(goal), step \(step)"
        let error = Self.refusal { () throws(StreamError) in try machine.walk(to: goal) }
        let log = machine.devices.log
        // The truth, from the steps that were begun.
        var truth = starts
        for (number, entry) in log.enumerated() {
          #expect(truth[entry.device] == entry.arc.start, place)
          if number != step { truth[entry.device] = entry.arc.end } else if isBroken { truth[entry.device] = .error }
          #expect(!Self.breaksPeerRule(truth, traits), place)
        }
        #expect(machine.all == truth, place)
        guard log.count > step else {
          if error?.code == .stateRefused { #expect(log.isEmpty, place) } else {
            #expect(error == nil && truth == traits.map { $0.capabilities.substitute(for: goal) }, place)
          }
          break
        }
        #expect(
          error
            == StreamError(
              .deviceFailed, .resume, at: 0, expected: UInt64(log[step].arc.end.rawValue), found: 40,
              device: UInt32(log[step].device)), place)
        #expect(log.count == step + 1, place)
        machine.devices.failingStep = nil
        if isBroken { continue }
        try machine.walk(to: goal)
        #expect(machine.all == traits.map { $0.capabilities.substitute(for: goal) }, place)
      }
    }
  }

  /// From any mixture of states a walk ends at its goal or is refused without a step.
  @Test func mixedStates() throws {
    for first in Self.goals {
      for second in Self.goals {
        for third in Self.goals {
          for goal in Self.goals {
            let traits = [Self.full, Self.quiet, Self.plain]
            let starts = zip(traits, [first, second, third]).map { $0.capabilities.substitute(for: $1) }
            var machine = try Machine(traits, in: starts)
            let error = Self.refusal { () throws(StreamError) in try machine.walk(to: goal) }
            if error == nil {
              #expect(machine.all == traits.map { $0.capabilities.substitute(for: goal) }, "\(starts) to \(goal)")
            } else {
              #expect(machine.all == starts && machine.devices.log.isEmpty, "\(starts) to \(goal)")
              #expect(starts.contains(.stopCopy))
            }
          }
        }
      }
    }
  }
}
