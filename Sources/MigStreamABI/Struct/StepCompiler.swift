internal import CMigStream
internal import MigrationStream

/// Makes steps of field tables, and checks that every member lies in its struct, and apart from the others.
///
/// A table comes from the program, not from a stream; what is wrong with it is still a status and never a trap.
struct StepCompiler: ~Copyable {
  private let addressOnly = AddressOnly()
  private(set) var steps: OwnedBuffer<FieldStep>
  /// Element layouts that lists name: positions in the model.
  private(set) var elements: OwnedBuffer<UInt32>
  private var members: OwnedBuffer<Member>
  private let limits: StreamLimits
  /// Position of the layout at hand among those of the model, and of the field in it.
  private var layout: UInt32 = 0
  private var field: UInt32 = 0
  private var fieldCount: UInt32 = 0
  /// Runs may grow behind this step only.
  private var floor = 0

  /// Octets of a struct that a field takes.
  private struct Member: BitwiseCopyable {
    let start: UInt64
    let end: UInt64
    let field: UInt32
  }

  /// What fields stand in.
  private struct Place: BitwiseCopyable {
    /// Octets from the start of the struct that addresses are counted from.
    var base: UInt32 = 0
    /// Octets of the struct that the fields are about.
    var size: UInt32
    var isVerified = false
    var isUnion = false
    /// In a union or a list, where other octets may lie at the moment.
    var hasPointers = true
    var depth = 0
  }

