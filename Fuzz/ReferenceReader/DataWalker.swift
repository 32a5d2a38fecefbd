/// One value of section data: which field it is of, and where its octets lie.
public struct ReferenceValue: Equatable, Sendable {
  /// Number of the layout that the field is an entry of.
  public var layout: Int
  public var field: Int
  /// In its array, list elements counted like those.
  public var element: Int
  /// Groups and list elements around it.
  public var depth: Int
  /// The element's octets: of a scalar its own, of counted ones those it counts, of a group its number in the block.
  public var octets: Range<Int>
}

/// Walks section data by its layout, entry by entry, and checks what framing checks.
///
/// Source: Specs/20-layouts.md section 4.
struct DataWalker {
  /// A part of the data that a target may name.
  struct Point {
    /// Position of the one around it in ``DataWalker/points``; -1: none.
    var parent: Int
    /// -1: no target leads here.
    var field: Int
    var element: Int
    /// Whether its layout is external, so that steps below are not judged.
    var isExternal: Bool
    var depth: Int
  }

  private(set) var points: [Point] = []
  private(set) var values: [ReferenceValue] = []
  private let octets: [UInt8]
  private let layouts: [ReferenceLayout]
  private let limits: ReferenceLimits
  private let collectsPoints: Bool
  private let collectsValues: Bool
  /// The variable part.
  private var cursor: Cursor

  init(
    _ octets: [UInt8], _ layouts: [ReferenceLayout], _ limits: ReferenceLimits, collectsPoints: Bool,
    _ collectsValues: Bool
  ) {
    self.octets = octets
    self.layouts = layouts
    self.limits = limits
    self.collectsPoints = collectsPoints
    self.collectsValues = collectsValues
    cursor = Cursor(octets, 0, 0)
  }

  /// - Returns: What is wrong with the data; the points before it are those a walk would have met.
  mutating func walk(_ data: Range<Int>, _ layout: Int) -> ReferenceRefusal? {
    cursor = Cursor(octets, data.lowerBound, data.upperBound)
    points = [Point(parent: -1, field: -1, element: 0, isExternal: layouts[layout].isExternal, depth: 0)]
    guard !layouts[layout].isExternal else { return nil }
    do throws(ReferenceRefusal) {
      try part(layout, 0..<layouts[layout].fields.count, 0, 0)
      try cursor.mustEnd()
      return nil
    } catch { return error }
  }

  /// Whether a target names a point, or something inside of a point whose layout is external.
  func isTarget(_ number: Int, _ target: [(UInt64, UInt64)]) -> Bool {
    var point = points[number]
    guard point.depth == target.count || point.isExternal && point.depth < target.count else { return false }
    while point.depth > 0 {
      let (field, element) = target[point.depth - 1]
      guard point.field >= 0, UInt64(point.field) == field, UInt64(point.element) == element else { return false }
      point = points[point.parent]
    }
    return true
  }

  private mutating func met(_ parent: Int, _ field: Int, _ element: Int, isExternal: Bool = false) -> Int {
    guard collectsPoints else { return 0 }
    points.append(
      Point(
        parent: parent, field: field, element: element, isExternal: isExternal, depth: points[parent].depth + 1))
    return points.count - 1
  }

  private func judgeDepth(_ depth: Int, at offset: Int) throws(ReferenceRefusal) {
    try demand(UInt64(depth) < limits.nestingMax, .limitExceeded, at: offset, limits.nestingMax, UInt64(depth + 1))
  }

  /// The block of some entries and zeros, then their variable parts.
  private mutating func part(
    _ layout: Int, _ fields: Range<Int>, _ depth: Int, _ point: Int
  ) throws(ReferenceRefusal) {
    var length = 0
    var next = fields.lowerBound
    while next < fields.upperBound {
      length += layouts[layout].fields[next].byteCount
      next += 1 + layouts[layout].fields[next].descendants
    }
    let block = cursor.at
    try cursor.padded(length)
    var end = block
    try walk(layout, fields, &end, depth, point)
  }

  /// - Parameter block: Where the block octets of the first entry stand; then behind those of the last.
  private mutating func walk(
    _ layout: Int, _ fields: Range<Int>, _ block: inout Int, _ depth: Int, _ point: Int
  ) throws(ReferenceRefusal) {
    var number = fields.lowerBound
    while number < fields.upperBound {
      let descendants = layouts[layout].fields[number].descendants
      try walk(layout, number, block, depth, point)
      block += layouts[layout].fields[number].byteCount
      number += 1 + descendants
    }
  }

