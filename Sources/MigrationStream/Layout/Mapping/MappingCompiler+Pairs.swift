/// Steps for fields that both sides have.
extension MappingCompiler {
  /// Adds the steps of a field of the stream and one of the reader; false when a refusal is always met.
  mutating func pair(
    _ number: Int, _ own: Int, at target: UInt32, of group: Group, _ plan: inout MappingPlan
  ) throws(StreamError) -> Bool {
    let place = pairing.places[number]
    let (theirs, ours) = (stream.entries[number], reader.entries[own])
    // Children of a union only: what is zero needs no octets.
    if theirs.type == .padding, ours.type == .padding { return true }
    let way: MappingWay
    switch PairJudge.judge(number, of: stream, own, of: reader) {
    case .taken(let taken): way = taken
    case .refused(let code, let expected, let found):
      return try refuse(
        code, FieldNumbers(stream: number, reader: own), at: place.offset, expected: expected, found: found, &plan)
    }
    if ours.flags.contains(.verify) { try report(.unverified, own, at: place.offset, &plan) }
    if ours.isFlat {
      if !goesOn, startsEmpty(own) { try plan.steps.append(origin(at: target, place.offset)) }
      var inner = Group(parent: number, fields: stream.subtree(of: number))
      (inner.source, inner.levels) = (place.offset, group.levels + 1)
      return try fields(reader.subtree(of: own), at: target, of: inner, &plan)
    }
    var step = MappingStep(.pair)
    (step.shape, step.way, step.levels) = (ours.shape, way, group.levels)
    (step.streamEntry, step.readerEntry) = (UInt32(number), UInt32(own))
    (step.source, step.target, step.slot) = (place.offset, target, place.slot)
    (step.sourceWidth, step.targetWidth, step.count) = (theirs.width, ours.width, ours.count)
    if way == .enumeration || way == .flags { try compareSymbols(&step, &plan) }
    guard step.way != .copy || step.shape == .countedArray else {
      step.kind = .copy
      step.count = UInt32(truncatingIfNeeded: ours.blockByteCount)
      // Who wants verdicts wants one for each field.
      if goesOn { plan.beginBlock() }
      try plan.copy(step)
      return true
    }
    if way == .counted || way == .list { bound(&step, ours, own) }
    let position = plan.steps.count
    try plan.steps.append(step)
    try inside(number, own, way, position, group.levels, &plan)
    plan.close(position)
    return true
  }

  /// Whether a structure begins with padding or with a field that is left alone, which no step is for.
  private func startsEmpty(_ number: Int) -> Bool {
    var first = number + 1
    while true {
      let until = reader.attributes(of: first).until
      if reader.entries[first].type == .padding || until != 0 && until < version { return true }
      guard reader.entries[first].type == .structure else { return false }
      first += 1
    }
  }

  /// Zero octets that came from where a structure begins.
  private func origin(at target: UInt32, _ source: UInt32) -> MappingStep {
    var step = MappingStep(.constant)
    (step.source, step.target, step.targetWidth, step.count) = (source, target, 1, 1)
    return step
  }

  /// Steps of the fields inside, for each element.
  private mutating func inside(
    _ number: Int, _ own: Int, _ way: MappingWay, _ position: Int, _ levels: UInt8, _ plan: inout MappingPlan
  ) throws(StreamError) {
    switch way {
    case .structure, .optional:
      let inner = Group(parent: number, fields: stream.subtree(of: number))
      plan.steps[position].slots = stream.slots(of: inner.fields)
      plan.steps[position].sourcePart = UInt32(truncatingIfNeeded: stream.blockByteCount(of: inner.fields))
      plan.steps[position].targetPart = UInt32(
        truncatingIfNeeded: reader.blockByteCount(of: reader.subtree(of: own)))
      _ = try fields(reader.subtree(of: own), at: 0, of: inner, &plan)
    case .union: try choices(number, own, &plan)
    default: break
    }
  }

  /// Least and most octets or elements that the reader takes.
  private func bound(_ step: inout MappingStep, _ entry: FieldEntry, _ number: Int) {
    step.second = UInt64.max
    guard entry.flags.contains(.range) else { return }
    let attributes = reader.attributes(of: number)
    (step.first, step.second) = (attributes.minimum, attributes.maximum)
  }

  /// Finds what the two sides name differently: values of an enumeration, or bits of flags.
  private func compareSymbols(_ step: inout MappingStep, _ plan: inout MappingPlan) throws(StreamError) {
    var conflicts = SymbolConflicts(
      stream.firstSymbol(of: Int(step.streamEntry)), reader.firstSymbol(of: Int(step.readerEntry)))
    let start = plan.conflicts.count
    var bits: UInt64 = 0
    while let value = conflicts.next() {
      bits |= value
      if step.way == .enumeration { try plan.conflicts.append(value) }
    }
    let isFree = step.way == .flags ? bits == 0 : plan.conflicts.count == start
    if isFree, step.sourceWidth == step.targetWidth { return step.way = .copy }
    step.first = step.way == .flags ? bits : UInt64(start)
    step.second = step.way == .flags ? 0 : UInt64(plan.conflicts.count)
  }
}

// MARK: - Unions

extension MappingCompiler {
  /// A child of the reader's union, and the second of the stream's that are that one: whichever is there is refused.
  private struct Twins {
    var reader: Int
    var stream: Int
  }

  /// A step for each child that the stream's union may have, with the steps of that child inside.
  private mutating func choices(_ number: Int, _ own: Int, _ plan: inout MappingPlan) throws(StreamError) {
    var twins: Twins?
    var child = own + 1
    while child < reader.sibling(after: own) {
      let match = match(child, below: number)
      if twins == nil, let second = match.doubled, second != match.first { twins = Twins(reader: child, stream: second) }
      child = reader.sibling(after: child)
    }
    child = number + 1
    while child < stream.sibling(after: number) {
      try choice(child, below: number, own, twins, &plan)
      child = stream.sibling(after: child)
    }
  }

  private mutating func choice(
    _ child: Int, below number: Int, _ own: Int, _ twins: Twins?, _ plan: inout MappingPlan
  ) throws(StreamError) {
    let place = pairing.places[child]
    let isKnown = twins != nil || place.takenBy != MappingStep.none
    var step = MappingStep(.choice)
    step.isRefused = !isKnown || twins != nil || place.isDoubled
    step.code = isKnown ? .duplicateName : .unknownRequired
    step.streamEntry = UInt32(child)
    if isKnown { (step.first, step.second) = (UInt64(twins?.reader ?? Int(place.takenBy)), UInt64(twins?.stream ?? child)) }
    let position = plan.steps.count
    guard !step.isRefused else { return try plan.steps.append(step) }
    let ours = Int(place.takenBy)
    let fields = child..<stream.sibling(after: child)
    step.target = reader.position(of: ours, below: own)
    step.sourcePart = UInt32(truncatingIfNeeded: stream.entries[child].blockByteCount)
    step.targetPart = UInt32(truncatingIfNeeded: reader.entries[ours].blockByteCount)
    step.slots = stream.slots(of: fields)
    try plan.steps.append(step)
    let group = Group(parent: number, fields: fields)
    _ = try pair(child, ours, at: 0, of: group, &plan)
    plan.close(position)
  }
}

extension LayoutView {
  /// Position of a child among its siblings.
  fileprivate func position(of child: Int, below parent: Int) -> UInt32 {
    var position: UInt32 = 0
    var number = parent + 1
    while number < child {
      position += 1
      number = sibling(after: number)
    }
    return position
  }
}