  init(limits: StreamLimits, allocator: StreamAllocator) {
    steps = OwnedBuffer(allocator: allocator)
    elements = OwnedBuffer(allocator: allocator)
    members = OwnedBuffer(allocator: allocator)
    self.limits = limits
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Appends the steps of a layout.
  ///
  /// - Parameters:
  ///   - number: Its position among those of the model, for errors.
  ///   - elementCount: Element layouts of the model.
  /// - Throws: `badLayout` in stage `.use`, `limitExceeded`, `outOfMemory`.
  mutating func compile(
    _ given: UnsafePointer<mgs_layout>?, number: UInt32, isElement: Bool, elementCount: UInt32
  ) throws(StreamError) -> StepRange {
    (layout, field, fieldCount) = (number, 0, 0)
    guard let given = unsafe given else { throw bad }
    let start = steps.count
    floor = start
    var place = unsafe Place(size: given.pointee.size)
    place.hasPointers = !isElement
    let size = unsafe try fields(given.pointee, place, elementCount)
    return StepRange(start: start, end: steps.count, blockByteCount: size)
  }

  /// The table is wrong at the field at hand.
  private var bad: StreamError {
    StreamError(.badLayout, .use, at: 0, expected: UInt64(layout), found: UInt64(field))
  }

  private func demand(_ isRight: Bool) throws(StreamError) { if !isRight { throw bad } }

  // MARK: Fields side by side

  /// - Returns: Octets that they take in the block.
  private mutating func fields(
    _ given: mgs_layout, _ place: Place, _ elementCount: UInt32
  ) throws(StreamError) -> Int {
    guard let table = unsafe given.fields, unsafe given.num_fields > 0, place.depth <= 8,
      unsafe given.size <= place.size
    else { throw bad }
    var place = place
    place.size = unsafe given.size
    let firstMember = members.count
    var size = 0
    for index in 0..<(unsafe given.num_fields) {
      let entry = unsafe table[Int(index)]
      if place.isUnion { try beginChild() }
      let (first, own) = (steps.count - 1, fieldCount)
      field = own
      fieldCount += 1
      try demand(fieldCount <= limits.fieldsMax)
      unsafe try note(entry, place)
      let width = unsafe try add(entry, place, elementCount)
      field = own
      if place.isUnion {
        steps[first].size = UInt32(width)
        try close(first)
      }
      size = place.isUnion ? 4 : size + width
      try demand(size <= Int(clamping: limits.blockBytesMax))
    }
    if !place.isUnion { try demandApart(from: firstMember) }
    members.truncate(to: firstMember)
    return size
  }

  private mutating func beginChild() throws(StreamError) {
    try steps.append(FieldStep(.child))
    floor = steps.count
  }

  /// Ends what is inside of a step.
  private mutating func close(_ step: Int) throws(StreamError) {
    steps[step].end = UInt32(steps.count)
    floor = steps.count
  }

  // MARK: Members

  /// Checks where a field's octets lie in the struct that its table is about.
  private mutating func note(_ entry: mgs_field, _ place: Place) throws(StreamError) {
    if unsafe entry.num_offset != MGS_NO_OFFSET {
      let width: UInt64 = unsafe Int32(entry.type) == MGS_TYPE_OPTIONAL && entry.shape == MGS_SHAPE_ONE ? 1 : 4
      unsafe try note(UInt64(entry.num_offset), width, place)
    }
    guard unsafe Int32(entry.type) != MGS_TYPE_PADDING else { return }
    let octets: UInt64
    if unsafe entry.memory == MGS_AT_POINTER {
      try demand(place.hasPointers)
      octets = UInt64(MemoryLayout<UInt>.size)
    } else if unsafe entry.shape != MGS_SHAPE_ONE {
      octets = unsafe UInt64(entry.stride) * UInt64(entry.count)
    } else {
      let isOctets = unsafe Int32(entry.type) == MGS_TYPE_COUNTED_BYTES || Int32(entry.type) == MGS_TYPE_STRING
      octets = unsafe UInt64(isOctets ? entry.capacity : entry.stride)
    }
    unsafe try note(UInt64(entry.offset), octets, place)
  }

  private mutating func note(_ start: UInt64, _ count: UInt64, _ place: Place) throws(StreamError) {
    try demand(start + count <= UInt64(place.size))
    try members.append(Member(start: start, end: start + count, field: field))
  }

  private mutating func demandApart(from first: Int) throws(StreamError) {
    var sorted = OwnedBuffer<Member>(allocator: members.allocator)
    for index in first..<members.count { try sorted.append(members[index]) }
    sorted.sort { left, right in left.start != right.start ? left.start < right.start : left.end < right.end }
    for index in 1..<max(sorted.count, 1) where sorted[index].start < sorted[index - 1].end {
      field = max(sorted[index].field, sorted[index - 1].field)
      throw bad
    }
  }

  // MARK: One field

  /// - Returns: Octets that it takes in the block.
  private mutating func add(
    _ entry: mgs_field, _ place: Place, _ elementCount: UInt32
  ) throws(StreamError) -> Int {
    unsafe try demand(entry.shape <= MGS_SHAPE_COUNTED && entry.memory <= MGS_AT_POINTER)
    guard let type = unsafe FieldType(rawValue: entry.type) else { throw bad }
    let isOne = unsafe entry.shape == MGS_SHAPE_ONE
    unsafe try demand(isOne == (entry.count == 0))
    // Elements are behind pointers only where their number travels.
    unsafe try demand(entry.memory == MGS_IN_PLACE || entry.shape == MGS_SHAPE_COUNTED || !type.isLeaf && isOne)
    var inner = place
    inner.isVerified = unsafe place.isVerified || entry.verify
    if !isOne { return unsafe try addArray(entry, type, inner, elementCount) }
    switch type {
    case .padding: return unsafe try addBlank(Int(entry.width))
    case .countedBytes, .string: return unsafe try addOctets(entry, inner)
    case .list: return unsafe try addList(entry, inner, elementCount)
    case .structure:
      unsafe try demand(entry.memory == MGS_IN_PLACE)
      guard let layout = unsafe entry.fields else { throw bad }
      inner.base = unsafe place.base + entry.offset
      inner.size = unsafe entry.stride
      inner.isUnion = false
      inner.depth += 1
      return unsafe try fields(layout.pointee, inner, elementCount)
    case .optional, .union: return unsafe try addPart(entry, type, inner, elementCount)
    default:
      let width = unsafe entry.width
      unsafe try demand(width == entry.stride && width > 0)
      return unsafe try addRun(place.base + entry.offset, Int(width), isVerified: inner.isVerified)
    }
  }

  private mutating func addBlank(_ size: Int) throws(StreamError) -> Int {
    var step = FieldStep(.blank)
    step.size = UInt32(size)
    try steps.append(step)
    return size
  }

  /// Octets that are the same in memory and in the block; behind others that are, they are one run.
  private mutating func addRun(_ offset: UInt32, _ size: Int, isVerified: Bool) throws(StreamError) -> Int {
    let last = steps.count - 1
    if last >= floor, steps[last].kind == .run, steps[last].isVerified == isVerified,
      steps[last].offset + steps[last].size == offset
    {
      steps[last].size += UInt32(size)
      return size
    }
    var step = FieldStep(.run)
    (step.offset, step.size, step.isVerified) = (offset, UInt32(size), isVerified)
    try steps.append(step)
    return size
  }

  /// A step with what the table says about its place.
  private func step(_ kind: FieldStep.Kind, _ entry: mgs_field, _ place: Place) -> FieldStep {
    var step = FieldStep(kind)
    step.offset = unsafe entry.offset == MGS_NO_OFFSET ? 0 : place.base + entry.offset
    step.number = unsafe entry.num_offset == MGS_NO_OFFSET ? 0 : place.base + entry.num_offset
    step.isAway = unsafe entry.memory == MGS_AT_POINTER
    step.stride = unsafe entry.stride
    step.isVerified = place.isVerified
    return step
  }

  private mutating func addOctets(_ entry: mgs_field, _ place: Place) throws(StreamError) -> Int {
    unsafe try demand(entry.num_offset != MGS_NO_OFFSET)
    var added = unsafe step(.octets, entry, place)
    let most = unsafe entry.has_range ? entry.max : UInt64(entry.capacity)
    // Behind a pointer nobody else says how much memory there is.
    unsafe try demand(most <= (added.isAway ? UInt64(Int32.max) : UInt64(entry.capacity)))
    unsafe try demand(entry.has_range || !added.isAway)
    (added.count, added.stride) = (UInt32(most), 1)
    try steps.append(added)
    return 4
  }

  private mutating func addList(
    _ entry: mgs_field, _ place: Place, _ elementCount: UInt32
  ) throws(StreamError) -> Int {
    var added = unsafe step(.list, entry, place)
    unsafe try demand(added.isAway && entry.num_offset != MGS_NO_OFFSET)
    (added.first, added.count) = unsafe (UInt32(elements.count), entry.num_elements)
    unsafe try demand(entry.has_range && entry.max <= UInt64(Int32.max) || entry.num_elements == 0)
    added.size = unsafe UInt32(clamping: entry.max)
    added.inner = unsafe entry.capacity
    if added.count > 0 {
      guard let known = unsafe entry.elements, added.inner >= 4, added.inner <= added.stride else { throw bad }
      for index in 0..<Int(added.count) {
        unsafe try demand(known[index] < elementCount)
        unsafe try elements.append(known[index])
      }
    } else {
      added.size = 0
    }
    try steps.append(added)
    return 4
  }

  private mutating func addPart(
    _ entry: mgs_field, _ type: FieldType, _ place: Place, _ elementCount: UInt32
  ) throws(StreamError) -> Int {
    guard let layout = unsafe entry.fields, unsafe entry.num_offset != MGS_NO_OFFSET,
      unsafe entry.memory == MGS_IN_PLACE
    else { throw bad }
    let index = steps.count
    try steps.append(unsafe step(type == .union ? .union : .optional, entry, place))
    floor = steps.count
    var inner = place
    inner.base = unsafe place.base + entry.offset
    inner.size = unsafe entry.stride
    inner.isUnion = type == .union
    if inner.isUnion { inner.hasPointers = false }
    inner.depth += 1
    let size = unsafe try fields(layout.pointee, inner, elementCount)
    steps[index].size = UInt32(size)
    try close(index)
    return 4
  }

  // MARK: Arrays

  private mutating func addArray(
    _ entry: mgs_field, _ type: FieldType, _ place: Place, _ elementCount: UInt32
  ) throws(StreamError) -> Int {
    let isCounted = unsafe entry.shape == MGS_SHAPE_COUNTED
    unsafe try demand(!isCounted || entry.num_offset != MGS_NO_OFFSET)
    let count = unsafe Int(entry.count)
    let (index, outerFloor) = (steps.count, floor)
    var added = unsafe step(isCounted ? .counted : .array, entry, place)
    added.count = unsafe entry.count
    if type == .padding {
      guard isCounted else { return unsafe try addBlank(Int(entry.width) * count) }
      (added.isBulk, added.stride) = (true, 0)
      added.size = unsafe entry.width
      added.end = UInt32(index + 1)
      try steps.append(added)
      return 4
    }
    unsafe try demand(entry.stride > 0)
    if type.isLeaf {
      unsafe try demand(entry.width == entry.stride)
      guard isCounted else {
        return unsafe try addRun(
          place.base + entry.offset, Int(entry.width) * count, isVerified: place.isVerified)
      }
      added.isBulk = true
      added.size = unsafe entry.width
      added.end = UInt32(index + 1)
      try steps.append(added)
      return 4
    }
    guard let layout = unsafe entry.fields else { throw bad }
    try steps.append(added)
    floor = steps.count
    let width = unsafe try addElement(layout.pointee, entry, type, place, elementCount)
    steps[index].size = UInt32(width)
    try close(index)
    // No overflow: both have 32 bits at most.
    try demand(isCounted || width * count <= Int(clamping: limits.blockBytesMax))
    try joinElements(index, count, width, isCounted: isCounted, outerFloor)
    return isCounted ? 4 : width * count
  }

  /// What one element holds: the fields of a structure, or the one field of the struct that stands around other types.
  private mutating func addElement(
    _ layout: mgs_layout, _ entry: mgs_field, _ type: FieldType, _ place: Place, _ elementCount: UInt32
  ) throws(StreamError) -> Int {
    var inner = place
    (inner.base, inner.isUnion) = (0, false)
    inner.size = unsafe entry.stride
    guard type != .structure else {
      inner.depth += 1
      return unsafe try fields(layout, inner, elementCount)
    }
    guard let only = unsafe layout.fields, unsafe layout.num_fields == 1, unsafe only.pointee.type == entry.type,
      unsafe only.pointee.shape == MGS_SHAPE_ONE
    else { throw bad }
    // It is no field of the stream.
    fieldCount -= 1
    return unsafe try fields(layout, inner, elementCount)
  }

  /// Elements that are one run each, as long as they lie apart in memory, are copied at once.
  private mutating func joinElements(
    _ index: Int, _ count: Int, _ width: Int, isCounted: Bool, _ outerFloor: Int
  ) throws(StreamError) {
    let step = steps[index]
    guard steps.count == index + 2, steps[index + 1].kind == .run, steps[index + 1].offset == 0,
      Int(steps[index + 1].size) == width, Int(step.stride) == width,
      steps[index + 1].isVerified == step.isVerified
    else { return }
    if isCounted {
      steps.truncate(to: index + 1)
      (steps[index].isBulk, steps[index].end) = (true, UInt32(index + 1))
      floor = steps.count
    } else {
      steps.truncate(to: index)
      floor = outerFloor
      _ = try addRun(step.offset, width * count, isVerified: step.isVerified)
    }
  }
}
