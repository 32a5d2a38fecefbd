import MigrationStream
import ResumePath

/// Which cases are explored.
struct ModelCase {
  var migrationCount: UInt8 = 1
  var usesPreCopy = false
  var defect: HandoverDefect?
}

extension ModelWorld {
  /// Every step that can be next.
  func steps(_ options: ModelCase) -> [ModelStep] {
    var steps: [ModelStep] = []
    func add(
      _ name: String, isFailure: Bool = false, tells: Bool = false, _ change: (inout ModelWorld) -> Bool
    ) {
      var world = self
      if change(&world), world != self {
        steps.append(ModelStep(name: name, isFailure: isFailure, tells: tells, world: world))
      }
    }
    for host in [0, 1] as [UInt8] {
      addBegin(host, options, add)
      if self[host].isUp, self[host].source != nil { addSource(host, options, add, &steps) }
      if self[host].isUp, self[host].destination != nil { addDestination(host, options, add) }
      add("host \(host) crashes", isFailure: true) { $0.crash(host, options.defect) }
      if !self[host].isUp, begun > 0 {
        add("host \(host) starts again") { world in
          world[host] = ModelHost(destination: ModelDestination())
          return true
        }
      }
    }
    for number in (1...2) as ClosedRange<UInt64> where begun >= number {
      add("connection \(number) breaks", isFailure: true) { world in
        world[migration: number].isOpen = false
        return true
      }
    }
    return steps
  }

  typealias Add = (
    _ name: String, _ isFailure: Bool, _ tells: Bool, _ change: (inout ModelWorld) -> Bool
  ) -> Void

  private mutating func crash(_ host: UInt8, _ defect: HandoverDefect?) -> Bool {
    guard self[host].isUp else { return false }
    self[host] = ModelHost(isUp: false)
    if defect != .connectionsOutliveTheirDestination {
      for number in (1...2) as ClosedRange<UInt64> where self[migration: number].sourceHost != host {
        self[migration: number].isOpen = false
      }
    }
    return true
  }

  // MARK: Source

  /// The guest's owner gives it to the other host.
  private func addBegin(_ host: UInt8, _ options: ModelCase, _ add: Add) {
    add("host \(host) begins", false, false) { world in
      let other = 1 - host
      guard world.begun < options.migrationCount, world[host].isUp, world[other].isUp else { return false }
      // Who took a guest gives it away as a source.
      if world[host].destination?.state == .running {
        world[host].source = ModelSource()
        world[host].destination = nil
      }
      if world[other].source?.state == .handedOver {
        world[other].source = nil
        world[other].destination = ModelDestination()
      }
      guard var source = world[host].source, world[other].destination != nil else { return false }
      let number = UInt64(world.begun) + 1
      guard source.take(.begin(StreamUUID(model: number), hasReversePath: true), options.defect) == .taken
      else { return false }
      world[host].source = source
      world.begun += 1
      world[migration: number] = ModelMigration(sourceHost: host, forward: Sent.head)
      return true
    }
  }

  private func addSource(_ host: UInt8, _ options: ModelCase, _ add: Add, _ steps: inout [ModelStep]) {
    guard let stream = self[host].source?.machine.stream else { return }
    let number = stream.low
    func take(_ world: inout ModelWorld, _ event: SourceHandover.Event) -> Bool {
      guard let before = world[host].source?.state else { return false }
      guard world[host].source?.take(event, options.defect) == .taken else { return false }
      let after = world[host].source?.state
      if after == .running, before != .running {
        world[migration: number].isSuperseded = true
        if before == .saving { world[migration: number].forward |= Sent.abort }
      }
      return true
    }
    let state = self[host].source?.state
    let isWhole = !options.usesPreCopy || self[migration: number].forward & Sent.pass != 0
    if state == .saving, options.usesPreCopy {
      add("a pass is sent", false, false) { world in
        world[migration: number].forward |= Sent.pass
        return true
      }
    }
    if isWhole {
      add("END is sent", false, false) { world in
        guard take(&world, .end) else { return false }
        world[migration: number].forward |= Sent.end
        return true
      }
    }
    add("the source cancels", false, false) { take(&$0, .cancel) }
    add("the source misses its peer", true, false) { take(&$0, .linkLost) }
    addOperator(host, number, add, take)
    for (bit, event) in Self.verdicts {
      for from in (1...2) as ClosedRange<UInt64> where self[migration: from].reverse & bit != 0 {
        guard self[migration: from].sourceHost == host else { continue }
        var world = self
        let wasLimbo = state == .limbo
        guard take(&world, .heard(event, StreamUUID(model: from))), world != self else { continue }
        var step = ModelStep(name: "the source hears \(event) of \(from)", tells: true, world: world)
        let truth = self[migration: number]
        if wasLimbo, bit == Sent.resumed, !truth.ran { step.lie = "handed over to a destination that has not run" }
        if bit == Sent.refused, truth.ran || !truth.isPromised { step.lie = "refused by a destination that has not" }
        steps.append(step)
      }
    }
  }

