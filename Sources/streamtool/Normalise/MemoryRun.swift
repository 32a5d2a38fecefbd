import MigrationStream
import StreamIO

/// A run of octets of a memory region, and where what it holds is found.
struct MemoryRun {
  enum Source {
    case zero
    /// Zeros of memory that the guest has given back.
    case discard
    /// Octets in the input, from this place on.
    case input(UInt64)
    /// Octets of a frame, from this position of what it holds on; frames are numbered as they came.
    case frame(UInt32, position: UInt32)
    /// Octets in the temporary file, from this place on.
    case spool(UInt64)
  }

  /// Octets from the start of the region.
  var offset: UInt64
  var length: UInt64
  var source: Source

  var end: UInt64 { offset + length }

  /// Whether it reads as zero.
  var isZero: Bool { zeroKind != nil }

  /// The extent kind of what reads as zero; nil for data.
  var zeroKind: ExtentKind? {
    switch source {
    case .zero: .zero
    case .discard: .discard
    case .input, .frame, .spool: nil
    }
  }

  /// Reads the octets of a data run to a range of `target`; does nothing to others.
  ///
  /// - Parameter spool: What ``StreamSurvey/spoolFrames(of:_:_:)`` gave.
  func read(
    _ input: borrowing InputFile, _ spool: borrowing InputFile?, into target: inout OwnedBytes, _ range: Range<Int>
  ) throws(IOFailure) {
    switch source {
    case .input(let place): try input.read(at: place, into: &target, range)
    case .spool(let place): try spool?.read(at: place, into: &target, range)
    case .zero, .discard, .frame: break
    }
  }

  func prefix(to end: UInt64) -> MemoryRun { MemoryRun(offset: offset, length: end - offset, source: source) }

  func suffix(from start: UInt64) -> MemoryRun {
    let skipped = start - offset
    let source: Source =
      switch source {
      case .zero: .zero
      case .discard: .discard
      case .input(let place): .input(place + skipped)
      // What a frame holds is limited far below 2^32 octets.
      case .frame(let number, let position): .frame(number, position: position + UInt32(skipped))
      case .spool(let place): .spool(place + skipped)
      }
    return MemoryRun(offset: start, length: length - skipped, source: source)
  }
}

extension MemoryRun {
  /// What the last of the runs says of each octet: ascending, without overlap; at most two runs for each given one.
  ///
  /// Halves are resolved, then the later one is laid over the earlier one: n log n steps whatever the order.
  static func finalContent(of said: ArraySlice<MemoryRun>) -> [MemoryRun] {
    let ascends = zip(said, said.dropFirst()).allSatisfy { $0.end <= $1.offset }
    if ascends { return Array(said) }
    let middle = said.startIndex + said.count / 2
    return lay(finalContent(of: said[middle...]), over: finalContent(of: said[..<middle]))
  }

  private static func lay(_ upper: [MemoryRun], over lower: [MemoryRun]) -> [MemoryRun] {
    var result: [MemoryRun] = []
    result.reserveCapacity(upper.count + lower.count)
    var rest = lower.makeIterator()
    var current = rest.next()
    for run in upper {
      while let low = current, low.end <= run.offset {
        result.append(low)
        current = rest.next()
      }
      if let low = current, low.offset < run.offset { result.append(low.prefix(to: run.offset)) }
      while let low = current, low.end <= run.end { current = rest.next() }
      if let low = current, low.offset < run.end { current = low.suffix(from: run.end) }
      result.append(run)
    }
    while let low = current {
      result.append(low)
      current = rest.next()
    }
    return result
  }
}
