extension ChannelGate {
  /// No two channels have sent the same octet in the pass that ends; forgets its runs.
  ///
  /// In n log n steps: the runs ascending, against how far the channels before them have come.
  ///
  /// - Parameters:
  ///   - offset: Of the BARRIER or END that closes the pass.
  mutating func checkOverlaps(closedAt offset: UInt64, sequence: UInt64) throws(StreamError) {
    defer {
      runs.removeAll()
      for channel in 0..<channelCount { peers[channel].lastRun = -1 }
    }
    runs.sort { left, right in
      left.region < right.region || (left.region == right.region && left.start < right.start)
    }
    var reach = Reach()
    for index in 0..<runs.count {
      let run = runs[index]
      guard reach.admits(run) else {
        throw StreamError(
          .badExtent, .bulk, at: offset, expected: UInt64(run.region), found: run.start, sequence: sequence)
      }
    }
  }

  /// How far the runs seen so far reach in the region: that of one channel, and that of all others.
  private struct Reach {
    var region = Format.none32
    var channel: UInt16 = 0
    var end: UInt64 = 0
    var othersEnd: UInt64 = 0

    /// Takes the next run; false when it overlaps one of another channel.
    mutating func admits(_ run: PassRun) -> Bool {
      if run.region != region { self = Reach(region: run.region, channel: run.channel) }
      if run.channel == channel {
        guard run.start >= othersEnd else { return false }
        end = max(end, run.end)
        return true
      }
      guard run.start >= end else { return false }
      // Nothing reached behind this start: the run's channel is the one that reaches furthest now.
      othersEnd = end
      (channel, end) = (run.channel, run.end)
      return true
    }
  }
}
