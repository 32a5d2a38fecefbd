internal import CMigStream
internal import MigrationStream

/// Writes what lies in a struct as section data.
///
/// Safe: the table was checked when it was compiled, and the caller says that the struct, and what it points to, is there.
struct StructWriter: ~Escapable {
  private let steps: Span<FieldStep>
  /// Element layouts that lists name, and the steps of each element layout.
  private let elements: Span<UInt32>
  private let elementSteps: Span<StepRange>
  /// What is added to positions of element layouts in heads of elements.
  private let layoutBase: UInt32

  @_lifetime(copy steps, copy elements, copy elementSteps)
  init(
    _ steps: Span<FieldStep>, elements: Span<UInt32>, _ elementSteps: Span<StepRange>, layoutBase: UInt32
  ) {
    self.steps = steps
    self.elements = elements
    self.elementSteps = elementSteps
    self.layoutBase = layoutBase
  }

  /// Appends section data to octets whose number is a multiple of 8.
  ///
  /// - Throws: `badValue` for a number or choice that the table does not have, or for elements behind NULL;
  ///   `limitExceeded` for lists that nest without end; `outOfMemory`.
  func write(_ range: StepRange, _ base: UnsafeRawPointer, to octets: inout OwnedBytes) throws(StreamError) {
    unsafe try part(range, base, 0, &octets)
  }

  private func part(
    _ range: StepRange, _ base: UnsafeRawPointer, _ depth: Int, _ octets: inout OwnedBytes
  ) throws(StreamError) {
    var block = try lay(range.blockByteCount, &octets)
    unsafe try fields(range.start..<range.end, base, &block, depth, &octets)
  }

  private func lay(_ count: Int, _ octets: inout OwnedBytes) throws(StreamError) -> Int {
    let start = octets.count
    try octets.append(repeating: 0, count: count)
    try octets.pad(to: 8)
    return start
  }

  /// Appends elements, as they are in memory, to the variable part.
  private func append(_ memory: UnsafeRawPointer, _ count: Int, _ octets: inout OwnedBytes) throws(StreamError) {
    unsafe try octets.append(span(memory, count))
    try octets.pad(to: 8)
  }

  private func fields(
    _ range: Range<Int>, _ base: UnsafeRawPointer, _ block: inout Int, _ depth: Int, _ octets: inout OwnedBytes
  ) throws(StreamError) {
    var index = range.lowerBound
    while index < range.upperBound {
      let step = steps[index]
      let inside = (index + 1)..<max(Int(step.end), index + 1)
      index = inside.upperBound
      switch step.kind {
      case .run:
        unsafe octets.set(span(base + Int(step.offset), Int(step.size)), at: block)
        block += Int(step.size)
      case .blank: block += Int(step.size)
      case .array:
        for element in 0..<Int(step.count) {
          let member = unsafe base + Int(step.offset) + element * Int(step.stride)
          unsafe try fields(inside, member, &block, depth, &octets)
        }
      case .counted: unsafe try counted(step, inside, base, &block, depth, &octets)
      case .octets:
        let (count, memory) = unsafe try elements(step, base, most: step.count)
        octets.set(count, at: block)
        block += 4
        if let memory = unsafe memory { unsafe try append(memory, Int(count), &octets) }
      case .optional:
        let isThere = unsafe base.load(fromByteOffset: Int(step.number), as: UInt8.self) != 0
        octets.set(UInt32(isThere ? 1 : 0), at: block)
        block += 4
        guard isThere else { continue }
        var part = try lay(Int(step.size), &octets)
        unsafe try fields(inside, base, &part, depth, &octets)
      case .union: unsafe try union(step, inside, base, &block, depth, &octets)
      case .child: continue
      case .list: unsafe try list(step, base, &block, depth, &octets)
      }
    }
  }

  @_lifetime(immortal)
  private func span(_ memory: UnsafeRawPointer, _ count: Int) -> RawSpan {
    let octets = unsafe UnsafeRawBufferPointer(start: memory, count: count).bytes
    return unsafe _overrideLifetime(octets, copying: ())
  }

  private func refusal(_ most: UInt32, _ found: UInt32) -> StreamError {
    StreamError(.badValue, .use, at: 0, expected: UInt64(most), found: UInt64(found))
  }

  /// How many elements there are, and where; nil: none, or there is no memory for them.
  private func elements(
    _ step: FieldStep, _ base: UnsafeRawPointer, most: UInt32
  ) throws(StreamError) -> (UInt32, UnsafeRawPointer?) {
    let count = unsafe base.loadUnaligned(fromByteOffset: Int(step.number), as: UInt32.self)
    guard count <= most else { throw refusal(most, count) }
    guard count > 0, step.stride > 0 else { return (count, nil) }
    guard step.isAway else { return unsafe (count, base + Int(step.offset)) }
    guard let memory = unsafe base.loadUnaligned(fromByteOffset: Int(step.offset), as: UnsafeRawPointer?.self) else {
      throw refusal(0, count)
    }
    return unsafe (count, memory)
  }

  private func counted(
    _ step: FieldStep, _ inside: Range<Int>, _ base: UnsafeRawPointer, _ block: inout Int, _ depth: Int,
    _ octets: inout OwnedBytes
  ) throws(StreamError) {
    let (count, memory) = unsafe try elements(step, base, most: step.count)
    octets.set(count, at: block)
    block += 4
    // No overflow: both have 32 bits.
    let byteCount = Int(count) * Int(step.size)
    if step.isBulk, let memory = unsafe memory { return unsafe try append(memory, byteCount, &octets) }
    var start = try lay(byteCount, &octets)
    guard let memory = unsafe memory else { return }
    for element in 0..<Int(count) {
      unsafe try fields(inside, memory + element * Int(step.stride), &start, depth, &octets)
    }
  }

  private func union(
    _ step: FieldStep, _ inside: Range<Int>, _ base: UnsafeRawPointer, _ block: inout Int, _ depth: Int,
    _ octets: inout OwnedBytes
  ) throws(StreamError) {
    let choice = unsafe base.loadUnaligned(fromByteOffset: Int(step.number), as: UInt32.self)
    var child = inside.lowerBound
    for _ in 0..<choice where child < inside.upperBound { child = Int(steps[child].end) }
    guard child < inside.upperBound else { throw refusal(0, choice) }
    octets.set(choice, at: block)
    block += 4
    var part = try lay(Int(steps[child].size), &octets)
    unsafe try fields((child + 1)..<Int(steps[child].end), base, &part, depth, &octets)
  }

  private func list(
    _ step: FieldStep, _ base: UnsafeRawPointer, _ block: inout Int, _ depth: Int, _ octets: inout OwnedBytes
  ) throws(StreamError) {
    let (count, memory) = unsafe try elements(step, base, most: step.size)
    octets.set(count, at: block)
    block += 4
    guard let memory = unsafe memory else { return }
    guard depth < 8 else { throw StreamError(.limitExceeded, .use, at: 0, expected: 8, found: 9) }
    for element in 0..<Int(count) {
      let member = unsafe memory + element * Int(step.stride)
      let choice = unsafe member.loadUnaligned(as: UInt32.self)
      guard choice < step.count else { throw refusal(step.count, choice) }
      let number = elements[Int(step.first + choice)]
      let head = octets.count
      try octets.append(integer: layoutBase &+ number)
      try octets.append(repeating: 0, count: 4)
      unsafe try part(elementSteps[Int(number)], member + Int(step.inner), depth + 1, &octets)
      guard let size = UInt32(exactly: octets.count - head - 8) else { throw refusal(.max, .max) }
      octets.set(size, at: head + 4)
    }
  }
}
