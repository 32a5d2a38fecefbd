import MigrationStream
import ResumePath

/// Walks every state that a case can reach, and says what it finds wrong.
struct HandoverChecker {
  enum Violation: String {
    case twoRunners = "two hosts run the guest"
    case pastRuns = "a stream runs whose source ran on"
    case promiseBroken = "a destination runs that promised not to"
    case lie = "a verdict is not true"
    case limboLeft = "limbo was left by nobody's word"
    case lost = "the guest is lost, and no host has crashed"
    case deadlock = "nobody runs, and no operator can change it"
  }

  private(set) var stateCount = 0
  private(set) var stepCount = 0
  /// Names of the steps that were taken.
  private(set) var names: Set<String> = []
  /// The first of each kind, with the steps that lead to it.
  private(set) var violations: [Violation: [String]] = [:]

  private var worlds: [ModelWorld] = []
  private var numbers: [ModelWorld: Int32] = [:]
  /// How each state was first reached.
  private var origins: [(from: Int32, name: String)] = []
  /// Steps without a failure, backwards.
  private var sound: [(from: Int32, to: Int32)] = []

  init(_ options: ModelCase) {
    explore(options)
    findDeadlocks()
    stateCount = worlds.count
    (worlds, numbers, origins, sound) = ([], [:], [], [])
  }

  private mutating func explore(_ options: ModelCase) {
    _ = number(ModelWorld(), from: -1, "")
    var next = 0
    while next < worlds.count {
      let world = worlds[next]
      check(world, at: Int32(next))
      // What is broken once is not looked at further.
      guard world.runnerCount < 2 else {
        next += 1
        continue
      }
      for step in ModelSteps(after: world, options).all {
        stepCount += 1
        names.insert(step.name)
        let target = number(step.world, from: Int32(next), step.name)
        if !step.isFailure { sound.append((Int32(next), target)) }
        check(step, from: world, at: target)
      }
      next += 1
    }
  }

  private mutating func number(_ world: ModelWorld, from: Int32, _ name: String) -> Int32 {
    if let known = numbers[world] { return known }
    let number = Int32(worlds.count)
    numbers[world] = number
    worlds.append(world)
    origins.append((from, name))
    return number
  }

  // MARK: What must hold

  private mutating func check(_ world: ModelWorld, at number: Int32) {
    if world.runnerCount > 1 { note(.twoRunners, number) }
    if world.isGuestLost, !world.hasCrashed { note(.lost, number) }
    for migration in [world.one, world.two] {
      if migration.ran, migration.isSuperseded { note(.pastRuns, number) }
      if migration.ran, migration.isPromised { note(.promiseBroken, number) }
    }
  }

  private mutating func check(_ step: ModelStep, from world: ModelWorld, at target: Int32) {
    if step.lie != nil { note(.lie, target) }
    for host in [0, 1] as [UInt8] where world[host].source?.state == .limbo && step.world[host].isUp {
      if step.world[host].source?.state != .limbo, !step.tells { note(.limboLeft, target) }
    }
  }

  /// From every state in which the guest still is somewhere, one is reached in which it runs, without another failure.
  private mutating func findDeadlocks() {
    var backwards = [[Int32]](repeating: [], count: worlds.count)
    for step in sound { backwards[Int(step.to)].append(step.from) }
    var isGood = worlds.map { $0.runnerCount > 0 }
    var open = worlds.indices.filter { isGood[$0] }
    while let state = open.popLast() {
      for from in backwards[state] where !isGood[Int(from)] {
        isGood[Int(from)] = true
        open.append(Int(from))
      }
    }
    for (index, world) in worlds.enumerated() where !isGood[index] && !world.isGuestLost { note(.deadlock, Int32(index)) }
  }

  private mutating func note(_ violation: Violation, _ number: Int32) {
    guard violations[violation] == nil else { return }
    var path: [String] = []
    var at = number
    while at > 0 {
      path.append(origins[Int(at)].name)
      at = origins[Int(at)].from
    }
    violations[violation] = path.reversed()
  }
}

extension ModelWorld {
  /// A crash has taken it: no host that is up holds a state that may still run.
  fileprivate var isGuestLost: Bool {
    for host in [0, 1] as [UInt8] where self[host].isUp {
      if let source = self[host].source {
        // What a source in limbo holds is the past once the destination has run.
        let hasRun = source.machine.stream.map { self[migration: $0.low].ran } ?? false
        if source.state != .handedOver, !(source.state == .limbo && hasRun) { return false }
      }
      if let destination = self[host].destination, self[host].received & Sent.end != 0 {
        if destination.state != .idle, destination.state != .refused { return false }
      }
    }
    return true
  }
}
