/// Where sections came.
struct SectionPlaces {
  /// Of each device, the number of its first section in ``places``.
  private var first: [Int] = []
  private var places: [Range<Int>?] = []
  private(set) var count: UInt64 = 0
  /// The section before in this pass, as a position in ``places``.
  private var before = -1

  init() {}

  init(_ manifest: ReferenceManifest) {
    var total = 0
    for device in manifest.devices {
      first.append(total)
      total += device.sections.count
    }
    places = [Range<Int>?](repeating: nil, count: total)
  }

  mutating func passEnds() { before = -1 }

  func place(_ device: Int, _ section: Int) -> Range<Int>? { places[first[device] + section] }

  /// The order of sections, and the flag `replaces`.
  mutating func judge(_ header: Header, _ section: Int, at offset: Int) throws(ReferenceRefusal) {
    let place = first[Int(header.device)] + section
    let replaces = header.flags & 4 != 0
    try demand(place != before, .duplicateSection, at: offset)
    try demand(place > before, .sectionOutOfOrder, at: offset)
    try demand(places[place] != nil || !replaces, .badValue, at: header.flagsAt)
    try demand(places[place] == nil || replaces, .duplicateSection, at: offset)
    before = place
    places[place] = header.start..<header.end
    count += 1
  }
}

/// A section or subsection whose head was read.
private struct Piece {
  var layout: Int
  var layoutAt: Int
  var nestedCount: UInt64
  var subsection: UInt64 = 0
  var target: [Step] = []
  var data: Range<Int>
  /// What is nested starts behind the data.
  var end: Int

  struct Step: Equatable {
    var field: UInt64
    var element: UInt64
  }

  /// Whether it comes behind another of the same parent.
  func follows(_ other: Piece) -> Bool {
    for place in 0..<min(target.count, other.target.count) where target[place] != other.target[place] {
      let (mine, its) = (target[place], other.target[place])
      return mine.field == its.field ? mine.element > its.element : mine.field > its.field
    }
    if target.count != other.target.count { return target.count > other.target.count }
    return subsection > other.subsection
  }
}

extension ChannelReading {
  /// Chapter 10 section 6.
  mutating func readSection(_ header: Header, _ cursor: inout Cursor) throws(ReferenceRefusal) {
    let start = cursor.at
    let device = manifest?.devices[Int(header.device)] ?? ReferenceManifest.Device()
    let section = try cursor.number(2)
    try demand(
      section < UInt64(device.sections.count), .unknownSection, at: start, UInt64(device.sections.count), section)
    try judgeMark(header, device.sections[Int(section)].mark)
    let nested = try cursor.number(2)
    let layout = try layoutNumber(try cursor.number(4), at: start + 4)
    let pass = try cursor.number(4)
    try demand(pass == UInt64(barriers.count), .badPass, at: start + 8, UInt64(barriers.count), pass)
    try cursor.reserved(4)
    let length = try cursor.number(8)
    try demand(length % 8 == 0, .badValue, at: start + 16, 0, length)
    try demand(length <= UInt64(cursor.left), .truncatedData, at: start + 16, length, UInt64(cursor.left))
    let piece = Piece(
      layout: layout, layoutAt: start + 4, nestedCount: nested, data: cursor.at..<(cursor.at + Int(length)),
      end: cursor.end)
    try sections.judge(header, Int(section), at: start)
    cursor.at = piece.data.upperBound
    try readInside(piece, &cursor, UInt64(device.subsections.count), depth: 0)
  }

  private func layoutNumber(_ number: UInt64, at offset: Int) throws(ReferenceRefusal) -> Int {
    try demand(number < UInt64(layouts.count), .unknownLayout, at: offset, UInt64(layouts.count), number)
    return Int(number)
  }

  /// The heads of what is nested, left-over octets, the rest of the data, then the inside of what is nested.
  ///
  /// The data is walked to its end at once; what is wrong in it counts when a walk in step with the heads would have
  /// come to it.
  ///
  /// - Parameter cursor: Behind the data; its start is that of the piece.
  private mutating func readInside(
    _ piece: Piece, _ cursor: inout Cursor, _ announced: UInt64, depth: UInt64
  ) throws(ReferenceRefusal) {
    let layout = try layoutNumber(UInt64(piece.layout), at: piece.layoutAt)
    var walker = DataWalker(octets, layouts, limits, collectsPoints: piece.nestedCount > 0, collectsValues)
    let fault = walker.walk(piece.data, layout)
    var nested: [Piece] = []
    var reached = 0
    for _ in 0..<piece.nestedCount {
      let head = try readHead(&cursor, announced, depth)
      if let before = nested.last { try demand(head.follows(before), .badOrder, at: head.layoutAt - 8) }
      while reached < walker.points.count, !walker.isTarget(reached, head.target.map { ($0.field, $0.element) }) {
        reached += 1
      }
      if reached == walker.points.count {
        if let fault { throw fault }
        throw ReferenceRefusal(.badTarget, at: head.layoutAt + 16)
      }
      nested.append(head)
    }
    try cursor.mustEnd()
    if let fault { throw fault }
    values += walker.values
    for inner in nested {
      var rest = Cursor(octets, inner.layoutAt - 8, inner.end)
      rest.at = inner.data.upperBound
      try readInside(inner, &rest, announced, depth: depth + 1)
    }
  }

  /// Section 6.1: a subsection as its parent sees it; the cursor goes on behind it.
  private func readHead(
    _ cursor: inout Cursor, _ announced: UInt64, _ depth: UInt64
  ) throws(ReferenceRefusal) -> Piece {
    let start = cursor.at
    try demand(depth < limits.nestingMax, .limitExceeded, at: start, limits.nestingMax, depth + 1)
    let length = try cursor.number(4)
    let subsection = try cursor.number(2)
    let nested = try cursor.number(2)
    let layout = try cursor.number(4)
    let steps = try cursor.number(2)
    try cursor.reserved(2)
    let data = try cursor.number(8)
    try demand(length % 8 == 0 && length >= 24, .badValue, at: start, 24, length)
    try demand(subsection < announced, .unknownSection, at: start + 4, announced, subsection)
    try demand(steps <= 8, .badValue, at: start + 12, 8, steps)
    let least = 24 + 8 * steps
    try demand(least <= length, .truncatedData, at: start + 12, least, length)
    try demand(data % 8 == 0, .badValue, at: start + 16, 0, data)
    try demand(data <= length - least, .truncatedData, at: start + 16, data, length - least)
    let there = UInt64(cursor.end - start)
    try demand(length <= there, .truncatedData, at: start, length, there)
    let dataStart = start + Int(least)
    var piece = Piece(
      layout: Int(layout), layoutAt: start + 8, nestedCount: nested, subsection: subsection,
      data: dataStart..<(dataStart + Int(data)), end: start + Int(length))
    for step in 0..<Int(steps) {
      let at = start + 24 + 8 * step
      piece.target.append(Piece.Step(field: integer(octets, at, 4), element: integer(octets, at + 4, 4)))
    }
    cursor.at = piece.end
    return piece
  }
}
