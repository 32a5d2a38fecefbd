internal import CMigStream
internal import MigrationStream

/// A section or subsection of a table.
@safe
struct StructPiece: BitwiseCopyable {
  let table: UnsafePointer<mgs_section>
  var steps: StepRange
  /// Position among the pieces of what it lies in; -1: a section.
  var owner = -1
  /// The entry of the owner's layout that it hangs on, and how to get there.
  var targetEntry: UInt32?
  var target = FieldStep(.child)
  /// Where its data of presets alone lies in ``StructDevice/presets``; 0 octets: it has none.
  var presetStart = 0
  var presetCount = 0
  /// Where its data lies in ``StructDevice/local``; 0 octets: nothing is compared with it.
  var localStart = 0
  var localCount = 0

  init(_ table: UnsafePointer<mgs_section>, _ steps: StepRange) {
    unsafe self.table = unsafe table
    self.steps = steps
  }

  var isSubsection: Bool { owner >= 0 }
  var isMany: Bool { unsafe table.pointee.cardinality == MGS_CARDINALITY_MANY }
  var isOptional: Bool { unsafe isSubsection || table.pointee.cardinality == MGS_CARDINALITY_OPTIONAL }
  var name: UnsafeRawBufferPointer { unsafe tableText(table.pointee.name) }
  var mark: Mark { unsafe table.pointee.mark == MGS_SKIPPABLE ? .skippable : .required }
  var version: UInt32 { unsafe max(table.pointee.version, 1) }
  var versionMin: UInt32 { unsafe max(table.pointee.version_min, 1) }
}

/// A device whose state lies in a struct: its table, compiled, and where the struct is.
///
/// Safe: the caller says that table and struct live as long as what was made of them.
@safe
struct StructDevice: ~Copyable {
  let place: StructPlace
  /// Sections, then subsections; their layouts have the same numbers. Those of elements follow.
  private(set) var pieces: OwnedBuffer<StructPiece>
  private(set) var sectionCount = 0
  private(set) var layouts: LayoutStore
  private(set) var aliases: LayoutAliases
  private(set) var steps: OwnedBuffer<FieldStep>
  private(set) var elements: OwnedBuffer<UInt32>
  private(set) var elementSteps: OwnedBuffer<StepRange>
  /// Keys of entries of ``TableLayout/closed``.
  private(set) var closed: OwnedBuffer<UInt64>
  /// Data of pieces that may be absent, made of presets.
  private(set) var presets: OwnedBytes
  /// Data of sections as they were when RESUMING was entered.
  private(set) var local: OwnedBytes
  /// What came, in the order of the stream.
  var arrivals: OwnedBuffer<ArrivedStruct>
  /// How many of a section that comes many times were put into the struct.
  var counts: OwnedBuffer<UInt32>

  var model: mgs_model { unsafe place.model.pointee }
  /// The number of the first layout of elements.
  var elementBase: UInt32 { UInt32(pieces.count) }

