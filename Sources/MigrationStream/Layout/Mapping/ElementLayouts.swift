/// Which of the reader's layouts the elements of lists have, and the steps for them.
///
/// A stream layout is looked up by name once. Steps are made when an element first needs them, so layouts that no
/// element names cost nothing, and at most once for each of the reader's layouts in a section (row G5).
///
/// Source: Specs/20-layouts.md section 6, rows G4 and G5; memory: Specs/40-reader-rules.md section 3.
struct ElementLayouts: ~Copyable {
  private let addressOnly = AddressOnly()
  /// Steps for elements of one of the reader's layouts.
  struct Known: BitwiseCopyable {
    /// Layout of the stream that the steps are for.
    var stream = MappingStep.none
    var isMade = false
    var steps = 0
    var end = 0
    /// The section that last had such an element.
    var section: UInt64 = 0
  }

  /// The reader's layouts by name, then by number.
  private var order: OwnedBuffer<UInt32>
  private var known: OwnedBuffer<Known>
  /// For each layout of the stream: 0 not looked up, 1 none, else 2 + the reader's.
  private var found: OwnedBuffer<UInt32>
  private var section: UInt64 = 0
  /// Whether steps were made anew for another layout of the stream, or are of this section alone.
  private var hasGarbage = false

  init(allocator: StreamAllocator) {
    order = OwnedBuffer(allocator: allocator)
    known = OwnedBuffer(allocator: allocator)
    found = OwnedBuffer(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// A section begins; steps that were replaced in the one before go.
  mutating func begin(_ plan: inout MappingPlan, rootSteps: Int, rootConflicts: Int) {
    section += 1
    guard hasGarbage else { return }
    plan.truncate(steps: rootSteps, conflicts: rootConflicts)
    plan.forgetElements()
    for index in 0..<known.count { known[index] = Known() }
    hasGarbage = false
  }

  /// The reader's layout with the name of a layout of the stream, the first there is.
  mutating func find(_ number: UInt32, _ layouts: MappingLayouts) throws(StreamError) -> UInt32? {
    try open(layouts)
    if found[Int(number)] == 0 { found[Int(number)] = 1 + lookUp(number, layouts) }
    return found[Int(number)] == 1 ? nil : found[Int(number)] - 2
  }

  /// The layout that this section's elements of that name had before; the one given becomes it when there was none.
  mutating func claim(_ own: UInt32, for number: UInt32) -> UInt32 {
    let index = Int(own)
    if known[index].section == section { return known[index].stream }
    known[index].section = section
    if known[index].stream != number {
      hasGarbage = hasGarbage || known[index].stream != MappingStep.none
      known[index].stream = number
      known[index].isMade = false
    }
    return number
  }

  /// The steps for elements of a layout of the reader that was claimed; nil when they have to be made.
  func steps(for own: UInt32) -> Range<Int>? {
    let entry = known[Int(own)]
    return entry.isMade ? entry.steps..<entry.end : nil
  }

  mutating func keep(_ steps: Range<Int>, for own: UInt32) {
    (known[Int(own)].steps, known[Int(own)].end) = (steps.lowerBound, steps.upperBound)
    known[Int(own)].isMade = true
  }

  /// Steps could not be made, or leave fields alone: they go when the next section begins.
  mutating func giveUp() { hasGarbage = true }

  private mutating func open(_ layouts: MappingLayouts) throws(StreamError) {
    if known.count == 0 {
      try order.reserve(layouts.reader.count)
      order.removeAll()
      for number in 0..<layouts.reader.count where !layouts.reader.isExternal(UInt32(number)) {
        try order.append(UInt32(number))
      }
      let reader = layouts.reader
      order.sort { left, right in
        let difference = reader.layout(left).name.compare(to: reader.layout(right).name)
        return difference < 0 || (difference == 0 && left < right)
      }
      try known.append(repeating: Known(), count: layouts.reader.count)
    }
    try found.append(repeating: 0, count: layouts.stream.count - found.count)
  }

  /// 1 + the number of the reader's layout, or 0.
  private func lookUp(_ number: UInt32, _ layouts: MappingLayouts) -> UInt32 {
    guard !layouts.stream.isExternal(number) else { return 0 }
    let name = layouts.stream.layout(number).name
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      if layouts.reader.layout(order[middle]).name.compare(to: name) < 0 { low = middle + 1 } else { high = middle }
    }
    guard low < order.count, layouts.reader.layout(order[low]).name.compare(to: name) == 0 else { return 0 }
    return order[low] + 1
  }
}

/// Lists: rows G4 and G5.
extension LayoutMapping {
  mutating func list<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ step: MappingStep, _ frame: MappingFrame, _ source: MappingSource, _ place: inout OwnedBytes,
    _ report: inout Report
  ) throws(StreamError) -> Int {
    let count = try boundedCount(step, frame, source)
    trace(frame.source, frame.target, 4)
    place.set(UInt32(count), at: frame.target)
    let scope = WalkScope(
      source.walker.layouts.layout(frame.stream), number: frame.stream, end: frame.end, depth: frame.depth)
    var head = frame.variable
    for index in 0..<count {
      let element = try source.walker.openListElement(scope, at: head)
      var inner = frame
      (inner.stream, inner.end, inner.element) = (element.number, element.end, index)
      (inner.source, inner.depth) = (head + 8, frame.depth + 1)
      try listElement(inner, at: head, source, &place, &report)
      head = element.end
    }
    return head
  }

  private mutating func listElement<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ frame: MappingFrame, at head: Int, _ source: MappingSource, _ place: inout OwnedBytes,
    _ report: inout Report
  ) throws(StreamError) {
    guard let own = try elements.find(frame.stream, source.layouts) else {
      throw source.refusal(.unknownRequired, at: head, found: UInt64(frame.stream))
    }
    let claimed = elements.claim(own, for: frame.stream)
    guard claimed == frame.stream else {
      throw source.refusal(
        .duplicateName, at: head, expected: UInt64(claimed), found: UInt64(frame.stream))
    }
    let steps = try elementSteps(own, frame.stream, source)
    let (theirs, ours) = (source.layouts.stream.layout(frame.stream), source.layouts.reader.layout(own))
    var inner = frame
    inner.reader = own
    inner.variable = frame.source + LayoutOctets.padded(theirs.blockByteCount)
    let start = place.count
    trace(head, start, 8)
    try lay(8, for: head, source, &place)
    inner.target = place.count
    try lay(ours.blockByteCount, for: head, source, &place)
    let kept = slots.count
    let fields = theirs.subtree(of: nil)
    if theirs.slots(of: fields) > 0 { _ = try index(fields, &inner, source) }
    try run(steps, inner, source, &place, &report)
    slots.truncate(to: kept)
    place.set(own, at: start)
    place.set(UInt32(place.count - start - 8), at: start + 4)
  }

  private mutating func elementSteps(
    _ own: UInt32, _ number: UInt32, _ source: MappingSource
  ) throws(StreamError) -> Range<Int> {
    if let steps = elements.steps(for: own) { return steps }
    let (start, leftCount) = (plan.steps.count, plan.leftCount)
    do throws(StreamError) {
      var compiler = try MappingCompiler(
        source.layouts, from: number, to: own, version: version, allocator: plan.steps.allocator)
      try compiler.compile(into: &plan)
    } catch {
      elements.giveUp()
      throw error
    }
    if plan.leftCount > leftCount { elements.giveUp() }
    let steps = start..<plan.steps.count
    elements.keep(steps, for: own)
    return steps
  }
}
