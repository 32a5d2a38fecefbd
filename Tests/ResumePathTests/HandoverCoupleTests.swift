import Foundation
import MigrationStream
import ResumePath
import Testing

/// Two machines, and a link that breaks at every octet.
///
/// CI sets MIGSTREAM_LONG_TESTS: every octet of the stream, where a developer's run takes every 13th.
@Suite struct HandoverCoupleTests {
  private static let stride = ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] == nil ? 13 : 1

  @Test(arguments: [false, true])
  func nothingGoesWrong(_ preCopy: Bool) throws {
    for segment in [1, 7, 64, .max] {
      var couple = try Couple(.none, preCopy: preCopy, segment: segment)
      couple.migrate()
      #expect(couple.faults.isEmpty, "\(couple.faults)")
      #expect(couple.sourceState == .handedOver && couple.destinationState == .running)
      #expect(couple.sourceMachine == .stopCopy && couple.destinationMachine == .running)
      #expect(couple.arrived == [7, 17])
      #expect(couple.replyCount == 192)
    }
  }

  /// A device says which part of its byte string it needs before it stops: the source hears in time that it is there.
  @Test func initialDataIsAcknowledged() throws {
    for segment in [1, 7, 64, .max] {
      var couple = try Couple(.none, preCopy: true, segment: segment, initialData: true)
      couple.migrate()
      #expect(couple.faults.isEmpty, "\(couple.faults)")
      #expect(couple.initialLoadedCountAtStop == 2)
      #expect(couple.sourceState == .handedOver && couple.destinationState == .running)
      #expect(couple.arrived == [7, 17] && couple.arrivedStrings == [[1, 2, 3, 4], [1, 2, 3, 4]])
      // hello, compatible, one initialLoaded of each device, resumed
      #expect(couple.replyCount == 64 * 5)
      #expect(try Self.loaded(couple.replies) == [0, 1])
    }
  }

  /// Without pre-copy no device has initial data.
  @Test func initialDataNeedsPreCopy() throws {
    var couple = try Couple(.none, preCopy: false, initialData: true)
    couple.migrate()
    #expect(couple.sourceState == .handedOver && couple.replyCount == 192)
  }

  private static func loaded(_ replies: [UInt8]) throws -> Set<UInt32> {
    var decoder = try ReverseDecoder(uuid: StreamUUID(low: 3, high: 4), deviceCount: 2)
    var rest = replies.span.octets
    var devices: Set<UInt32> = []
    while let event = try decoder.next(&rest) {
      if case .initialLoaded(let device) = event { devices.insert(device) }
    }
    return devices
  }

  /// The link breaks, or either process ends, after every octet of the stream.
  @Test(arguments: CoupleFault.Kind.allCases, [false, true])
  func streamBreaksAtEveryOctet(_ kind: CoupleFault.Kind, _ preCopy: Bool) throws {
    var whole = try Couple(.none, preCopy: preCopy)
    whole.migrate()
    #expect(whole.streamCount > 1500)
    for count in Swift.stride(from: 0, through: whole.streamCount, by: Self.stride) { try check(.stream(count, kind), preCopy) }
  }

  /// Likewise of what the destination says.
  @Test(arguments: CoupleFault.Kind.allCases, [false, true])
  func verdictBreaksAtEveryOctet(_ kind: CoupleFault.Kind, _ preCopy: Bool) throws {
    for count in 0...192 { try check(.reverse(count, kind), preCopy) }
  }

  @Test(arguments: CoupleFault.Stage.allCases, [false, true])
  func endsBetweenCalls(_ stage: CoupleFault.Stage, _ preCopy: Bool) throws {
    try check(.destinationDiesBefore(stage), preCopy)
    try check(.sourceCancels(stage), preCopy)
    try check(.destinationCancels(stage), preCopy)
  }

  private func check(_ fault: CoupleFault, _ preCopy: Bool) throws {
    var couple = try Couple(fault, preCopy: preCopy)
    couple.migrate()
    couple.settle()
    #expect(couple.faults.isEmpty, "\(fault): \(couple.faults)")
    let runnerCount = (couple.sourceRuns ? 1 : 0) + (couple.destinationRuns ? 1 : 0)
    if couple.isSourceThere, couple.isDestinationThere {
      #expect(runnerCount == 1, "\(fault)")
    } else if couple.isSourceThere {
      // A guest that ran at a destination that died is lost with it.
      #expect(couple.sourceRuns != couple.hasRun, "\(fault)")
    } else {
      #expect(couple.destinationRuns || couple.destinationState == .refused || couple.destinationState == .idle, "\(fault)")
    }
    if couple.sourceRuns { #expect(couple.sourceMachine == .running, "\(fault)") }
    if couple.destinationRuns { #expect(couple.arrived == [7, 17], "\(fault)") }
  }
}
