import ResumePath
import Testing

/// The next-state tables against a transcription of the kernel's, and against the rules that are behind both.
@Suite struct NextStateTests {
  private static let sets: [Set<String>] = [
    ["STOP_COPY"], ["STOP_COPY", "P2P"], ["STOP_COPY", "PRE_COPY"], ["STOP_COPY", "P2P", "PRE_COPY"],
  ]

  private static let states = MigrationState.allCases

  private func walk(_ start: MigrationState, _ goal: MigrationState, _ set: MigrationCapabilities) -> [MigrationState]? {
    var way = [start]
    while way.count < 9 {
      guard let next = set.nextState(from: way.last!, toward: goal) else { return nil }
      if next == way.last { break }
      way.append(next)
    }
    return way
  }

  @Test func numbersAndFlags() throws {
    let kernel = try KernelStates()
    #expect(Self.states.map { Int($0.rawValue) } == Array(kernel.names.indices))
    for (name, state) in zip(kernel.names, Self.states) {
      #expect(name.replacing("_", with: "").lowercased() == "\(state)".lowercased())
    }
    #expect(kernel.flags == ["STOP_COPY": 1, "P2P": 2, "PRE_COPY": 4])
    #expect(MigrationCapabilities.stopCopy.rawValue == 1)
    #expect(MigrationCapabilities.p2p.rawValue == 2)
    #expect(MigrationCapabilities.preCopy.rawValue == 4)
  }

  @Test(arguments: sets) func everyCell(_ set: Set<String>) throws {
    let kernel = try KernelStates()
    let capabilities = kernel.capabilities(set)
    for state in Self.states {
      #expect(capabilities.supports(state) == kernel.has(Int(state.rawValue), set))
      for goal in Self.states {
        let expected = kernel.next(Int(state.rawValue), Int(goal.rawValue), set)
        let next = capabilities.nextState(from: state, toward: goal)
        #expect(next.map { Int($0.rawValue) } == expected, "\(set) \(state) to \(goal)")
      }
    }
  }

  @Test(arguments: sets) func walksAreShortestAndKeepTheRules(_ set: Set<String>) throws {
    let kernel = try KernelStates()
    let capabilities = kernel.capabilities(set)
    let direct = kernel.steps(set).map { [$0.start, $0.end] }
    let saving: Set<MigrationState> = [.stopCopy, .preCopy, .preCopyP2P]
    for state in Self.states {
      for goal in Self.states {
        let way = walk(state, goal, capabilities)
        #expect(capabilities.stepCount(from: state, to: goal) == way.map { $0.count - 1 })
        let isBlocked = kernel.blocked.contains([Int(state.rawValue), Int(goal.rawValue)])
        guard capabilities.supports(state), capabilities.supports(goal), state != .error, goal != .error, !isBlocked
        else {
          #expect(way == nil, "\(set) \(state) to \(goal)")
          continue
        }
        let steps = try #require(way, "\(set) \(state) to \(goal)")
        #expect(steps.last == goal)
        #expect(steps.count - 1 == kernel.distance(Int(state.rawValue), Int(goal.rawValue), set))
        for (start, end) in zip(steps, steps.dropFirst()) {
          #expect(direct.contains([Int(start.rawValue), Int(end.rawValue)]), "\(set) \(start) to \(end)")
        }
        let interior = steps.dropFirst().dropLast()
        #expect(!interior.contains(.resuming))
        if !saving.contains(state) && !saving.contains(goal) { #expect(saving.isDisjoint(with: interior)) }
      }
    }
  }

  /// The walks of more than one step that the kernel lists are all there are.
  @Test func combinationTransitions() throws {
    let kernel = try KernelStates()
    let all = kernel.capabilities(Self.sets[3])
    let walks = Self.states.flatMap { state in
      Self.states.compactMap { walk(state, $0, all)?.map { Int($0.rawValue) } }
    }
    #expect(Set(walks.filter { $0.count > 2 }) == Set(kernel.paths))
  }

  @Test(arguments: [0, 2, 4, 6] as [UInt64]) func nothingWithoutStopCopy(_ flags: UInt64) {
    for state in Self.states {
      for goal in Self.states {
        #expect(MigrationCapabilities(rawValue: flags).nextState(from: state, toward: goal) == nil)
      }
    }
  }

  @Test func unknownCapabilitiesChangeNothing() {
    for flags in 0..<8 as Range<UInt64> {
      let (known, more) = (MigrationCapabilities(rawValue: flags), MigrationCapabilities(rawValue: flags | ~7))
      for state in Self.states {
        for goal in Self.states {
          #expect(known.nextState(from: state, toward: goal) == more.nextState(from: state, toward: goal))
        }
      }
    }
  }
}
