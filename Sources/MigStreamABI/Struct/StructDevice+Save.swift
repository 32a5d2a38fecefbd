internal import CMigStream
internal import MigrationStream

extension StructDevice {
  /// How many sections of a piece are to be announced: as the struct has them now.
  ///
  /// - Throws: `badValue` for more than the table says.
  borrowing func announcedCount(of index: Int) throws(StreamError) -> Int {
    let piece = pieces[index]
    guard piece.isMany else {
      return unsafe !piece.isOptional || isThere(piece, in: UnsafeRawPointer(place.state)) ? 1 : 0
    }
    let given = unsafe piece.table.pointee
    let count = unsafe place.state.loadUnaligned(fromByteOffset: Int(given.has_offset), as: UInt32.self)
    guard unsafe count <= given.max_count else {
      throw unsafe StreamError(.badValue, .use, at: 0, expected: UInt64(given.max_count), found: UInt64(count))
    }
    return Int(count)
  }

  private borrowing func isThere(_ piece: StructPiece, in owner: UnsafeRawPointer) -> Bool {
    let given = unsafe piece.table.pointee
    if let needed = unsafe given.needed { return unsafe needed(owner) }
    return unsafe owner.load(fromByteOffset: Int(given.has_offset), as: UInt8.self) != 0
  }

  /// Appends one section, with its subsections, to octets whose number is a multiple of 8.
  ///
  /// - Parameters:
  ///   - element: Which one, of sections that come many times.
  ///   - layoutBase: What the stream adds to numbers of the device's layouts.
  /// - Throws: `badValue`, `limitExceeded`, `outOfMemory`.
  borrowing func save(
    _ index: Int, element: Int, layoutBase: UInt32, to octets: inout OwnedBytes
  ) throws(StreamError) -> SectionShape {
    let base = unsafe base(of: index, element)
    let start = octets.count
    unsafe try write(index, base, layoutBase, to: &octets)
    let byteCount = octets.count - start
    let count = unsafe try saveSubsections(of: index, base, layoutBase, to: &octets)
    return SectionShape(dataByteCount: byteCount, subsectionCount: count)
  }

  /// Writes the data of one section, of a stream whose first layout is the device's own.
  borrowing func write(_ index: Int, element: Int, to octets: inout OwnedBytes) throws(StreamError) {
    unsafe try write(index, base(of: index, element), 0, to: &octets)
  }

  private borrowing func base(of index: Int, _ element: Int) -> UnsafeRawPointer {
    let given = unsafe pieces[index].table.pointee
    return unsafe UnsafeRawPointer(place.state) + Int(given.offset) + element * Int(given.stride)
  }

  /// Whether a subsection lies in a section; one that may, because it hangs on an element, counts.
  borrowing func hasSubsections(_ index: Int, element: Int) -> Bool {
    for inner in sectionCount..<max(pieces.count, sectionCount) where pieces[inner].owner == index {
      if pieces[inner].targetEntry != nil { return true }
      if unsafe isThere(pieces[inner], in: base(of: index, element)) { return true }
    }
    return false
  }

  borrowing func write(
    _ index: Int, _ base: UnsafeRawPointer, _ layoutBase: UInt32, to octets: inout OwnedBytes
  ) throws(StreamError) {
    let writer = StructWriter(
      steps.span, elements: elements.span, elementSteps.span, layoutBase: layoutBase &+ elementBase)
    unsafe try writer.write(pieces[index].steps, base, to: &octets)
  }

  // MARK: Subsections

