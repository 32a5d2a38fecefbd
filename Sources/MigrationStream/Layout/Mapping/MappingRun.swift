/// Where the steps at hand read and write.
struct MappingFrame: BitwiseCopyable {
  /// Numbers of the layouts in force.
  var stream: UInt32
  var reader: UInt32
  /// Positions in the stream's data: the block, the variable part, and the end of the part of the layout in force.
  var source = 0
  var variable = 0
  var end: Int
  /// Position of the block in the result.
  var target = 0
  /// Number of the first of the positions in the variable part.
  var slots = 0
  /// Groups and list elements around the block.
  var depth = 0
  /// Element of the innermost array.
  var element: Int?

  init(stream: UInt32, reader: UInt32, end: Int) {
    self.stream = stream
    self.reader = reader
    self.end = end
  }
}

/// Doing the steps.
extension LayoutMapping {
  mutating func run<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ range: Range<Int>, _ frame: MappingFrame, _ source: MappingSource, _ place: inout OwnedBytes,
    _ report: inout Report
  ) throws(StreamError) {
    var number = range.lowerBound
    while number < range.upperBound {
      let step = plan.steps[number]
      let next = number + 1 + Int(step.inner)
      let (from, to) = (frame.source + Int(step.source), frame.target + Int(step.target))
      switch step.kind {
      case .copy: copy(Int(step.count), from, to, source, &place)
      case .pair: try pair((number + 1)..<next, step, from, to, frame, source, &place, &report)
      case .constant: constant(step, from, to, &place)
      case .made: try made((number + 1)..<next, step, from, to, frame, source, &place, &report)
      case .refuse: throw source.refusal(step.code, at: from, expected: step.first, found: step.second)
      case .choice: break
      case .skip:
        let there = FieldPlace(
          layout: frame.stream, number: Int(step.streamEntry), element: frame.element,
          offset: source.walker.base &+ UInt64(from))
        try report.skipped(there, of: source.layouts.stream.layout(frame.stream))
      case .leave, .unverified:
        let here = FieldPlace(
          layout: frame.reader, number: Int(step.readerEntry), element: frame.element,
          offset: source.walker.base &+ UInt64(from))
        let layout = source.layouts.reader.layout(frame.reader)
        if step.kind == .leave {
          try report.leftAlone(here, of: layout)
        } else if !hasLocal {
          try report.unverified(here, of: layout)
        }
      }
      number = next
    }
  }

  private mutating func pair<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ inside: Range<Int>, _ step: MappingStep, _ from: Int, _ to: Int, _ frame: MappingFrame,
    _ source: MappingSource, _ place: inout OwnedBytes, _ report: inout Report
  ) throws(StreamError) {
    var (from, to) = (from, to)
    var variable = step.slot == MappingStep.none ? frame.variable : slots[frame.slots + Int(step.slot)]
    var count = step.shape == .one ? 1 : Int(step.count)
    if step.shape == .countedArray {
      count = Int(source.walker.data.integer(at: from, as: UInt32.self))
      trace(from, to, 4)
      guard count <= Int(step.count) else {
        throw source.refusal(.countAboveMaximum, at: from, expected: UInt64(step.count), found: UInt64(count))
      }
      place.set(UInt32(count), at: to)
      let head = from
      from = variable
      variable += LayoutOctets.padded(count * Int(step.sourceWidth))
      to = place.count
      try lay(count * Int(step.targetWidth), for: head, source, &place)
    }
    guard step.way.isGroup else { return try values(step, count, from, to, source, &place) }
    for index in 0..<count {
      var inner = frame
      inner.element = step.shape == .one ? frame.element : index
      inner.depth = frame.depth + Int(step.levels)
      inner.source = from + index * Int(step.sourceWidth)
      inner.target = to + index * Int(step.targetWidth)
      inner.variable = variable
      variable = try element(inside, step, inner, source, &place, &report)
    }
  }

  /// Does one element, and gives the position after its variable part in the stream.
  private mutating func element<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ inside: Range<Int>, _ step: MappingStep, _ frame: MappingFrame, _ source: MappingSource,
    _ place: inout OwnedBytes, _ report: inout Report
  ) throws(StreamError) -> Int {
    let layout = source.walker.layouts.layout(frame.stream)
    switch step.way {
    case .counted: return try counted(step, frame, source, &place)
    case .list: return try list(step, frame, source, &place, &report)
    case .structure:
      // Unless a field inside says better.
      trace(frame.source, frame.target, 1)
      let fields = layout.subtree(of: Int(step.streamEntry))
      return try group(inside, fields, step.slots, frame, source, &place, &report)
    case .optional:
      trace(frame.source, frame.target, 4)
      let isPresent = source.walker.data.integer(at: frame.source, as: UInt32.self) == 1
      guard isPresent else { return frame.variable }
      place.set(UInt32(1), at: frame.target)
      let fields = layout.subtree(of: Int(step.streamEntry))
      return try part(inside, step, fields, frame, source, &place, &report)
    default: return try union(inside, frame, source, &place, &report)
    }
  }

  private mutating func union<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ inside: Range<Int>, _ frame: MappingFrame, _ source: MappingSource, _ place: inout OwnedBytes,
    _ report: inout Report
  ) throws(StreamError) -> Int {
    trace(frame.source, frame.target, 4)
    let child = source.walker.data.integer(at: frame.source, as: UInt32.self)
    var number = inside.lowerBound
    for _ in 0..<child { number += 1 + Int(plan.steps[number].inner) }
    let step = plan.steps[number]
    guard !step.isRefused else {
      let found = step.code == .unknownRequired ? UInt64(child) : step.second
      throw source.refusal(step.code, at: frame.source, expected: step.first, found: found)
    }
    place.set(step.target, at: frame.target)
    let first = Int(step.streamEntry)
    let fields = first..<source.walker.layouts.layout(frame.stream).sibling(after: first)
    let steps = (number + 1)..<(number + 1 + Int(step.inner))
    return try part(steps, step, fields, frame, source, &place, &report)
  }

  /// Does the part of an optional or a union.
  private mutating func part<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ inside: Range<Int>, _ step: MappingStep, _ fields: Range<Int>, _ frame: MappingFrame,
    _ source: MappingSource, _ place: inout OwnedBytes, _ report: inout Report
  ) throws(StreamError) -> Int {
    var inner = frame
    inner.source = frame.variable
    inner.variable = frame.variable + LayoutOctets.padded(Int(step.sourcePart))
    inner.target = place.count
    try lay(Int(step.targetPart), for: frame.source, source, &place)
    return try group(inside, fields, step.slots, inner, source, &place, &report)
  }

  /// Does fields inside a group, whose block and variable part the frame says.
  private mutating func group<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ inside: Range<Int>, _ fields: Range<Int>, _ slotCount: UInt32, _ frame: MappingFrame,
    _ source: MappingSource, _ place: inout OwnedBytes, _ report: inout Report
  ) throws(StreamError) -> Int {
    var inner = frame
    inner.depth += 1
    let kept = slots.count
    let end = slotCount > 0 ? try index(fields, &inner, source) : inner.variable
    try run(inside, inner, source, &place, &report)
    slots.truncate(to: kept)
    return end
  }

  /// Rows D4 and D6.
  private mutating func made<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ inside: Range<Int>, _ step: MappingStep, _ from: Int, _ to: Int, _ frame: MappingFrame,
    _ source: MappingSource, _ place: inout OwnedBytes, _ report: inout Report
  ) throws(StreamError) {
    var inner = frame
    inner.source = from - Int(step.source)
    inner.depth += step.way == .counted ? 0 : Int(step.levels) + 1
    guard inner.depth <= source.walker.nestingMax else {
      throw source.refusal(
        .limitExceeded, at: from, expected: UInt64(source.walker.nestingMax), found: UInt64(inner.depth))
    }
    for index in 0..<Int(step.count) {
      inner.target = to + index * Int(step.targetWidth)
      // Unless a field inside says better.
      trace(from, inner.target, 1)
      inner.element = step.count == 1 ? frame.element : index
      if step.way == .counted {
        place.set(UInt32(truncatingIfNeeded: step.first), at: inner.target)
        try lay(Int(clamping: step.first), for: from, source, &place)
        continue
      }
      if step.way == .union {
        let part = place.count
        try lay(Int(step.targetPart), for: from, source, &place)
        inner.target = part
      }
      try run(inside, inner, source, &place, &report)
    }
  }

  // MARK: - Places

  /// Notes where in the variable part each field of a block begins, and gives the position after all of them.
  mutating func index(
    _ fields: Range<Int>, _ frame: inout MappingFrame, _ source: MappingSource
  ) throws(StreamError) -> Int {
    frame.slots = slots.count
    let scope = WalkScope(
      source.walker.layouts.layout(frame.stream), number: frame.stream, end: frame.end, depth: frame.depth)
    var cursor = WalkCursor(block: frame.source, variable: frame.variable)
    try index(fields, scope, &cursor, source)
    return cursor.variable
  }

  private mutating func index(
    _ fields: Range<Int>, _ scope: WalkScope, _ cursor: inout WalkCursor, _ source: MappingSource
  ) throws(StreamError) {
    var nobody = NoVisitor()
    var number = fields.lowerBound
    while number < fields.upperBound {
      let entry = scope.layout.entries[number]
      if entry.isFlat, !entry.isPlain {
        let inner = try source.walker.deeper(scope, at: cursor.block)
        try index(scope.layout.subtree(of: number), inner, &cursor, source)
      } else {
        if entry.takesSlot { try slots.append(cursor.variable) }
        try source.walker.field(number, scope, &cursor, &nobody)
      }
      number = scope.layout.sibling(after: number)
    }
  }

  /// Appends zero octets to the result, up to a multiple of 8.
  func lay(
    _ count: Int, for position: Int, _ source: MappingSource, _ place: inout OwnedBytes
  ) throws(StreamError) {
    let padded = LayoutOctets.padded(count)
    let needed = UInt64(place.count) + UInt64(padded)
    guard needed <= source.limit else {
      throw source.refusal(.limitExceeded, at: position, expected: source.limit, found: needed)
    }
    try place.append(repeating: 0, count: padded)
  }

  /// Notes where octets of the result came from, if they are the ones looked for.
  mutating func trace(_ from: Int, _ to: Int, _ count: Int) {
    if wanted >= to, wanted < to + count { origin = from + (wanted - to) }
  }
}

extension MappingWay {
  /// Whether elements of it are done one by one.
  var isGroup: Bool {
    switch self {
    case .counted, .structure, .optional, .union, .list: true
    default: false
    }
  }
}
