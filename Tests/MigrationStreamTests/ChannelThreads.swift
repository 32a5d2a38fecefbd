import Foundation
import MigrationStream
import StreamTestKit

/// A gate that several threads use, under one lock.
final class SharedGate: @unchecked Sendable {
  private let condition = NSCondition()
  private var gate: ChannelGate
  private var exchanges = 0
  private var running: Int
  private(set) var refusal: StreamError?

  init(_ gate: consuming ChannelGate, channels: Int) {
    self.gate = gate
    running = channels
  }

  /// Exchanges; where the channel waits all the same, waits for the next exchange of another.
  ///
  /// - Returns: Whether to go on.
  func exchange<Handler>(_ feed: ChannelFeed<Handler>) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    exchanges += 1
    condition.broadcast()
    do throws(StreamError) {
      try feed.exchange(&gate)
      while feed.isWaiting {
        let seen = exchanges
        while exchanges == seen { condition.wait() }
        try feed.exchange(&gate)
      }
    } catch {
      note(error)
      return false
    }
    return refusal == nil
  }

  private func note(_ error: StreamError) {
    if refusal == nil { refusal = error }
    exchanges += 1
    condition.broadcast()
  }

  /// A channel's thread is at its end.
  func leave(_ error: StreamError?) {
    condition.lock()
    defer { condition.unlock() }
    if let error { note(error) }
    running -= 1
    condition.broadcast()
  }

  func finish() -> StreamError? {
    condition.lock()
    defer { condition.unlock() }
    while running > 0 { condition.wait() }
    do throws(StreamError) { try gate.finish() } catch { note(error) }
    return refusal
  }
}

/// Reads a right stream with a thread for each channel.
enum ChannelThreads {
  /// Lets a thread have what it alone uses.
  private struct Sent<Value>: @unchecked Sendable { let value: Value }

  static func read(
    _ first: [UInt8], _ others: [[UInt8]], seed: UInt64, handler: () -> ChannelPlacer
  ) -> StreamError? {
    do throws(StreamError) {
      let limits = StreamLimits()
      let feed = try ChannelFeed(first, handler(), limits: limits, allocator: .system)
      while !feed.isWaiting { if try !feed.push(64) { break } }
      let gate = SharedGate(try feed.gate(.system), channels: others.count + 1)
      var feeds = [feed]
      for octets in others {
        feeds.append(try ChannelFeed(octets, handler(), joining: feed, allocator: .system))
      }
      for (index, feed) in feeds.enumerated() {
        let sent = Sent(value: feed)
        Thread { drive(sent.value, gate, seed: seed &* 31 &+ UInt64(index)) }.start()
      }
      return gate.finish()
    } catch { return error }
  }

  private static func drive(_ feed: ChannelFeed<ChannelPlacer>, _ gate: SharedGate, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var refusal: StreamError?
    do throws(StreamError) {
      while gate.exchange(feed), !feed.isDone {
        if random.once(in: 3) { usleep(UInt32(random.pick(1...300))) }
        _ = try feed.push(random.pick(1...3000))
      }
      if feed.isDone { try feed.finish() }
    } catch { refusal = error }
    gate.leave(refusal)
  }
}
