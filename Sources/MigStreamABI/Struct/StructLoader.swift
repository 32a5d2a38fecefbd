internal import CMigStream
internal import MigrationStream

/// Puts section data, in the table's own layout and right by it, into a struct; or looks whether there is memory for it.
///
/// Safe: the table was checked when it was compiled, and the caller says that the struct is there, and behind its
/// pointers room for as many elements as the table says at most, which is what the layout of the data allows.
struct StructLoader: ~Escapable {
  enum Purpose: UInt8 {
    /// Nothing is written.
    case check
    case apply
    /// Neither read nor written: only the data is passed.
    case pass
  }

  private struct Cursor {
    var block: Int
    var variable: Int
  }

  private let steps: Span<FieldStep>
  private let elements: Span<UInt32>
  private let elementSteps: Span<StepRange>
  /// What is taken off layout numbers in heads of elements.
  private let layoutBase: UInt32
  private let data: RawSpan
  private let purpose: Purpose
  private var hasRoom = true

  @_lifetime(copy steps, copy elements, copy elementSteps, copy data)
  init(
    _ steps: Span<FieldStep>, elements: Span<UInt32>, _ elementSteps: Span<StepRange>, layoutBase: UInt32,
    _ data: RawSpan, _ purpose: Purpose
  ) {
    self.steps = steps
    self.elements = elements
    self.elementSteps = elementSteps
    self.layoutBase = layoutBase
    self.data = data
    self.purpose = purpose
  }

  /// - Returns: false when elements came and a pointer is NULL.
  mutating func load(_ range: StepRange, _ base: UnsafeMutableRawPointer) -> Bool {
    var cursor = Cursor(block: 0, variable: padded(range.blockByteCount))
    unsafe fields(range.start..<range.end, base, purpose, &cursor)
    return hasRoom
  }

  private func padded(_ count: Int) -> Int { (count + 7) & ~7 }

  private mutating func fields(
    _ range: Range<Int>, _ base: UnsafeMutableRawPointer, _ purpose: Purpose, _ cursor: inout Cursor
  ) {
    var index = range.lowerBound
    while index < range.upperBound {
      let step = steps[index]
      let inside = (index + 1)..<max(Int(step.end), index + 1)
      index = inside.upperBound
      let purpose = step.isVerified ? .pass : purpose
      switch step.kind {
      case .run:
        if purpose == .apply { unsafe copy(cursor.block, Int(step.size), to: base + Int(step.offset)) }
        cursor.block += Int(step.size)
      case .blank: cursor.block += Int(step.size)
      case .array:
        for element in 0..<Int(step.count) {
          unsafe fields(inside, base + Int(step.offset) + element * Int(step.stride), purpose, &cursor)
        }
      case .counted: unsafe counted(step, inside, base, purpose, &cursor)
      case .octets:
        let count = number(&cursor)
        let memory = unsafe elements(step, count, base, purpose)
        if purpose == .apply {
          unsafe set(count, base + Int(step.number))
          if count > 0, let memory = unsafe memory { unsafe copy(cursor.variable, Int(count), to: memory) }
        }
        cursor.variable += padded(Int(count))
      case .optional:
        let isThere = number(&cursor) != 0
        if purpose == .apply {
          unsafe (base + Int(step.number)).storeBytes(of: isThere ? 1 : 0, as: UInt8.self)
        }
        guard isThere else { continue }
        unsafe part(inside, Int(step.size), base, purpose, &cursor)
      case .union:
        let choice = number(&cursor)
        if purpose == .apply { unsafe set(choice, base + Int(step.number)) }
        var child = inside.lowerBound
        for _ in 0..<choice { child = Int(steps[child].end) }
        unsafe part((child + 1)..<Int(steps[child].end), Int(steps[child].size), base, purpose, &cursor)
      case .child: continue
      case .list: unsafe list(step, base, purpose, &cursor)
      }
    }
  }

  // MARK: Parts

  /// What is inside of an optional, a union's child, or an element of a list: a block, and what belongs to it.
  private mutating func part(
    _ inside: Range<Int>, _ byteCount: Int, _ base: UnsafeMutableRawPointer, _ purpose: Purpose,
    _ cursor: inout Cursor
  ) {
    var inner = Cursor(block: cursor.variable, variable: cursor.variable + padded(byteCount))
    unsafe fields(inside, base, purpose, &inner)
    cursor.variable = inner.variable
  }

