extension SectionWalker {
  /// Checks the data, and that each target of `subsections` is a part of it.
  ///
  /// Targets ascend in the order in which a walk meets the parts, so one walk checks them all.
  ///
  /// - Throws: as ``walk(layout:visitor:)`` and ``SubsectionReader/next()``; `badTarget` at the first step of the target.
  public func check(layout number: UInt32, subsections: SubsectionReader) throws(StreamError) {
    var targets = SectionTargets(subsections)
    try targets.advance()
    guard targets.isPending, layouts.contains(number) else { return try check(layout: number) }
    guard !layouts.isExternal(number) else { return try targets.readAll() }
    try walk(layout: number, visitor: &targets)
    try targets.finish()
  }
}

/// Follows a walk with the path of the part it is in, and ticks off the targets that lead there.
struct SectionTargets: FieldVisitor, ~Escapable {
  private var subsections: SubsectionReader
  /// The next target to meet; none after the last.
  private var pending: Subsection
  private var path = InlineArray<8, TargetStep>(repeating: TargetStep(field: 0, element: 0))
  private var depth = 0
  /// Lists that stand in an array and that the walk is inside of: nothing in them has a path.
  private var pathless = 0

  @_lifetime(copy subsections)
  init(_ subsections: SubsectionReader) {
    self.subsections = subsections
    pending = Subsection.none(of: subsections.octets)
  }

  var isPending: Bool { !pending.isNone }

  /// Goes on to the next target that is not empty.
  mutating func advance() throws(StreamError) {
    while let subsection = try subsections.next() {
      pending = subsection
      if subsection.targetStepCount > 0 { return }
    }
    pending = Subsection.none(of: subsections.octets)
  }

  mutating func readAll() throws(StreamError) {
    while isPending { try advance() }
  }

  func finish() throws(StreamError) {
    guard isPending else { return }
    let step = pending.targetStep(0)
    throw StreamError(
      .badTarget, .section, at: pending.targetOffset,
      found: UInt64(step.element) << 32 | UInt64(step.field))
  }

  mutating func enter(_ place: FieldPlace, of layout: LayoutView) throws(StreamError) { try push(place) }

  mutating func enterElement(
    _ place: FieldPlace, of layout: LayoutView, element: LayoutView, number: UInt32
  ) throws(StreamError) { try push(place) }

  mutating func leave(_ place: FieldPlace, of layout: LayoutView) { depth -= 1 }

  mutating func opaqueElement(
    _ octets: RawSpan, at place: FieldPlace, of layout: LayoutView, number: UInt32
  ) throws(StreamError) {
    try push(place)
    depth -= 1
  }

  mutating func beginArray(count: Int, at place: FieldPlace, of layout: LayoutView) {
    if isPathless(place, layout) { pathless += 1 }
  }

  mutating func endArray(at place: FieldPlace, of layout: LayoutView) {
    if isPathless(place, layout) { pathless -= 1 }
  }

  private func isPathless(_ place: FieldPlace, _ layout: LayoutView) -> Bool {
    layout.entries[place.number].type == .list && place.element != nil
  }

  private mutating func push(_ place: FieldPlace) throws(StreamError) {
    path[depth] = TargetStep(
      field: UInt32(truncatingIfNeeded: place.number),
      element: UInt32(truncatingIfNeeded: place.element ?? 0))
    depth += 1
    guard pathless == 0 else { return }
    while isPending, leadsHere(pending) { try advance() }
  }

  private func leadsHere(_ subsection: Subsection) -> Bool {
    guard subsection.targetStepCount == depth else { return false }
    // The last step differs most often.
    var index = depth
    while index > 0 {
      index -= 1
      if subsection.targetStep(index) != path[index] { return false }
    }
    return true
  }
}