  /// One entry: its octets in the block, then its variable part.
  private mutating func walk(
    _ layout: Int, _ number: Int, _ block: Int, _ depth: Int, _ point: Int
  ) throws(ReferenceRefusal) {
    let type = layouts[layout].fields[number].type
    let (shape, width) = (layouts[layout].fields[number].shape, layouts[layout].fields[number].width)
    var count = max(1, layouts[layout].fields[number].count)
    var first = block
    if shape == 2 {
      let there = integer(octets, block, 4)
      try demand(there <= UInt64(count), .badValue, at: block, UInt64(count), there)
      count = Int(there)
      first = cursor.at
      try cursor.padded(count * width)
    }
    if type.hasVariablePart {
      for element in 0..<count {
        try walkElement(layout, number, element, first + element * width, depth, point)
      }
      return
    }
    if type == .bool || type == .padding {
      for place in first..<(first + count * width) where octets[place] > (type == .bool ? 1 : 0) {
        throw ReferenceRefusal(
          type == .bool ? .badValue : .badPadding, at: place, expected: type == .bool ? 1 : 0,
          found: UInt64(octets[place]))
      }
    }
    guard collectsValues else { return }
    for element in 0..<count {
      keep(layout, number, element, depth, (first + element * width)..<(first + (element + 1) * width))
    }
  }

  private mutating func keep(_ layout: Int, _ field: Int, _ element: Int, _ depth: Int, _ octets: Range<Int>) {
    guard collectsValues else { return }
    values.append(ReferenceValue(layout: layout, field: field, element: element, depth: depth, octets: octets))
  }

  /// One element of a structure, or of a type that has a variable part.
  private mutating func walkElement(
    _ layout: Int, _ number: Int, _ element: Int, _ at: Int, _ depth: Int, _ point: Int
  ) throws(ReferenceRefusal) {
    let type = layouts[layout].fields[number].type
    let inside = (number + 1)..<(number + 1 + layouts[layout].fields[number].descendants)
    if type == .structure {
      try judgeDepth(depth, at: at)
      keep(layout, number, element, depth, at..<at)
      let here = met(point, number, element)
      var block = at
      return try walk(layout, inside, &block, depth + 1, here)
    }
    let count = integer(octets, at, 4)
    let (least, most) = bounds(layout, number, inside)
    try demand(count >= least && count <= most, .badValue, at: at, count < least ? least : most, count)
    switch type {
    case .countedBytes, .string:
      let start = cursor.at
      try cursor.padded(Int(count))
      if type == .string { try demand(isUTF8(octets, start, start + Int(count)), .badText, at: start) }
      keep(layout, number, element, depth, start..<(start + Int(count)))
    case .list:
      keep(layout, number, element, depth, at..<(at + 4))
      // No target leads into an array of lists.
      let isAlone = layouts[layout].fields[number].shape == 0
      for place in 0..<Int(count) { try listElement(isAlone ? number : -1, place, depth, point) }
    case .optional where count == 0: keep(layout, number, element, depth, at..<(at + 4))
    default:
      try judgeDepth(depth, at: cursor.at)
      keep(layout, number, element, depth, at..<(at + 4))
      let here = met(point, number, element)
      let present = type == .optional ? inside : child(layout, inside, Int(count))
      try part(layout, present, depth + 1, here)
    }
  }

  /// What a number in the block may be.
  private func bounds(_ layout: Int, _ number: Int, _ inside: Range<Int>) -> (UInt64, UInt64) {
    let field = layouts[layout].fields[number]
    switch field.type {
    case .optional: return (0, 1)
    case .union:
      var children: UInt64 = 0
      var next = inside.lowerBound
      while next < inside.upperBound {
        children += 1
        next += 1 + layouts[layout].fields[next].descendants
      }
      return (0, children - 1)
    default: return field.hasRange ? (field.min, field.max) : (0, none32)
    }
  }

  /// The entries of a union's child.
  private func child(_ layout: Int, _ inside: Range<Int>, _ count: Int) -> Range<Int> {
    var next = inside.lowerBound
    for _ in 0..<count { next += 1 + layouts[layout].fields[next].descendants }
    return next..<(next + 1 + layouts[layout].fields[next].descendants)
  }

  private mutating func listElement(
    _ number: Int, _ place: Int, _ depth: Int, _ point: Int
  ) throws(ReferenceRefusal) {
    try judgeDepth(depth, at: cursor.at)
    let start = try cursor.take(8)
    let (layout, length) = (integer(octets, start, 4), integer(octets, start + 4, 4))
    try demand(layout < UInt64(layouts.count), .unknownLayout, at: start, UInt64(layouts.count), layout)
    try demand(length % 8 == 0, .badValue, at: start + 4, 0, length)
    _ = try cursor.take(Int(length))
    let isExternal = layouts[Int(layout)].isExternal
    let here = met(point, number, place, isExternal: isExternal)
    guard !isExternal else { return keep(Int(layout), -1, place, depth, (start + 8)..<cursor.at) }
    let outer = cursor
    cursor = Cursor(octets, start + 8, outer.at)
    try part(Int(layout), 0..<layouts[Int(layout)].fields.count, depth + 1, here)
    try cursor.mustEnd()
    cursor = outer
  }
}
