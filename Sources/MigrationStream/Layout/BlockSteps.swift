/// One of the looks at a block that settle whether data is right, without a walk.
///
/// In a block only bools and padding can be wrong. A **window** is eight octets of it with a mask of the bits that must be
/// zero there; in an array of structures the same window recurs in each element.
///
/// ```
///   an element  |descriptors ... |vector|enabled|wraps|reserved    |     `stride` octets, `count` times
///   mask                                 fe      fe    ff ff ff ff
/// ```
///
/// 24 octets, which is what the memory formula counts for a field that is looked at.
///
/// Source: Specs/20-layouts.md section 4, Specs/40-reader-rules.md section 3.
@usableFromInline
struct BlockStep: BitwiseCopyable {
  /// Position in the block.
  var position: UInt32
  /// Octets from one window to the next; of an array in the variable part, those of one element.
  var stride: UInt32
  /// Windows; of an array, the most elements it may have.
  var count: UInt32
  /// Never zero for windows; zero says that the number of elements of an array is here.
  var mask: UInt64
}

/// Makes the steps of a layout, once.
struct BlockPlan: ~Escapable {
  private let entries: Span<FieldEntry>

  @_lifetime(copy entries)
  private init(_ entries: Span<FieldEntry>) { self.entries = entries }

  /// Appends the steps of a checked layout.
  ///
  /// - Returns: false, with nothing appended, for a layout whose data must be walked: groups and lists with parts of
  ///   their own, arrays in arrays, padding of more than 8 octets, blocks of less.
  static func append(
    of entries: Span<FieldEntry>, blockByteCount: Int, to steps: inout OwnedBuffer<BlockStep>
  ) throws(StreamError) -> Bool {
    let start = steps.count
    let isPlanned = try BlockPlan(entries).fields(
      0..<entries.count, at: 0, width: blockByteCount, count: 1, &steps)
    if !isPlanned { steps.truncate(to: start) }
    return isPlanned
  }

  /// Fields that stand side by side, in each of `count` elements of `width` octets from `start` on.
  private func fields(
    _ numbers: Range<Int>, at start: Int, width: Int, count: Int, _ steps: inout OwnedBuffer<BlockStep>
  ) throws(StreamError) -> Bool {
    guard width >= 8 else { return false }
    var number = numbers.lowerBound
    var position = 0
    // Octets of an element before this one are in a window, or need none.
    var seen = 0
    while number < numbers.upperBound {
      let entry = entries[number]
      let next = number &+ 1 &+ Int(entry.numDescendants)
      let octets = entry.blockByteCount
      if entry.type == .structure, entry.shape == .one, !entry.isPlain {
        // Its fields come next, where it starts.
        number &+= 1
        continue
      }
      if entry.isPlain {
        // Any octets are right.
      } else if entry.type == .bool || entry.type == .padding, entry.shape != .countedArray {
        guard octets <= 8 else { return false }
        let bits: UInt64 = entry.type == .bool ? 0xfefe_fefe_fefe_fefe : UInt64.max
        if position &+ octets > seen {
          let window = min(position, width &- 8)
          seen = window &+ 8
          try steps.append(
            BlockStep(
              position: UInt32(start &+ window), stride: UInt32(width), count: UInt32(count), mask: 0))
        }
        let shift = UInt64(8 &* (position &- (seen &- 8)))
        steps[steps.count &- 1].mask |= (bits >> UInt64(64 &- 8 &* octets)) << shift
      } else if count == 1, entry.type == .structure, entry.shape == .fixedArray {
        guard
          try fields(
            (number &+ 1)..<next, at: start &+ position, width: Int(entry.width), count: Int(entry.count), &steps)
        else { return false }
        seen = position &+ octets
      } else if count == 1, entry.shape == .countedArray, entry.type.isLeaf, entry.type != .bool, entry.type != .padding {
        try steps.append(
          BlockStep(position: UInt32(start &+ position), stride: entry.width, count: entry.count, mask: 0))
        seen = position &+ octets
      } else {
        return false
      }
      position &+= octets
      number = next
    }
    return true
  }
}

extension LayoutTable {
  /// Whether `data` is right by a layout for certain. False says nothing: a walk finds out, and where.
  func approves(_ data: RawSpan, layout number: UInt32) -> Bool {
    guard let (first, end) = stepRange(of: number) else { return false }
    let block = layout(number).blockByteCount
    guard block <= data.byteCount else { return false }
    var variable = block
    guard Self.step(over: 0, from: &variable, in: data) else { return false }
    for index in first..<end {
      let step = steps[index]
      if step.mask != 0 {
        guard
          data.areZero(
            step.mask, at: Int(step.position), stride: Int(step.stride), count: Int(step.count))
        else { return false }
      } else {
        let elements = data.integer(at: Int(step.position), as: UInt32.self)
        // No overflow: both have 32 bits.
        guard elements <= step.count,
          Self.step(over: Int(elements) &* Int(step.stride), from: &variable, in: data)
        else { return false }
      }
    }
    return variable == data.byteCount
  }

  /// Passes `count` octets and the zeros up to a multiple of 8.
  private static func step(over count: Int, from position: inout Int, in data: RawSpan) -> Bool {
    guard count <= data.byteCount &- position else { return false }
    let end = position &+ count
    let padding = -end & 7
    guard data.hasZeros(at: end, count: padding) else { return false }
    position = end &+ padding
    return true
  }
}
