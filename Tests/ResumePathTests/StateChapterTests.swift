import Foundation
import MigrationStream
import ResumePath
import Testing

/// Sections 2, 3, 4 and 5 of the chapter against the code, in both directions.
@Suite struct StateChapterTests {
  private func state(_ name: String) throws -> MigrationState {
    try #require(MigrationState.allCases.first { "\($0)" == name }, "\(name)")
  }

  @Test func states() throws {
    let rows = try ResumeChapter().table(["state", "value", "capability"])
    #expect(rows.map { "\($0[0]) \($0[1])" } == MigrationState.allCases.map { "\($0) \($0.rawValue)" })
    let named: [String: MigrationCapabilities] = ["stopCopy": .stopCopy, "p2p": .p2p, "preCopy": .preCopy]
    for row in rows {
      for flags in 0..<4 as Range<UInt64> {
        let set = MigrationCapabilities(rawValue: flags << 1 | 1)
        let needs = row[2].components(separatedBy: " and ").filter { !$0.isEmpty }
        #expect(set.supports(try state(row[0])) == needs.allSatisfy { set.contains(named[$0]!) }, "\(row)")
      }
    }
  }

  private static let touches: [(String, DeviceTouch)] = [
    ("MMIO", .mmio), ("config space", .configSpace), ("SET_IRQS", .setIRQs), ("interrupts", .interrupt), ("DMA", .dma),
    ("peer-to-peer, outgoing", .peerOutgoing), ("peer-to-peer, incoming", .peerIncoming), ("reset", .reset),
    ("migration I/O, read", .migrationRead), ("migration I/O, write", .migrationWrite), ("state query", .stateQuery),
  ]

  @Test(arguments: MigrationState.allCases) func permittedTouches(_ state: MigrationState) throws {
    let names: [TouchPermission: String] = [.may: "may", .mustNot: "must not", .noEffect: "no effect"]
    let rows = try ResumeChapter().table(["touch", "\(state)", "reason"])
    #expect(rows.map { $0[0] } == Self.touches.map(\.0))
    #expect(Self.touches.map(\.1) == DeviceTouch.allCases)
    for (row, touch) in zip(rows, DeviceTouch.allCases) {
      #expect(row[1] == names[state.permission(for: touch)], "\(state) \(row[0])")
      #expect(state.permits(touch) == (row[1] == "may"))
      #expect(!row[2].isEmpty, "\(state) \(row[0]) without a reason")
    }
  }

  /// What the words of the states promise, apart from the tables.
  @Test func touchesFollowTheStates() {
    for state in MigrationState.allCases {
      let runs = [.running, .runningP2P, .preCopy, .preCopyP2P].contains(state)
      for touch in [DeviceTouch.dma, .interrupt] { #expect(state.permits(touch) == runs) }
      #expect((state.permission(for: .mmio) == .may) == runs)
      #expect((state.permission(for: .peerIncoming) == .may) == runs)
      #expect(state.permits(.peerOutgoing) == [.running, .preCopy].contains(state))
      #expect(state.permits(.migrationRead) == [.preCopy, .preCopyP2P, .stopCopy].contains(state))
      #expect(state.permits(.migrationWrite) == (state == .resuming))
      #expect(state.permits(.reset) && state.permits(.stateQuery))
    }
  }

  @Test(arguments: [
    ("all", 7), ("stopCopy and p2p", 3), ("stopCopy and preCopy", 5), ("stopCopy", 1),
  ] as [(String, UInt64)]) func nextStates(_ name: String, _ flags: UInt64) throws {
    let names = MigrationState.allCases.map { "\($0)" }
    let set = MigrationCapabilities(rawValue: flags)
    let rows = try ResumeChapter().table([name] + names)
    #expect(rows.map { $0[0] } == MigrationState.allCases.filter { set.supports($0) }.map { "\($0)" })
    for row in rows {
      for (goal, cell) in zip(MigrationState.allCases, row.dropFirst()) {
        let next = set.nextState(from: try state(row[0]), toward: goal).map { "\($0)" }
        #expect((next ?? "–") == cell, "\(row[0]) to \(goal)")
      }
    }
  }

  /// The chapter's steps are the transcription's.
  @Test func steps() throws {
    let kernel = try KernelStates()
    func names(_ set: Set<String>) -> Set<String> {
      Set(set.map { $0 == "P2P" ? "p2p" : $0 == "PRE_COPY" ? "preCopy" : $0 })
    }
    let steps = kernel.arcs.map { arc in
      let ends = [arc.start, arc.end].map { "\(MigrationState.allCases[$0])" }
      return ends + [names(arc.with).sorted().joined(separator: " "), names(arc.without).sorted().joined(separator: " ")]
    }
    let rows = try ResumeChapter().table(["from", "to", "a device with", "and without"]).map { row in
      Array(row.prefix(2)) + row.dropFirst(2).map {
        $0.components(separatedBy: ", ").filter { !$0.isEmpty }.sorted().joined(separator: " ")
      }
    }
    #expect(Set(rows) == Set(steps))
    #expect(rows.count == steps.count)
  }

  @Test func failureClasses() throws {
    let rows = try ResumeChapter().table(["class", "value", "the caller"])
    #expect(rows.map { "\($0[0]) \($0[1])" } == FailureClass.allCases.map { "\($0) \($0.rawValue)" })
  }

  /// One class and one number for every code.
  @Test func failures() throws {
    let rows = try ResumeChapter().table(["code", "class", "errno", "number"])
    let code = StreamError.Code.allCases.map { code in
      ["\(code)", "\(code.failureClass)", "\(code.hostError)".uppercased(), "\(code.hostError.rawValue)"]
    }
    #expect(Set(rows) == Set(code))
    #expect(rows.count == code.count)
  }

  @Test func everyHostErrorIsUsed() {
    let used = Set(StreamError.Code.allCases.map(\.hostError))
    #expect(Set(HostError.allCases).subtracting(used) == [.eagain, .efault])
  }
}
