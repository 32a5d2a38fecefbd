import MigrationStream
import ResumePath

/// A defect that the model of handing over is given, to see that it is found.
enum HandoverDefect: CaseIterable {
  // Of a source.
  case sourceRunsWhenTheLinkIsLostInLimbo
  case sourceCancelsInLimbo
  case sourceDoesNotStopAtEnd
  case sourceTakesVerdictsOfAnyStream
  case sourceGivesUpWhenTheLinkIsLostInLimbo
  case sourceIsDeafInLimbo
  // Of a destination.
  case destinationRunsBeforeEnd
  case destinationGoesOnAfterRefusing
  case destinationRefusesAndStaysCommitted
  case destinationTellsResumedBeforeItRuns
  case destinationRunsAfterACommitThatFailed
  // Of what section 10 demands of the world.
  case connectionsOutliveTheirDestination
  case operatorDoesNotLook
}

/// A source in the model: the product's machine, or a broken one.
struct ModelSource: Equatable {
  var machine = SourceHandover()
  /// Where a defect took it instead.
  var forced: SourceHandover.State?

  var state: SourceHandover.State { forced ?? machine.state }
  var mayRun: Bool { state == .running || state == .saving }

  mutating func take(_ event: SourceHandover.Event, _ defect: HandoverDefect?) -> HandoverAnswer {
    switch (defect, event, state) {
    case (.sourceRunsWhenTheLinkIsLostInLimbo, .linkLost, .limbo), (.sourceCancelsInLimbo, .cancel, .limbo):
      forced = .running
      return .taken
    case (.sourceGivesUpWhenTheLinkIsLostInLimbo, .linkLost, .limbo):
      forced = .handedOver
      return .taken
    case (.sourceDoesNotStopAtEnd, .end, .saving) where machine.mayEnd:
      forced = .saving
      return machine.take(event)
    case (.sourceTakesVerdictsOfAnyStream, .heard(let said, _), _):
      guard let stream = machine.stream else { return .refused }
      return machine.take(.heard(said, stream))
    case (.sourceIsDeafInLimbo, .heard, .limbo), (.sourceIsDeafInLimbo, .destinationNeverRuns, .limbo),
      (.sourceIsDeafInLimbo, .destinationRuns, .limbo):
      return .ignored
    default:
      if case .begin = event { forced = nil }
      return machine.take(event)
    }
  }
}

/// A destination in the model, likewise.
struct ModelDestination: Equatable {
  var machine = DestinationHandover()
  var forced: DestinationHandover.State?

  var state: DestinationHandover.State { forced ?? machine.state }

  mutating func take(_ event: DestinationHandover.Event, _ defect: HandoverDefect?) -> HandoverAnswer {
    switch (defect, event, state) {
    case (.destinationRunsBeforeEnd, .run, .receiving), (.destinationRunsAfterACommitThatFailed, .run, .refused):
      forced = .running
      return .taken
    case (.destinationGoesOnAfterRefusing, .refuse, .receiving), (.destinationGoesOnAfterRefusing, .linkLost, .receiving),
      (.destinationRefusesAndStaysCommitted, .refuse, .committed):
      return .taken
    default:
      if case .open = event { forced = nil }
      return machine.take(event)
    }
  }
}

/// What travels, as bits: a link holds what was ever sent, and gives any of it at any time, again and again or never.
enum Sent {
  // The stream.
  static let head: UInt8 = 1
  static let pass: UInt8 = 2
  static let end: UInt8 = 4
  static let abort: UInt8 = 8
  // The reverse direction.
  static let compatible: UInt8 = 1
  static let refused: UInt8 = 2
  static let resumed: UInt8 = 4
}

/// One migration: its two links and what became true of it.
struct ModelMigration: Hashable {
  var sourceHost: UInt8 = 0
  var forward: UInt8 = 0
  var reverse: UInt8 = 0
  /// The destination still reads the stream's connection.
  var isOpen = true
  /// The guest of the stream has run at the destination.
  var ran = false
  /// The source ran again after the stream began: what the stream holds is the past.
  var isSuperseded = false
  /// The destination said that it never will.
  var isPromised = false
}

/// One of the two hosts.
struct ModelHost: Hashable {
  var isUp = true
  var source: ModelSource?
  var destination: ModelDestination?
  /// What came of the stream at hand.
  var received: UInt8 = 0

  func hash(into hasher: inout Hasher) {
    hasher.combine(isUp)
    hasher.combine(source?.state.rawValue)
    hasher.combine(source?.machine.mayEnd)
    hasher.combine(destination?.state.rawValue)
    hasher.combine(received)
  }

  var runs: Bool { isUp && (source?.mayRun == true || destination?.state == .running) }
}

/// Two hosts, and one or two migrations between them.
struct ModelWorld: Hashable {
  var first = ModelHost(source: ModelSource())
  var second = ModelHost(destination: ModelDestination())
  /// Migrations that began.
  var begun: UInt8 = 0
  /// A host has crashed: then a guest may be lost.
  var hasCrashed = false
  var one = ModelMigration()
  var two = ModelMigration()

  subscript(host: UInt8) -> ModelHost {
    get { host == 0 ? first : second }
    set { if host == 0 { first = newValue } else { second = newValue } }
  }

  subscript(migration number: UInt64) -> ModelMigration {
    get { number == 1 ? one : two }
    set { if number == 1 { one = newValue } else { two = newValue } }
  }

  var runnerCount: Int { (first.runs ? 1 : 0) + (second.runs ? 1 : 0) }
}

extension StreamUUID {
  /// That of the n-th migration of a model.
  init(model number: UInt64) { self.init(low: number, high: 0) }
}

/// A step of the model.
struct ModelStep {
  var name: String
  /// Whether something went wrong that need not have.
  var isFailure = false
  /// Whether a source was told by this step, by the destination or by an operator.
  var tells = false
  var world: ModelWorld
  /// What was told against the truth.
  var lie: String?
}
