/// What the mapping table says of a field, or of two, before any data is there.
///
/// The claims of the stream's layout are taken at their word: its ranges, alignments and counts say which values come.
///
/// Source: Specs/20-layouts.md section 6.
public struct MappingVerdict: Equatable, Sendable, BitwiseCopyable {
  public enum Outcome: UInt8, Sendable, BitwiseCopyable {
    /// Whatever value comes.
    case taken
    /// Refused for some values, or for some local values (rows V).
    case depends
    case refused
  }

  /// Rows of the table, as far as they can be told from layouts.
  public enum Row: UInt8, Sendable, BitwiseCopyable {
    /// Rows E, W and T1 for leaves.
    case value
    /// N1, Y1 to Y3, C2 to C5, R1, V.
    case width, symbols, count, range, verify
    /// G1 to G4 for the group itself; what is inside has verdicts of its own.
    case group
    /// D1 and D6; D2 and D3; D4; U1; U2.
    case defaulted, lacking, leftAlone, skipped, unknown
    /// S1, T2, W4, N2, C1, C4, B1, X1 and X2.
    case changed
    /// A2.
    case doubled
  }

  public var row: Row
  public var outcome: Outcome
  /// Of a refusal.
  public var code = StreamError.Code.missingField
  /// Numbers of the entries; nil where a side has none.
  public var streamEntry: Int?
  public var readerEntry: Int?
  /// The reader's and the stream's: types, widths, counts, ends of ranges. Row ``Row/symbols``: the value or the mask
  /// that the two sides name differently in `found`.
  public var expected: UInt64 = 0
  public var found: UInt64 = 0
  /// Whether every section has the field: no array, list, optional or union around it.
  public var isAlwaysThere: Bool

  init(_ row: Row, _ outcome: Outcome, _ step: MappingStep, isAlwaysThere: Bool) {
    (self.row, self.outcome, self.isAlwaysThere) = (row, outcome, isAlwaysThere)
    streamEntry = step.streamEntry == MappingStep.none ? nil : Int(step.streamEntry)
    readerEntry = step.readerEntry == MappingStep.none ? nil : Int(step.readerEntry)
  }

  /// The same with a refusal.
  func refused(_ code: StreamError.Code, expected: UInt64 = 0, found: UInt64 = 0) -> MappingVerdict {
    var verdict = self
    (verdict.code, verdict.expected, verdict.found) = (code, expected, found)
    return verdict
  }
}

extension LayoutMapping {
  /// Tells what the table says of every field, also of those behind a refusal, in the order in which a load judges
  /// them; the verdicts of one field together.
  ///
  /// Elements of lists are not looked into: they are pairs of layouts of their own, which a load finds by name.
  ///
  /// - Parameters: as of ``init(from:to:of:version:limits:allocator:)``.
  /// - Throws: as that; `unknownLayout` also for an external layout of the stream.
  public static func judge(
    from number: UInt32, to own: UInt32, of layouts: MappingLayouts, version: UInt32,
    allocator: StreamAllocator = .system, _ body: (MappingVerdict) -> Void
  ) throws(StreamError) {
    try demand(number, own, of: layouts)
    guard !layouts.stream.isExternal(number) else {
      throw StreamError(
        .unknownLayout, .use, at: 0, expected: UInt64(layouts.stream.count), found: UInt64(number))
    }
    var plan = MappingPlan(allocator: allocator)
    var compiler = try MappingCompiler(layouts, from: number, to: own, version: version, allocator: allocator)
    compiler.goesOn = true
    try compiler.compile(into: &plan)
    let verdicts = MappingVerdicts(
      steps: plan.steps.span, conflicts: plan.conflicts.span, stream: layouts.stream.layout(number),
      reader: layouts.reader.layout(own))
    verdicts.tell(0..<plan.steps.count, isAlwaysThere: true, body)
  }
}

/// Reads verdicts out of compiled steps.
private struct MappingVerdicts: ~Escapable {
  let steps: Span<MappingStep>
  let conflicts: Span<UInt64>
  let stream: LayoutView
  let reader: LayoutView

  @_lifetime(copy steps, copy conflicts, copy stream, copy reader)
  init(steps: Span<MappingStep>, conflicts: Span<UInt64>, stream: LayoutView, reader: LayoutView) {
    (self.steps, self.conflicts) = (steps, conflicts)
    (self.stream, self.reader) = (stream, reader)
  }

