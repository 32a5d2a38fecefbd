import ReferenceDevices
import ResumeOracle
import ResumePath
import StreamTestKit
import Testing

/// States of devices against their documents: those of the workload are well-formed, and each rule finds a state that
/// breaks it.
@Suite struct WellFormedTests {
  private static func options(_ kinds: [ReferenceKind]) -> MachineOptions {
    var options = MachineOptions(kinds)
    options.byteStringByteCount = 128 << 10
    options.parameters = [
      .blk: ["queues=2", "msix-vectors=2"], .nic: ["rx-filter-size=32", "interrupt-moderation=on", "ring-size=64"],
      .gpu: ["displays=2", "preemption=on", "engines=2", "ring-entries=256"],
    ]
    options.parameters = options.parameters.filter { kinds.contains($0.key) }
    return options
  }

  @Test(arguments: ReferenceKind.allCases.map { [$0] } + [ReferenceKind.allCases])
  func statesOfTheWorkloadAreWellFormed(kinds: [ReferenceKind]) throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      var options = Self.options(kinds)
      options.seed = seed
      var machine = try ReferenceMachine(options)
      var fault = machine.wellFormedFault()
      for _ in 0..<500 where fault == nil {
        machine.step()
        fault = machine.wellFormedFault()
      }
      #expect(fault == nil, "seed \(seed)")
      var plain = try ReferenceMachine(MachineOptions(kinds))
      plain.run(steps: 100)
      let plainFault = plain.wellFormedFault()
      #expect(plainFault == nil)
    }
  }

  @Test(arguments: ReferenceKind.allCases)
  func committedStatesAreWellFormed(kind: ReferenceKind) throws {
    for steps in [0, 1, 40, 200] {
      let options = Self.options([kind])
      var source = try ReferenceTwins.control(options)
      source.devices.run(steps: steps)
      let log = try ReferenceTwins.save(&source)
      var target = try ReferenceTwins.control(options)
      try ReferenceTwins.resume(&target, log)
      let fault = target.devices.wellFormedFault()
      #expect(fault == nil, "after \(steps) steps")
    }
  }

  /// A driver's own memory may hold anything, and a machine whose guest has none of it boots.
  @Test(arguments: ReferenceKind.allCases)
  func guestMemoryBreaksNoDevice(kind: ReferenceKind) throws {
    var random = SeededGenerator(seed: 5)
    for round in 0..<40 {
      var machine = try ReferenceMachine(Self.options([kind]))
      machine.run(steps: 60)
      for _ in 0..<200 {
        let address = round % 8 == 0 ? UInt64(random.pick(0...8191)) : UInt64(random.pick(4096...65535))
        machine.pokeGuestMemory(address, UInt8(truncatingIfNeeded: random.pick(0...255)))
      }
      var fault = machine.wellFormedFault()
      for _ in 0..<60 where fault == nil {
        machine.step()
        fault = machine.wellFormedFault()
      }
      #expect(fault == nil, "round \(round)")
    }
  }

  @Test func eachRuleFindsTheStateThatBreaksIt() throws {
    for (number, poke) in WellFormedPoke.all.enumerated() {
      var machine = try ReferenceMachine(Self.options([poke.kind]))
      machine.run(steps: 10)
      var poker = Poker(poke: poke)
      machine.show(0, to: &poker)
      #expect(poker.wasShown)
      let fault = machine.wellFormedFault()
      #expect(fault.map { "\($0.rule)" } == poke.rule, "poke \(number) of \(poke.kind)")
    }
  }
}

/// Changes one thing in a state.
private struct Poker: StateVisitor {
  let poke: WellFormedPoke
  var wasShown = false

  mutating func visit(_ state: inout SerialState, fifoSize: Int) { show(&state) }
  mutating func visit(_ state: inout BlockState, queueSizeMax: Int) { show(&state) }
  mutating func visit(_ state: inout NetworkState, ringSize: Int) { show(&state) }
  mutating func visit(_ state: inout SoundState, channelCount: Int) { show(&state) }
  mutating func visit(_ state: inout GraphicsState, memoryByteCount: UInt64, ringEntries: Int) { show(&state) }
  mutating func visit(_ state: inout VendorState, pageCount: Int) { show(&state) }

  private mutating func show<State>(_ state: inout State) {
    guard let change = poke.change as? (inout State) -> Void else { return }
    change(&state)
    wasShown = true
  }
}
