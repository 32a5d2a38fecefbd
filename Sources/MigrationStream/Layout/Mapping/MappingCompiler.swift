/// Makes the steps for one layout of the stream and one of the reader's.
///
/// Fields are judged as far as the two entries allow. After the first refusal of a group that will always be met,
/// nothing more of the group is compiled but which fields are left alone: nothing behind it can be reached. Only who asks
/// for all verdicts goes on.
///
/// Source: Specs/20-layouts.md sections 5 and 6.
struct MappingCompiler: ~Copyable, ~Escapable {
  let stream: LayoutView
  let reader: LayoutView
  let aliases: AliasTable
  let readerNumber: UInt32
  let version: UInt32
  /// Number of the layout's first entry among all of the reader's, and how many those are.
  let readerStart: Int
  let readerTotal: Int
  var pairing: FieldPairing
  /// Whether what stands behind a refusal is compiled too.
  var goesOn = false

  @_lifetime(copy layouts)
  init(
    _ layouts: MappingLayouts, from streamNumber: UInt32, to readerNumber: UInt32, version: UInt32,
    allocator: StreamAllocator
  ) throws(StreamError) {
    stream = layouts.stream.layout(streamNumber)
    reader = layouts.reader.layout(readerNumber)
    aliases = layouts.aliases
    self.readerNumber = readerNumber
    self.version = version
    readerStart = layouts.reader.firstEntry(of: readerNumber)
    readerTotal = layouts.reader.entryCount
    pairing = try FieldPairing(stream, allocator: allocator)
  }

  /// Fields of the stream below one parent, which lie in one block of the stream.
  struct Group {
    var parent: Int?
    var fields: Range<Int>
    /// Octets from the block that the steps are about to the parent's own.
    var source: UInt32 = 0
    /// Structures of the block around these fields.
    var levels: UInt8 = 0
  }

  /// Adds all steps to `plan`.
  mutating func compile(into plan: inout MappingPlan) throws(StreamError) {
    plan.beginBlock()
    let group = Group(parent: nil, fields: stream.subtree(of: nil))
    _ = try fields(reader.subtree(of: nil), at: 0, of: group, &plan)
  }

  /// Adds the steps of the reader's fields in `range`; false when a refusal is always met.
  mutating func fields(
    _ range: Range<Int>, at target: UInt32, of group: Group, _ plan: inout MappingPlan
  ) throws(StreamError) -> Bool {
    var target = target
    var number = range.lowerBound
    while number < range.upperBound {
      let entry = reader.entries[number]
      let next = reader.sibling(after: number)
      if entry.type != .padding, try !field(number, at: target, of: group, &plan) {
        try leaveAlone(&plan) { (compiler, plan) throws(StreamError) in
          _ = try compiler.fields(next..<range.upperBound, at: 0, of: group, &plan)
        }
        return false
      }
      target &+= UInt32(truncatingIfNeeded: entry.blockByteCount)
      number = next
    }
    return try unknown(group, &plan)
  }

  /// Which fields behind a refusal are left alone: a rule asks for it also where the group is not there.
  mutating func leaveAlone(
    _ plan: inout MappingPlan, _ body: (inout MappingCompiler, inout MappingPlan) throws(StreamError) -> Void
  ) throws(StreamError) {
    let (steps, conflicts) = (plan.steps.count, plan.conflicts.count)
    goesOn = true
    try body(&self, &plan)
    goesOn = false
    plan.truncate(steps: steps, conflicts: conflicts)
    plan.beginBlock()
  }

  private mutating func field(
    _ number: Int, at target: UInt32, of group: Group, _ plan: inout MappingPlan
  ) throws(StreamError) -> Bool {
    let match = match(number, below: group.parent)
    guard let found = match.first else {
      return try missing(number, at: target, since: 0, of: group, &plan)
    }
    if let doubled = match.doubled {
      return try refuse(
        .duplicateName, FieldNumbers(stream: doubled, reader: number), at: pairing.places[doubled].offset,
        expected: UInt64(number), found: UInt64(doubled), &plan)
    }
    return try pair(found, number, at: target, of: group, &plan)
  }

