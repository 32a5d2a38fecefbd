import Testing

/// Handing over, checked in every state that it can reach.
@Suite struct HandoverModelTests {
  @Test(arguments: [(1, false), (1, true), (2, false), (2, true)] as [(UInt8, Bool)])
  func nothingGoesWrong(_ migrationCount: UInt8, _ usesPreCopy: Bool) {
    let checker = HandoverChecker(ModelCase(migrationCount: migrationCount, usesPreCopy: usesPreCopy))
    print(
      "handing over, \(migrationCount) migrations, pre-copy \(usesPreCopy): \(checker.stateCount) states,",
      "\(checker.stepCount) steps")
    #expect(checker.violations.isEmpty, "\(checker.violations)")
    #expect(checker.stateCount > (migrationCount == 1 ? 150 : 2_000))
    // Nothing of the model is out of reach: a second migration goes on in the same direction, and back.
    #expect(checker.names.isSuperset(of: Self.names))
    #expect(checker.names.contains("a pass comes") == usesPreCopy)
    #expect(checker.names.contains("host 1 begins") == (migrationCount == 2))
    #expect(checker.names.contains("the source hears compatible of 2") == (migrationCount == 2))
  }

  private static let names: Set = [
    "host 0 begins", "END is sent", "the source cancels", "the source misses its peer", "the source hears compatible of 1",
    "the source hears resumed of 1", "the source hears refused of 1", "an operator: it never runs there", "an operator: it runs there",
    "the head of 1 comes", "the manifest fits", "END comes", "ABORT comes", "the destination finds a fault, or is cancelled",
    "the destination misses its peer", "all devices prepared", "all devices committed", "the destination runs",
    "the destination tells", "host 0 crashes", "host 1 crashes", "host 1 starts again", "connection 1 breaks",
  ]

  /// Each defect is found, and by the rule that it breaks.
  @Test(arguments: HandoverDefect.allCases)
  func everyDefectIsFound(_ defect: HandoverDefect) {
    let checker = HandoverChecker(ModelCase(migrationCount: 2, defect: defect))
    let found = Set(checker.violations.keys)
    switch defect {
    case .sourceRunsWhenTheLinkIsLostInLimbo, .sourceCancelsInLimbo:
      #expect(found.isSuperset(of: [.twoRunners, .pastRuns, .limboLeft]), "\(found)")
    case .sourceGivesUpWhenTheLinkIsLostInLimbo: #expect(found.isSuperset(of: [.limboLeft, .lost]), "\(found)")
    case .sourceIsDeafInLimbo: #expect(found == [.deadlock], "\(found)")
    case .sourceDoesNotStopAtEnd: #expect(found.contains(.twoRunners), "\(found)")
    case .sourceTakesVerdictsOfAnyStream: #expect(found.isSuperset(of: [.twoRunners, .lie]), "\(found)")
    case .destinationRunsBeforeEnd: #expect(found.contains(.twoRunners), "\(found)")
    case .destinationGoesOnAfterRefusing, .destinationRefusesAndStaysCommitted, .destinationRunsAfterACommitThatFailed:
      #expect(found.isSuperset(of: [.twoRunners, .promiseBroken]), "\(found)")
    case .destinationTellsResumedBeforeItRuns: #expect(found.isSuperset(of: [.lie, .lost]), "\(found)")
    case .connectionsOutliveTheirDestination: #expect(found.contains(.twoRunners), "\(found)")
    case .operatorDoesNotLook: #expect(found.isSuperset(of: [.twoRunners, .pastRuns]), "\(found)")
    }
  }
}
