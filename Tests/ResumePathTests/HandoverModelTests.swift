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
    #expect(checker.stateCount > (migrationCount == 1 ? 100 : 10_000))
  }

  /// Each defect is found, and by the rule that it breaks.
  @Test(arguments: HandoverDefect.allCases)
  func everyDefectIsFound(_ defect: HandoverDefect) {
    let checker = HandoverChecker(ModelCase(migrationCount: 2, defect: defect))
    let found = Set(checker.violations.keys)
    switch defect {
    case .sourceRunsWhenTheLinkIsLostInLimbo, .sourceCancelsInLimbo:
      #expect(found.isSuperset(of: [.twoRunners, .pastRuns, .limboLeft]), "\(found)")
    case .sourceGivesUpWhenTheLinkIsLostInLimbo: #expect(found.isSuperset(of: [.limboLeft, .deadlock]), "\(found)")
    case .sourceIsDeafInLimbo: #expect(found == [.deadlock], "\(found)")
    case .sourceDoesNotStopAtEnd: #expect(found.contains(.twoRunners), "\(found)")
    case .sourceTakesVerdictsOfAnyStream: #expect(found.isSuperset(of: [.twoRunners, .lie]), "\(found)")
    case .destinationRunsBeforeEnd: #expect(found.contains(.twoRunners), "\(found)")
    case .destinationGoesOnAfterRefusing, .destinationRefusesAndStaysCommitted, .destinationRunsAfterACommitThatFailed:
      #expect(found.isSuperset(of: [.twoRunners, .promiseBroken]), "\(found)")
    case .destinationTellsResumedBeforeItRuns: #expect(found.isSuperset(of: [.lie, .deadlock]), "\(found)")
    case .connectionsOutliveTheirDestination: #expect(found.contains(.twoRunners), "\(found)")
    case .operatorDoesNotLook: #expect(found.isSuperset(of: [.twoRunners, .pastRuns]), "\(found)")
    }
  }
}