  /// Rows U.
  private mutating func unknown(_ group: Group, _ plan: inout MappingPlan) throws(StreamError) -> Bool {
    var number = group.fields.lowerBound
    while number < group.fields.upperBound {
      let place = pairing.places[number]
      let entry = stream.entries[number]
      if place.takenBy == MappingStep.none, entry.type != .padding {
        if entry.mark == .skippable {
          try report(.skip, number, at: place.offset, &plan)
        } else {
          let isPassable = try refuse(
            .unknownRequired, FieldNumbers(stream: number), at: place.offset, expected: 0, found: UInt64(number), &plan)
          guard isPassable else { return false }
        }
      }
      number = stream.sibling(after: number)
    }
    return true
  }

  func report(
    _ kind: MappingStep.Kind, _ number: Int, at source: UInt32, _ plan: inout MappingPlan
  ) throws(StreamError) {
    var step = MappingStep(kind)
    step.source = source
    step.streamEntry = UInt32(number)
    step.readerEntry = UInt32(number)
    try plan.steps.append(step)
  }

  /// Gives whether to go on behind it.
  func refuse(
    _ code: StreamError.Code, _ fields: FieldNumbers, at source: UInt32, expected: UInt64, found: UInt64,
    _ plan: inout MappingPlan
  ) throws(StreamError) -> Bool {
    var step = MappingStep(.refuse)
    step.code = code
    (step.streamEntry, step.readerEntry, step.source) = (fields.stream, fields.reader, source)
    (step.first, step.second) = (expected, found)
    try plan.steps.append(step)
    return goesOn
  }
}

/// What a refusal is about: a field of the stream, one of the reader, or both.
struct FieldNumbers {
  var stream = MappingStep.none
  var reader = MappingStep.none

  init(stream: Int? = nil, reader: Int? = nil) {
    if let stream { self.stream = UInt32(stream) }
    if let reader { self.reader = UInt32(reader) }
  }
}

// MARK: - Names

extension MappingCompiler {
  /// The first field of the stream, in its order, that belongs to a field of the reader, and one that must not.
  struct Match {
    var first: Int?
    /// The second that belongs to the field, or one that belongs to another field too: row A2.
    var doubled: Int?
  }

  /// Looks for the name of a reader's field and for its aliases, and takes what is found.
  mutating func match(_ number: Int, below parent: Int?) -> Match {
    var match = Match()
    note(pairing.find(reader.name(of: number), below: parent, in: stream), for: number, &match)
    for alias in aliases.aliases(of: number, in: readerNumber) {
      note(pairing.find(aliases.name(alias), below: parent, in: stream), for: number, &match)
    }
    return match
  }

  private mutating func note(_ found: Int?, for number: Int, _ match: inout Match) {
    guard let found, found != match.first, found != match.doubled else { return }
    let place = pairing.places[found]
    let isUnion = place.parent > 0 && stream.entries[Int(place.parent) - 1].type == .union
    guard isUnion || stream.entries[found].type != .padding else { return }
    let isTaken = place.takenBy != MappingStep.none
    // However many fields of the reader a union's child belongs to, the second is named.
    pairing.take(found, for: isUnion && place.isDoubled ? Int(place.takenBy) : number, isDoubled: isTaken || match.first != nil)
    guard let first = match.first else {
      (match.first, match.doubled) = (found, isTaken ? found : nil)
      return
    }
    pairing.take(first, for: number, isDoubled: true)
    let (low, high) = (min(first, found), max(first, found))
    // A field that was doubled only for belonging to another field too is one of two now.
    let second = match.doubled == first ? nil : match.doubled
    match.first = low
    match.doubled = min(high, second ?? high)
  }
}
