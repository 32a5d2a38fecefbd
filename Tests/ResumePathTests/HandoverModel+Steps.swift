import MigrationStream
import ResumePath

/// Which cases are explored.
struct ModelCase {
  var migrationCount: UInt8 = 1
  var usesPreCopy = false
  var defect: HandoverDefect?
}

/// The steps that can follow a state.
struct ModelSteps {
  let world: ModelWorld
  let options: ModelCase
  private(set) var all: [ModelStep] = []

  init(after world: ModelWorld, _ options: ModelCase) {
    (self.world, self.options) = (world, options)
    for host in [0, 1] as [UInt8] {
      addBegin(host)
      if world[host].isUp, world[host].source != nil { addSource(host) }
      if world[host].isUp, world[host].destination != nil { addDestination(host) }
      add("host \(host) crashes", isFailure: true) { $0.crash(host, options.defect) }
      if !world[host].isUp, world.begun > 0 {
        add("host \(host) starts again") { world in
          world[host] = ModelHost(destination: ModelDestination())
          return true
        }
      }
    }
    for number in world.migrations {
      add("connection \(number) breaks", isFailure: true) { world in
        world[migration: number].isOpen = false
        return true
      }
    }
  }

  /// - Parameter change: Returns false where the step cannot be taken.
  private mutating func add(
    _ name: String, isFailure: Bool = false, tells: Bool = false, lie: String? = nil,
    _ change: (inout ModelWorld) -> Bool
  ) {
    var next = world
    guard change(&next), next != world else { return }
    all.append(ModelStep(name: name, isFailure: isFailure, tells: tells, world: next, lie: lie))
  }

  // MARK: Source