  private static let verdicts: [(UInt8, ReverseEvent)] = [
    (Sent.compatible, .compatible), (Sent.resumed, .resumed),
    (Sent.refused, .refused(ReverseRefusal(StreamError(.truncated, .record, at: 0)))),
  ]

  /// What an operator may say, and only where it is true.
  private func addOperator(
    _ host: UInt8, _ number: UInt64, _ add: Add, _ take: (inout ModelWorld, SourceHandover.Event) -> Bool
  ) {
    let (other, truth) = (self[1 - host], self[migration: number])
    let holdsStream = other.isUp && other.destination?.machine.stream == StreamUUID(model: number)
    let isRefused = holdsStream && other.destination?.state == .refused
    let isGone = !truth.isOpen && !holdsStream
    if isDefectOfOperator || (!truth.ran && (isRefused || isGone)) {
      add("an operator: it never runs there", false, true) { take(&$0, .destinationNeverRuns) }
    }
    if truth.ran { add("an operator: it runs there", false, true) { take(&$0, .destinationRuns) } }
  }

  private var isDefectOfOperator: Bool { Self.currentDefect == .operatorDoesNotLook }
  @TaskLocal static var currentDefect: HandoverDefect?

  // MARK: Destination

  private func addDestination(_ host: UInt8, _ options: ModelCase, _ add: Add) {
    let defect = options.defect
    for number in (1...2) as ClosedRange<UInt64> where begun >= number && self[migration: number].sourceHost != host {
      guard self[migration: number].isOpen, self[migration: number].forward & Sent.head != 0 else { continue }
      add("the head of \(number) comes", false, false) { world in
        guard world[host].destination?.take(.open(StreamUUID(model: number)), defect) == .taken else { return false }
        world[host].received = Sent.head
        return true
      }
    }
    guard let stream = self[host].destination?.machine.stream, stream.low <= UInt64(begun) else { return }
    let number = stream.low
    func refuse(_ world: inout ModelWorld, _ event: DestinationHandover.Event) -> Bool {
      guard world[host].destination?.take(event, defect) == .taken else { return false }
      world[migration: number].reverse |= Sent.refused
      world[migration: number].isPromised = true
      if defect != .connectionsOutliveTheirDestination, defect != .destinationGoesOnAfterRefusing {
        world[migration: number].isOpen = false
      }
      return true
    }
    addReceiving(host, number, options, add)
    add("the destination finds a fault, or is cancelled", false, false) { refuse(&$0, .refuse) }
    if self[host].received & Sent.end == 0 {
      add("the destination misses its peer", true, false) { refuse(&$0, .linkLost) }
    }
    add("all devices prepared", false, false) { world in
      world[host].received & Sent.end != 0 && world[host].destination?.take(.prepared, defect) == .taken
    }
    add("all devices committed", false, false) { world in world[host].destination?.take(.committed, defect) == .taken }
    if defect == .destinationTellsResumedBeforeItRuns, self[host].destination?.state == .committed {
      add("the destination tells before it runs", false, false) { world in
        world[migration: number].reverse |= Sent.resumed
        return true
      }
    }
    add("the destination runs", false, false) { world in
      guard world[host].destination?.take(.run, defect) == .taken else { return false }
      world[migration: number].ran = true
      return true
    }
    if self[host].destination?.state == .running {
      add("the destination tells", false, false) { world in
        world[migration: number].reverse |= Sent.resumed
        return true
      }
    }
  }

  private func addReceiving(_ host: UInt8, _ number: UInt64, _ options: ModelCase, _ add: Add) {
    let link = self[migration: number]
    guard self[host].destination?.state == .receiving, link.isOpen else { return }
    add("the manifest fits", false, false) { world in
      guard world[host].destination?.take(.compatible, options.defect) == .taken else { return false }
      world[migration: number].reverse |= Sent.compatible
      return true
    }
    if link.forward & Sent.pass != 0 {
      add("a pass comes", false, false) { world in
        world[host].received |= Sent.pass
        return true
      }
    }
    let isWhole = !options.usesPreCopy || self[host].received & Sent.pass != 0
    if link.forward & Sent.end != 0, isWhole {
      add("END comes", false, false) { world in
        world[host].received |= Sent.end
        return true
      }
    }
    if link.forward & Sent.abort != 0, self[host].received & Sent.end == 0 {
      add("ABORT comes", false, false) { world in
        guard world[host].destination?.take(.refuse, options.defect) == .taken else { return false }
        world[migration: number].reverse |= Sent.refused
        world[migration: number].isPromised = true
        world[migration: number].isOpen = false
        return true
      }
    }
  }
}