  /// Appends the subsections of a piece in the order of the stream: those of the whole, then by what they hang on, element
  /// by element.
  ///
  /// - Returns: How many, nested ones not counted.
  private borrowing func saveSubsections(
    of owner: Int, _ base: UnsafeRawPointer, _ layoutBase: UInt32, to octets: inout OwnedBytes
  ) throws(StreamError) -> UInt16 {
    var count = 0
    for index in sectionCount..<max(pieces.count, sectionCount)
    where pieces[index].owner == owner && pieces[index].targetEntry == nil {
      count += unsafe try saveSubsection(index, base, nil, layoutBase, to: &octets)
    }
    var last: UInt32?
    while let entry = nextTarget(of: owner, after: last) {
      last = entry
      let target = firstTarget(of: owner, at: entry)
      let (number, memory) = unsafe Self.elements(of: target, base)
      for element in 0..<number {
        guard let memory = unsafe memory else { break }
        let part = unsafe memory + element * Int(target.stride)
        for index in sectionCount..<pieces.count where pieces[index].owner == owner && pieces[index].targetEntry == entry {
          count += unsafe try saveSubsection(index, part, UInt32(element), layoutBase, to: &octets)
        }
      }
    }
    guard let count = UInt16(exactly: count) else { throw StreamError(.limitExceeded, .use, at: 0, found: UInt64(count)) }
    return count
  }

  /// The next entry of an owner's layout that subsections hang on.
  private borrowing func nextTarget(of owner: Int, after last: UInt32?) -> UInt32? {
    var next: UInt32?
    for index in sectionCount..<max(pieces.count, sectionCount) where pieces[index].owner == owner {
      guard let entry = pieces[index].targetEntry, last.map({ entry > $0 }) ?? true else { continue }
      if next.map({ entry < $0 }) ?? true { next = entry }
    }
    return next
  }

  private borrowing func firstTarget(of owner: Int, at entry: UInt32) -> FieldStep {
    for index in sectionCount..<pieces.count where pieces[index].owner == owner && pieces[index].targetEntry == entry {
      return pieces[index].target
    }
    return FieldStep(.child)
  }

  /// The elements that subsections hang on.
  static func elements(of target: FieldStep, _ base: UnsafeRawPointer) -> (count: Int, memory: UnsafeRawPointer?) {
    var count = target.count
    if target.kind == .counted {
      count = unsafe min(count, base.loadUnaligned(fromByteOffset: Int(target.number), as: UInt32.self))
    }
    guard target.isAway else { return unsafe (Int(count), base + Int(target.offset)) }
    return unsafe (Int(count), base.loadUnaligned(fromByteOffset: Int(target.offset), as: UnsafeRawPointer?.self))
  }

  /// - Parameters:
  ///   - base: The struct of the owner, or of the element that it hangs on.
  ///   - element: Position of that; nil: it hangs on the owner.
  /// - Returns: 1, or 0 when it is not there.
  private borrowing func saveSubsection(
    _ index: Int, _ base: UnsafeRawPointer, _ element: UInt32?, _ layoutBase: UInt32, to octets: inout OwnedBytes
  ) throws(StreamError) -> Int {
    let piece = pieces[index]
    guard unsafe isThere(piece, in: base) else { return 0 }
    let own = unsafe base + Int(piece.table.pointee.offset)
    let head = octets.count
    try octets.append(integer: UInt32(0))
    try octets.append(integer: UInt16(truncatingIfNeeded: index - sectionCount))
    try octets.append(integer: UInt16(0))
    try octets.append(integer: layoutBase &+ UInt32(index))
    try octets.append(integer: UInt32(element == nil ? 0 : 1))
    try octets.append(integer: UInt64(0))
    if let element, let entry = piece.targetEntry {
      try octets.append(integer: entry)
      try octets.append(integer: element)
    }
    let data = octets.count
    unsafe try write(index, own, layoutBase, to: &octets)
    octets.set(UInt64(octets.count - data), at: head + 16)
    octets.set(unsafe try saveSubsections(of: index, own, layoutBase, to: &octets), at: head + 6)
    guard let length = UInt32(exactly: octets.count - head) else {
      throw StreamError(.limitExceeded, .use, at: 0, expected: UInt64(UInt32.max), found: UInt64(octets.count - head))
    }
    octets.set(length, at: head)
    return 1
  }
}
