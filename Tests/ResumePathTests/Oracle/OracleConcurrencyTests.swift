import Foundation
import MigrationStream
import ResumeOracle
import ResumePath
import StreamTestKit
import Testing

/// M86, I47: calls from two threads do what some order of them does, or one is told that the machine is busy.
@Suite struct OracleConcurrencyTests {
  typealias Machine = SoleAccess<ObservedControl<ProbeMachine>>

  static let octets = ProbeStream.valid.octets

  /// A machine that closures of two threads have, with an open session.
  final class Shared: Sendable {
    let machine: Machine
    let handle: SessionHandle

    init() throws {
      machine = try Machine(ObservedControl(ProbeMachine()))
      handle = try #require(
        try machine.withAccess { (control) throws(StreamError) -> SessionHandle? in try control.request(4) })
    }
  }

  /// Runs both at once, many times over.
  static func race(_ first: @escaping @Sendable () -> Void, _ second: @escaping @Sendable () -> Void) {
    DispatchQueue.concurrentPerform(iterations: 2) { $0 == 0 ? first() : second() }
  }

  /// Writes until the machine is not busy.
  static func write(_ machine: borrowing Machine, _ octets: ArraySlice<UInt8>, _ handle: SessionHandle) -> StreamError? {
    while true {
      do throws(StreamError) {
        _ = try machine.withAccess { (control) throws(StreamError) in
          try control.write(octets.span.octets, handle)
        }
        return nil
      } catch {
        if error.code != .sessionBusy { return error }
      }
    }
  }

  /// Two writers of one stream: its octets arrive in some order, and only the right one is committed.
  @Test func twoWriters() throws {
    for round in 0..<60 {
      let shared = try Shared()
      let cut = 64 + round * 131
      Self.race(
        { _ = Self.write(shared.machine, Self.octets[..<cut], shared.handle) },
        { _ = Self.write(shared.machine, Self.octets[cut...], shared.handle) })
      let seen = try shared.machine.withAccess { (control) throws(StreamError) -> (SessionStatus, UInt64, UInt64) in
        (control.status, control.offset, control.effectDigest())
      }
      switch seen.0 {
      case .complete: #expect(seen.1 == UInt64(Self.octets.count))
      case .poisoned(let error): #expect(error.code == .badMagic && error.offset == 0, "\(error)")
      default: Issue.record("\(seen)")
      }
    }
  }

  /// Finish racing with the last write: committed with all octets, or refused and never committed.
  @Test func finishRacesWithWrite() throws {
    for _ in 0..<60 {
      let shared = try Shared()
      let cut = Self.octets.count - 100
      #expect(Self.write(shared.machine, Self.octets[..<cut], shared.handle) == nil)
      Self.race(
        { _ = Self.write(shared.machine, Self.octets[cut...], shared.handle) },
        { _ = try? shared.machine.withAccess { (control) throws(StreamError) in try control.finish(shared.handle, exclusive: true) } })
      let (status, effect) = try shared.machine.withAccess { (control) throws(StreamError) -> (SessionStatus, UInt64) in
        (control.status, control.effectDigest())
      }
      switch status {
      case .committed: #expect(effect == ProbeStream.validEffect)
      case .complete: #expect(effect != ProbeStream.validEffect)
      case .poisoned(let error): #expect(error.code == .truncated && error.offset == UInt64(cut), "\(error)")
      default: Issue.record("\(status)")
      }
    }
  }

  /// Queries racing with resets see a state that is true at some time, or that the machine is busy.
  @Test func queryRacesWithReset() throws {
    let shared = try Shared()
    Self.race(
      {
        for _ in 0..<200 {
          try? shared.machine.withAccess { (control) throws(StreamError) in
            control.reset()
            _ = try control.request(4)
          }
        }
      },
      {
        for _ in 0..<2000 {
          do throws(StreamError) {
            let states = try shared.machine.withAccess { (control) throws(StreamError) -> [UInt32] in
              [control.reportedState(of: 0), control.reportedState(of: 2)]
            }
            #expect(states == [4, 4])
          } catch {
            #expect(error.code == .sessionBusy)
          }
        }
      })
  }
}