  func tell(_ range: Range<Int>, isAlwaysThere: Bool, _ body: (MappingVerdict) -> Void) {
    var number = range.lowerBound
    while number < range.upperBound {
      let step = steps[number]
      let inside = (number + 1)..<(number + 1 + Int(step.inner))
      func verdict(_ row: MappingVerdict.Row, _ outcome: MappingVerdict.Outcome) -> MappingVerdict {
        MappingVerdict(row, outcome, step, isAlwaysThere: isAlwaysThere)
      }
      switch step.kind {
      case .copy: values(step, verdict(.value, .taken), body)
      case .pair:
        if step.way.isGroup { body(verdict(.group, .taken)) }
        values(step, verdict(.value, .taken), body)
        let isOne = step.shape == .one || step.shape == .fixedArray
        tell(inside, isAlwaysThere: isAlwaysThere && isOne && step.way == .structure, body)
      case .choice:
        if step.isRefused {
          body(verdict(step.code == .unknownRequired ? .unknown : .doubled, .depends)
            .refused(step.code, expected: step.first, found: step.second))
        }
        tell(inside, isAlwaysThere: false, body)
      case .constant: constant(step, only(verdict(.defaulted, .taken), stream: false), body)
      case .made: tell(inside, isAlwaysThere: isAlwaysThere, body)
      case .skip: body(only(verdict(.skipped, .taken), stream: true))
      case .leave: body(only(verdict(.leftAlone, .taken), stream: false))
      case .unverified: body(only(verdict(.verify, .depends).refused(.verifyMismatch), stream: false))
      case .refuse:
        body(verdict(row(of: step), .refused).refused(step.code, expected: step.first, found: step.second))
      }
      number = inside.upperBound
    }
  }

  /// A verdict about one of the sides: a report's step has the same number for both.
  private func only(_ verdict: MappingVerdict, stream isStreams: Bool) -> MappingVerdict {
    var verdict = verdict
    if isStreams { verdict.readerEntry = nil } else { verdict.streamEntry = nil }
    return verdict
  }

  /// A default is judged like a value of the stream.
  private func constant(_ step: MappingStep, _ taken: MappingVerdict, _ body: (MappingVerdict) -> Void) {
    body(taken)
    let own = Int(step.readerEntry)
    guard reader.entries[own].flags.contains(.hasDefault) else { return }
    var verdict = taken.refused(.valueOutOfRange, found: step.first)
    (verdict.row, verdict.outcome) = (.range, .refused)
    if ValueDomain(default: step.first, reader, own).outcome(of: reader, own) != nil { body(verdict) }
  }

  private func row(of step: MappingStep) -> MappingVerdict.Row {
    switch step.code {
    case .missingField: .lacking
    case .unknownRequired: .unknown
    case .duplicateName: .doubled
    default: .changed
    }
  }

  /// Rows about values of a pair; that it is taken when none of them says more.
  private func values(_ step: MappingStep, _ taken: MappingVerdict, _ body: (MappingVerdict) -> Void) {
    let (theirs, ours) = (Int(step.streamEntry), Int(step.readerEntry))
    let domain = ValueDomain(stream, theirs)
    var isTold = step.way.isGroup
    func tell(_ row: MappingVerdict.Row, _ outcome: MappingVerdict.Outcome, _ refusal: MappingVerdict) {
      var verdict = refusal
      (verdict.row, verdict.outcome) = (row, outcome)
      body(verdict)
      isTold = true
    }
    counts(step, theirs) { outcome, expected, found, code in
      tell(.count, outcome, taken.refused(code, expected: expected, found: found))
    }
    if step.way == .enumeration {
      for index in Int(step.first)..<Int(step.second) {
        tell(.symbols, .depends, taken.refused(.symbolChanged, found: conflicts[index]))
      }
    }
    if step.way == .flags, step.first != 0 {
      tell(.symbols, .depends, taken.refused(.symbolChanged, found: step.first))
    }
    let narrows: Bool =
      switch step.way {
      case .unsigned, .signed, .enumeration, .flags: step.targetWidth < step.sourceWidth
      default: false
      }
    if narrows, let outcome = domain.outcome(inWidth: step.targetWidth) {
      tell(
        .width, outcome,
        taken.refused(.valueTooLarge, expected: UInt64(step.targetWidth), found: UInt64(step.sourceWidth)))
    }
    if let outcome = domain.outcome(of: reader, ours) {
      let limits = reader.attributes(of: ours)
      tell(.range, outcome, taken.refused(.valueOutOfRange, expected: limits.minimum, found: limits.maximum))
    }
    if !isTold { body(taken) }
  }

  /// Rows C: what the stream may have at most and least, against the reader's bounds.
  private func counts(
    _ step: MappingStep, _ theirs: Int,
    _ tell: (MappingVerdict.Outcome, UInt64, UInt64, StreamError.Code) -> Void
  ) {
    let entry = stream.entries[theirs]
    if step.shape == .countedArray, entry.count > step.count {
      tell(.depends, UInt64(step.count), UInt64(entry.count), .countAboveMaximum)
    }
    guard step.way == .counted || step.way == .list else { return }
    let attributes = stream.attributes(of: theirs)
    let isRanged = entry.flags.contains(.range)
    let least = isRanged ? attributes.minimum : 0
    let most = isRanged ? attributes.maximum : UInt64(UInt32.max)
    // The elements of an empty counted array are not there.
    let isSure = step.shape != .countedArray
    if most > step.second {
      tell(isSure && least > step.second ? .refused : .depends, step.second, most, .countAboveMaximum)
    }
    if least < step.first {
      tell(isSure && most < step.first ? .refused : .depends, step.first, least, .valueOutOfRange)
    }
  }
}