  private mutating func counted(
    _ step: FieldStep, _ inside: Range<Int>, _ base: UnsafeMutableRawPointer, _ purpose: Purpose,
    _ cursor: inout Cursor
  ) {
    let count = number(&cursor)
    let memory = unsafe elements(step, count, base, purpose)
    if purpose == .apply { unsafe set(count, base + Int(step.number)) }
    let byteCount = Int(count) * Int(step.size)
    guard !step.isBulk else {
      if purpose == .apply, count > 0, let memory = unsafe memory {
        unsafe copy(cursor.variable, byteCount, to: memory)
      }
      cursor.variable += padded(byteCount)
      return
    }
    var inner = Cursor(block: cursor.variable, variable: cursor.variable + padded(byteCount))
    // Without memory the elements are passed all the same: variable parts follow them.
    let inside = (inside, unsafe memory == nil ? .pass : purpose)
    for element in 0..<Int(count) {
      let member = unsafe memory.map { unsafe $0 + element * Int(step.stride) } ?? base
      unsafe fields(inside.0, member, inside.1, &inner)
    }
    cursor.variable = inner.variable
  }

  private mutating func list(
    _ step: FieldStep, _ base: UnsafeMutableRawPointer, _ purpose: Purpose, _ cursor: inout Cursor
  ) {
    let count = number(&cursor)
    let memory = unsafe elements(step, count, base, purpose)
    if purpose == .apply { unsafe set(count, base + Int(step.number)) }
    for element in 0..<Int(count) {
      let layout = data.integer(at: cursor.variable, as: UInt32.self) &- layoutBase
      let size = Int(data.integer(at: cursor.variable + 4, as: UInt32.self))
      if let memory = unsafe memory, purpose != .pass {
        let member = unsafe memory + element * Int(step.stride)
        if let choice = choice(layout, of: step) {
          if purpose == .apply { unsafe set(choice, member) }
          let range = elementSteps[Int(layout)]
          var inner = Cursor(block: 0, variable: cursor.variable + 8)
          unsafe part(range.start..<range.end, range.blockByteCount, member + Int(step.inner), purpose, &inner)
        } else {
          // An element of the model that this list cannot hold.
          hasRoom = false
        }
      }
      cursor.variable += 8 + size
    }
  }

  /// Which of a list's element layouts it is.
  private func choice(_ layout: UInt32, of step: FieldStep) -> UInt32? {
    for choice in 0..<step.count where elements[Int(step.first + choice)] == layout { return choice }
    return nil
  }

  // MARK: Octets

  /// The number in the block, as 4 octets.
  private func number(_ cursor: inout Cursor) -> UInt32 {
    let number = data.integer(at: cursor.block, as: UInt32.self)
    cursor.block += 4
    return number
  }

  /// Where elements are to lie; nil: nowhere, which is noted when it should be.
  private mutating func elements(
    _ step: FieldStep, _ count: UInt32, _ base: UnsafeMutableRawPointer, _ purpose: Purpose
  ) -> UnsafeMutableRawPointer? {
    guard purpose != .pass, step.stride > 0 else { return nil }
    let most = step.kind == .list ? step.size : step.count
    guard count <= most else {
      hasRoom = false
      return nil
    }
    guard step.isAway else { return unsafe base + Int(step.offset) }
    let memory = unsafe base.loadUnaligned(fromByteOffset: Int(step.offset), as: UnsafeMutableRawPointer?.self)
    if unsafe memory == nil, count > 0 { hasRoom = false }
    return unsafe memory
  }

  private func set(_ value: UInt32, _ memory: UnsafeMutableRawPointer) {
    unsafe memory.storeBytes(of: value, as: UInt32.self)
  }

  private func copy(_ position: Int, _ count: Int, to memory: UnsafeMutableRawPointer) {
    unsafe data.extracting(position..<(position + count)).withUnsafeBytes { source in
      unsafe memory.copyMemory(from: source.baseAddress.unsafelyUnwrapped, byteCount: count)
    }
  }
}
