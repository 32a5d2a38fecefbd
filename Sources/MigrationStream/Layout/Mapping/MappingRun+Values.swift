/// Values, octet for octet or by the rows W, N and Y; counted octets by the rows C.
extension LayoutMapping {
  mutating func copy(
    _ count: Int, _ from: Int, _ to: Int, _ source: MappingSource, _ place: inout OwnedBytes
  ) {
    trace(from, to, count)
    place.set(source.walker.data.extracting(from..<(from + count)), at: to)
  }

  /// Elements of a leaf that lie side by side on both sides.
  mutating func values(
    _ step: MappingStep, _ count: Int, _ from: Int, _ to: Int, _ source: MappingSource,
    _ place: inout OwnedBytes
  ) throws(StreamError) {
    let (width, own) = (Int(step.sourceWidth), Int(step.targetWidth))
    guard step.way != .copy else { return copy(count * width, from, to, source, &place) }
    for index in 0..<count {
      let (from, to) = (from + index * width, to + index * own)
      trace(from, to, own)
      switch step.way {
      case .float:
        place.set(LayoutMapping.widened(source.walker.data.integer(at: from, as: UInt32.self)), at: to)
      case .enumeration, .flags:
        try judgeSymbols(step, source.walker.data.unsigned(at: from, width: width), at: from, source)
        try convert(from, width, to, own, isSigned: false, source, &place)
      default: try convert(from, width, to, own, isSigned: step.way == .signed, source, &place)
      }
    }
  }

  /// An integer of another width: what is beyond the narrower one are zeros, or ones below a negative number.
  private func convert(
    _ from: Int, _ width: Int, _ to: Int, _ own: Int, isSigned: Bool, _ source: MappingSource,
    _ place: inout OwnedBytes
  ) throws(StreamError) {
    let octets = source.walker.data.extracting(from..<(from + width))
    let kept = min(width, own)
    let filling: UInt8 = isSigned && octets.octet(at: kept - 1) & 0x80 != 0 ? 0xff : 0
    for index in kept..<max(width, own) {
      if index >= width {
        place[to + index] = filling
      } else if octets.octet(at: index) != filling {
        throw source.refusal(.valueTooLarge, at: from, expected: UInt64(own), found: UInt64(width))
      }
    }
    place.set(octets.extracting(0..<kept), at: to)
  }

  /// Rows Y1 and Y2.
  private func judgeSymbols(
    _ step: MappingStep, _ value: UInt64, at position: Int, _ source: MappingSource
  ) throws(StreamError) {
    let isOther: Bool
    if step.way == .flags {
      isOther = value & step.first != 0
    } else {
      var (low, high) = (Int(step.first), Int(step.second))
      while low < high {
        let middle = (low + high) / 2
        if plan.conflicts[middle] < value { low = middle + 1 } else { high = middle }
      }
      isOther = low < Int(step.second) && plan.conflicts[low] == value
    }
    if isOther { throw source.refusal(.symbolChanged, at: position, found: value) }
  }

  /// Bits of the float of 8 octets with the value of one of 4; the payload of a NaN goes to the high bits.
  private static func widened(_ bits: UInt32) -> UInt64 {
    guard bits & 0x7f80_0000 == 0x7f80_0000 else { return Double(Float(bitPattern: bits)).bitPattern }
    return UInt64(bits & 0x8000_0000) << 32 | 0x7ff0_0000_0000_0000 | UInt64(bits & 0x007f_ffff) << 29
  }

  /// Row D1.
  mutating func constant(_ step: MappingStep, _ from: Int, _ to: Int, _ place: inout OwnedBytes) {
    let width = Int(step.targetWidth)
    for index in 0..<Int(step.count) {
      let element = to + index * width
      if wanted >= element, wanted < element + width { origin = from }
      guard step.first != 0 else { continue }
      for octet in 0..<min(width, 8) {
        place[element + octet] = UInt8(truncatingIfNeeded: step.first >> UInt64(8 * octet))
      }
    }
  }

  /// Counted bytes or a string; gives the position after them.
  mutating func counted(
    _ step: MappingStep, _ frame: MappingFrame, _ source: MappingSource, _ place: inout OwnedBytes
  ) throws(StreamError) -> Int {
    let count = try boundedCount(step, frame, source)
    trace(frame.source, frame.target, 4)
    place.set(UInt32(count), at: frame.target)
    let start = place.count
    try lay(count, for: frame.source, source, &place)
    copy(count, frame.variable, start, source, &place)
    return frame.variable + LayoutOctets.padded(count)
  }

  /// The number of octets or elements at hand: rows C2, C3 and C5.
  func boundedCount(
    _ step: MappingStep, _ frame: MappingFrame, _ source: MappingSource
  ) throws(StreamError) -> Int {
    let count = source.walker.data.integer(at: frame.source, as: UInt32.self)
    guard UInt64(count) <= step.second else {
      throw source.refusal(
        .countAboveMaximum, at: frame.source, expected: step.second, found: UInt64(count))
    }
    guard UInt64(count) >= step.first else {
      throw source.refusal(.valueOutOfRange, at: frame.source, expected: step.first, found: UInt64(count))
    }
    return Int(count)
  }
}