  /// - Throws: as `mgs_manifest_add_struct` says.
  init(_ place: StructPlace, limits: StreamLimits, allocator: StreamAllocator) throws(StreamError) {
    self.place = place
    pieces = OwnedBuffer(allocator: allocator)
    layouts = LayoutStore(allocator: allocator)
    aliases = LayoutAliases(allocator: allocator)
    steps = OwnedBuffer(allocator: allocator)
    elements = OwnedBuffer(allocator: allocator)
    elementSteps = OwnedBuffer(allocator: allocator)
    closed = OwnedBuffer(allocator: allocator)
    presets = OwnedBytes(allocator: allocator)
    local = OwnedBytes(allocator: allocator)
    unsafe arrivals = unsafe OwnedBuffer(allocator: allocator)
    counts = OwnedBuffer(allocator: allocator)
    try compile(limits, allocator)
    try writeLayouts(limits, allocator)
    try counts.append(repeating: 0, count: pieces.count)
    for index in sectionCount..<pieces.count { try findTarget(of: index) }
    _ = try rules(allocator: allocator)
    for index in 0..<pieces.count where pieces[index].isOptional { try addPresets(of: index) }
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  private mutating func compile(_ limits: StreamLimits, _ allocator: StreamAllocator) throws(StreamError) {
    let model = unsafe self.model
    var compiler = StepCompiler(limits: limits, allocator: allocator)
    guard unsafe model.num_sections > 0, let sections = unsafe model.sections else { throw Self.bad(0) }
    for index in 0..<Int(unsafe model.num_sections) {
      unsafe try Self.add(sections + index, to: &pieces, &compiler, model)
    }
    sectionCount = pieces.count
    for index in 0..<sectionCount { unsafe try Self.addSubsections(of: index, 0, to: &pieces, &compiler, model) }
    for index in 0..<Int(unsafe model.num_elements) {
      guard let element = unsafe model.elements?[index] else { throw Self.bad(pieces.count + index) }
      unsafe try elementSteps.append(
        compiler.compile(
          element, number: UInt32(pieces.count + index), isElement: true, elementCount: model.num_elements))
    }
    try steps.append(contentsOf: compiler.steps)
    try elements.append(contentsOf: compiler.elements)
  }

  private mutating func writeLayouts(_ limits: StreamLimits, _ allocator: StreamAllocator) throws(StreamError) {
    let model = unsafe self.model
    var writer = TableLayout(limits: limits, allocator: allocator)
    for index in 0..<pieces.count {
      unsafe try writer.write(
        pieces[index].table.pointee.layout.unsafelyUnwrapped, number: UInt32(index), to: &layouts, &aliases)
    }
    for index in 0..<Int(unsafe model.num_elements) {
      unsafe try writer.write(
        model.elements.unsafelyUnwrapped[index].unsafelyUnwrapped, number: UInt32(pieces.count + index), to: &layouts,
        &aliases)
    }
    try closed.append(contentsOf: writer.closed)
  }

  private mutating func addPresets(of index: Int) throws(StreamError) {
    var made = OwnedBytes(allocator: presets.allocator)
    let layout = layouts.table.layout(UInt32(index))
    guard layout.hasDefaults else { return }
    try layout.defaults(in: &made)
    (pieces[index].presetStart, pieces[index].presetCount) = (presets.count, made.count)
    try presets.append(contentsOf: made)
  }

  /// Keeps the data of the sections that have configuration in them, to compare a stream's with.
  ///
  /// - Throws: `badValue`, `outOfMemory`.
  mutating func takeLocalValues() throws(StreamError) {
    var octets = OwnedBytes(allocator: local.allocator)
    swap(&octets, &local)
    octets.removeAll()
    defer { swap(&octets, &local) }
    for index in 0..<sectionCount {
      (pieces[index].localStart, pieces[index].localCount) = (octets.count, 0)
      guard hasVerified(index), !pieces[index].isMany, try announcedCount(of: index) > 0 else { continue }
      let base = unsafe UnsafeRawPointer(place.state) + Int(pieces[index].table.pointee.offset)
      unsafe try write(index, base, 0, to: &octets)
      pieces[index].localCount = octets.count - pieces[index].localStart
    }
  }

  private func hasVerified(_ index: Int) -> Bool {
    let range = pieces[index].steps
    for step in range.start..<range.end where steps[step].isVerified { return true }
    return false
  }

  /// The same by position.
  @_lifetime(borrow self)
  borrowing func localValues(of index: Int) -> RawSpan {
    let own = pieces[index]
    return local.bytes.extracting(own.localStart..<(own.localStart + own.localCount))
  }

  /// The configuration in a section, to compare a stream's with; empty where there is none.
  func withLocalValues<Result>(_ piece: RulePiece, _ body: (RawSpan) -> Result) -> Result {
    let own = pieces[position(of: piece)]
    return body(local.bytes.extracting(own.localStart..<(own.localStart + own.localCount)))
  }

  /// The table is wrong at a layout.
  private static func bad(_ layout: Int, _ found: UInt32 = 0) -> StreamError {
    StreamError(.badLayout, .use, at: 0, expected: UInt64(layout), found: UInt64(found))
  }

  // MARK: Pieces

  private static func add(
    _ table: UnsafePointer<mgs_section>, to pieces: inout OwnedBuffer<StructPiece>, _ compiler: inout StepCompiler,
    _ model: mgs_model, owner: Int = -1
  ) throws(StreamError) {
    let given = unsafe table.pointee
    let number = pieces.count
    let steps = unsafe try compiler.compile(
      given.layout, number: UInt32(number), isElement: false, elementCount: model.num_elements)
    var piece = unsafe StructPiece(table, steps)
    piece.owner = owner
    guard unsafe given.mark <= MGS_SKIPPABLE, unsafe given.cardinality <= MGS_CARDINALITY_MANY,
      unsafe owner < 0 || given.cardinality == MGS_CARDINALITY_ONE, piece.versionMin <= piece.version
    else { throw bad(number) }
    let isTargeted = unsafe given.target != nil
    guard owner >= 0 || !isTargeted else { throw bad(number) }
    // What it hangs on is looked at when the owner's layout is known.
    if !isTargeted {
      let size = unsafe owner < 0 ? model.size : pieces[owner].table.pointee.layout.pointee.size
      guard fits(piece, in: size) else { throw bad(number) }
    }
    try pieces.append(piece)
  }

  /// Whether a piece, and what says that it is there, lie in the struct of their owner.
  private static func fits(_ piece: StructPiece, in size: UInt32) -> Bool {
    let given = unsafe piece.table.pointee
    let own = unsafe UInt64(given.layout.pointee.size)
    let count = unsafe piece.isMany ? UInt64(given.max_count) : 1
    guard unsafe !piece.isMany || (given.max_count > 0 && UInt64(given.stride) >= own) else { return false }
    guard unsafe UInt64(given.offset) + (count - 1) * UInt64(given.stride) + own <= UInt64(size) else { return false }
    guard unsafe given.needed == nil || !piece.isMany else { return false }
    guard unsafe piece.isMany || (piece.isOptional && given.needed == nil) else { return true }
    return unsafe UInt64(given.has_offset) + (piece.isMany ? 4 : 1) <= UInt64(size)
  }

  private static func addSubsections(
    of owner: Int, _ depth: Int, to pieces: inout OwnedBuffer<StructPiece>, _ compiler: inout StepCompiler,
    _ model: mgs_model
  ) throws(StreamError) {
    let given = unsafe pieces[owner].table.pointee
    guard unsafe given.num_subsections > 0 else { return }
    guard let tables = unsafe given.subsections, depth < 8 else { throw bad(owner) }
    for index in 0..<Int(unsafe given.num_subsections) {
      let number = pieces.count
      unsafe try add(tables + index, to: &pieces, &compiler, model, owner: owner)
      unsafe try addSubsections(of: number, depth + 1, to: &pieces, &compiler, model)
    }
  }

  /// Finds the field that a subsection hangs on: a structure, or an array of them, at the top of the owner's layout.
  private mutating func findTarget(of index: Int) throws(StreamError) {
    let given = unsafe pieces[index].table.pointee
    guard unsafe given.target != nil else { return }
    let owner = pieces[index].owner
    let layout = layouts.table.layout(UInt32(owner))
    let fields = unsafe pieces[owner].table.pointee.layout.pointee
    guard let entry = unsafe layout.child(named: tableText(given.target).bytes, of: nil) else { throw Self.bad(index) }
    for field in 0..<Int(unsafe fields.num_fields) {
      let found = unsafe fields.fields.unsafelyUnwrapped[field]
      guard unsafe layout.name(of: entry).isSame(as: tableText(found.name).bytes) else { continue }
      guard layout.entries[entry].type == .structure else { throw Self.bad(index, UInt32(field)) }
      var target = FieldStep(layout.entries[entry].shape == .countedArray ? .counted : .array)
      target.offset = unsafe found.offset
      target.number = unsafe found.num_offset
      target.isAway = unsafe found.memory == MGS_AT_POINTER
      target.stride = unsafe found.stride
      target.count = unsafe max(found.count, 1)
      guard unsafe Self.fits(pieces[index], in: found.stride) else { throw Self.bad(index) }
      pieces[index].targetEntry = UInt32(entry)
      pieces[index].target = target
      return
    }
  }

  /// Number of the section or subsection in ``SectionRules``.
  func position(of piece: RulePiece) -> Int { piece.isSubsection ? sectionCount + piece.number : piece.number }

  func rulePiece(_ index: Int) -> RulePiece {
    index < sectionCount ? .section(index) : .subsection(index - sectionCount)
  }
}

/// Where a device's state is.
@safe
struct StructPlace: BitwiseCopyable {
  let model: UnsafePointer<mgs_model>
  let state: UnsafeMutableRawPointer

  init(_ model: UnsafePointer<mgs_model>, _ state: UnsafeMutableRawPointer) {
    unsafe self.model = unsafe model
    unsafe self.state = unsafe state
  }
}

extension RawSpan {
  func isSame(as other: RawSpan) -> Bool {
    guard byteCount == other.byteCount else { return false }
    for index in 0..<byteCount where octet(at: index) != other.octet(at: index) { return false }
    return true
  }
}