  /// The owner of the guest gives it to the other host.
  private mutating func addBegin(_ host: UInt8) {
    let options = options
    add("host \(host) begins") { world in
      let other = 1 - host
      guard world.begun < options.migrationCount, world[host].isUp, world[other].isUp else { return false }
      // Who took a guest gives it away as a source.
      if world[host].destination?.state == .running {
        world[host] = ModelHost(source: ModelSource())
      }
      if world[other].source?.state == .handedOver { world[other] = ModelHost(destination: ModelDestination()) }
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

  private mutating func addSource(_ host: UInt8) {
    guard let source = world[host].source, let number = source.machine.stream?.low else { return }
    let defect = options.defect
    if source.state == .saving, options.usesPreCopy {
      add("a pass is sent") { world in
        world[migration: number].forward |= Sent.pass
        return true
      }
    }
    if !options.usesPreCopy || world[migration: number].forward & Sent.pass != 0 {
      add("END is sent") { world in
        guard world.tell(host, .end, defect) else { return false }
        world[migration: number].forward |= Sent.end
        return true
      }
    }
    add("the source cancels") { $0.tell(host, .cancel, defect) }
    add("the source misses its peer", isFailure: true) { $0.tell(host, .linkLost, defect) }
    addVerdicts(host, source, number)
    addOperator(host, number)
  }

  private mutating func addVerdicts(_ host: UInt8, _ source: ModelSource, _ number: UInt64) {
    let defect = options.defect
    let refusal = ReverseRefusal(StreamError(.truncated, .record, at: 0))
    let verdicts: [(UInt8, String, ReverseEvent)] = [
      (Sent.compatible, "compatible", .compatible), (Sent.refused, "refused", .refused(refusal)),
      (Sent.resumed, "resumed", .resumed),
    ]
    for from in world.migrations where world[migration: from].sourceHost == host {
      for (bit, name, event) in verdicts where world[migration: from].reverse & bit != 0 {
        let truth = world[migration: number]
        var lie: String?
        if bit == Sent.resumed, !truth.ran { lie = "told resumed, and it has not run" }
        if bit == Sent.refused, truth.ran || !truth.isPromised { lie = "told refused, and it has not" }
        add("the source hears \(name) of \(from)", tells: true, lie: lie) {
          $0.tell(host, .heard(event, StreamUUID(model: from)), defect)
        }
      }
    }
  }

  /// What an operator may say, and only where it is true.
  private mutating func addOperator(_ host: UInt8, _ number: UInt64) {
    let defect = options.defect
    let (other, truth) = (world[1 - host], world[migration: number])
    let holdsStream = other.isUp && other.destination?.machine.stream == StreamUUID(model: number)
    let isRefused = holdsStream && other.destination?.state == .refused
    let isGone = !truth.isOpen && !holdsStream
    if defect == .operatorDoesNotLook || (!truth.ran && (isRefused || isGone)) {
      add("an operator: it never runs there", tells: true) { $0.tell(host, .destinationNeverRuns, defect) }
    }
    if truth.ran {
      add("an operator: it runs there", tells: true) { $0.tell(host, .destinationRuns, defect) }
    }
  }

  // MARK: Destination

  private mutating func addDestination(_ host: UInt8) {
    let defect = options.defect
    for number in world.migrations where world[migration: number].sourceHost != host {
      guard world[migration: number].isOpen else { continue }
      add("the head of \(number) comes") { world in
        guard world[host].destination?.take(.open(StreamUUID(model: number)), defect) == .taken else { return false }
        world[host].received = Sent.head
        return true
      }
    }
    guard let destination = world[host].destination, let number = destination.machine.stream?.low else { return }
    if destination.state == .receiving, world[migration: number].isOpen { addReceiving(host, number) }
    add("the destination finds a fault, or is cancelled") { $0.refuse(host, .refuse, defect) }
    if world[host].received & Sent.end == 0 {
      add("the destination misses its peer", isFailure: true) { $0.refuse(host, .linkLost, defect) }
    } else {
      add("all devices prepared") { $0[host].destination?.take(.prepared, defect) == .taken }
    }
    add("all devices committed") { $0[host].destination?.take(.committed, defect) == .taken }
    add("the destination runs") { world in
      guard world[host].destination?.take(.run, defect) == .taken else { return false }
      world[migration: number].ran = true
      return true
    }
    let tellsEarly = defect == .destinationTellsResumedBeforeItRuns && destination.state == .committed
    if destination.state == .running || tellsEarly {
      add("the destination tells") { world in
        world[migration: number].reverse |= Sent.resumed
        return true
      }
    }
  }

  private mutating func addReceiving(_ host: UInt8, _ number: UInt64) {
    let (defect, sent) = (options.defect, world[migration: number].forward)
    add("the manifest fits") { world in
      guard world[host].destination?.take(.compatible, defect) == .taken else { return false }
      world[migration: number].reverse |= Sent.compatible
      return true
    }
    if sent & Sent.pass != 0 {
      add("a pass comes") { world in
        world[host].received |= Sent.pass
        return true
      }
    }
    if sent & Sent.end != 0, !options.usesPreCopy || world[host].received & Sent.pass != 0 {
      add("END comes") { world in
        world[host].received |= Sent.end
        return true
      }
    }
    if sent & Sent.abort != 0, world[host].received & Sent.end == 0 {
      add("ABORT comes") { $0.refuse(host, .refuse, defect) }
    }
  }
}

extension ModelWorld {
  /// The numbers of those that began.
  var migrations: Range<UInt64> { 1..<(UInt64(begun) + 1) }

  fileprivate mutating func crash(_ host: UInt8, _ defect: HandoverDefect?) -> Bool {
    guard self[host].isUp else { return false }
    self[host] = ModelHost(isUp: false)
    hasCrashed = true
    if defect == .connectionsOutliveTheirDestination { return true }
    for number in migrations where self[migration: number].sourceHost != host { self[migration: number].isOpen = false }
    return true
  }

  /// Gives an event to a source; what it means for the stream at hand.
  fileprivate mutating func tell(
    _ host: UInt8, _ event: SourceHandover.Event, _ defect: HandoverDefect?
  ) -> Bool {
    guard let before = self[host].source, self[host].source?.take(event, defect) == .taken else { return false }
    guard let number = before.machine.stream?.low else { return true }
    if self[host].source?.state == .running, before.state != .running {
      self[migration: number].isSuperseded = true
      if before.state == .saving { self[migration: number].forward |= Sent.abort }
    }
    return true
  }

  /// Lets a destination refuse, and tell.
  fileprivate mutating func refuse(
    _ host: UInt8, _ event: DestinationHandover.Event, _ defect: HandoverDefect?
  ) -> Bool {
    guard self[host].destination?.take(event, defect) == .taken else { return false }
    guard let number = self[host].destination?.machine.stream?.low else { return true }
    self[migration: number].reverse |= Sent.refused
    self[migration: number].isPromised = true
    if defect != .connectionsOutliveTheirDestination, defect != .destinationGoesOnAfterRefusing {
      self[migration: number].isOpen = false
    }
    return true
  }
}
