internal import MigrationStream

/// Checked data of a section, for reading it in stream order.
struct AnnotatedData: ~Escapable {
  let octets: RawSpan
  /// Octets from the start of the stream to the data.
  let offset: UInt64
  let layouts: LayoutTable

  @_lifetime(copy octets, copy layouts)
  init(octets: RawSpan, offset: UInt64, layouts: LayoutTable) {
    self.octets = octets
    self.offset = offset
    self.layouts = layouts
  }

  func count(at position: Int) -> Int { Int(octets.integer(at: position, as: UInt32.self)) }
}

/// Fields in the order of the stream: the block first, then the variable parts in field order.
///
/// Only for data that a ``SectionWalker`` has found right: nothing is checked again, and depth is at most its.
///
/// Source: Specs/20-layouts.md section 4.
extension StreamInspector {
  mutating func annotate(_ data: AnnotatedData, layout number: UInt32) throws(StreamError) {
    let layout = data.layouts.layout(number)
    _ = part(layout.subtree(of: nil), layout, data, from: 0)
  }

  /// A part, and the position after it.
  private mutating func part(
    _ fields: Range<Int>, _ layout: LayoutView, _ data: AnnotatedData, from start: Int
  ) -> Int {
    var block = start
    blockRows(fields, layout, data, &block)
    var variable = pad(data, from: block, start: start)
    block = start
    variableRows(fields, layout, data, &block, &variable)
    return variable
  }

  // MARK: Blocks

  private mutating func blockRows(
    _ fields: Range<Int>, _ layout: LayoutView, _ data: AnnotatedData, _ block: inout Int
  ) {
    var number = fields.lowerBound
    while number < fields.upperBound {
      let entry = layout.entries[number]
      switch entry.shape {
      case .one: blockRow(number, nil, layout, data, &block)
      case .countedArray: countRow(number, nil, "elements", layout, data, &block)
      case .fixedArray: blockElements(number, Int(entry.count), layout, data, &block)
      }
      number = layout.sibling(after: number)
    }
  }

  private mutating func blockElements(
    _ number: Int, _ count: Int, _ layout: LayoutView, _ data: AnnotatedData, _ block: inout Int
  ) {
    let entry = layout.entries[number]
    if entry.type.isLeaf { return arrayRow(number, count, layout, data, &block) }
    open(number, nil, layout)
    for index in 0..<count { blockRow(number, index, layout, data, &block) }
    filter.end()
  }

  /// One element, or a field of shape one.
  private mutating func blockRow(
    _ number: Int, _ index: Int?, _ layout: LayoutView, _ data: AnnotatedData, _ block: inout Int
  ) {
    let entry = layout.entries[number]
    switch entry.type {
    case .structure:
      open(number, index, layout)
      blockRows(layout.subtree(of: number), layout, data, &block)
      filter.end()
    case .countedBytes, .string: countRow(number, index, "octets", layout, data, &block)
    case .list: countRow(number, index, "elements", layout, data, &block)
    case .union: countRow(number, index, "child", layout, data, &block)
    case .optional: countRow(number, index, "present", layout, data, &block)
    default: leafRow(number, index, block, Int(entry.width), layout, data)
      block += Int(entry.width)
    }
  }

  // MARK: Variable parts

  private mutating func variableRows(
    _ fields: Range<Int>, _ layout: LayoutView, _ data: AnnotatedData, _ block: inout Int,
    _ variable: inout Int
  ) {
    var number = fields.lowerBound
    while number < fields.upperBound {
      let entry = layout.entries[number]
      switch entry.shape {
      case .one: variableRow(number, nil, layout, data, &block, &variable)
      case .fixedArray:
        variableElements(number, Int(entry.count), layout, data, &block, &variable)
      case .countedArray:
        let count = data.count(at: block)
        block += 4
        let start = variable
        var end = start
        blockElements(number, count, layout, data, &end)
        variable = pad(data, from: end, start: start)
        var inner = start
        variableElements(number, count, layout, data, &inner, &variable)
      }
      number = layout.sibling(after: number)
    }
  }

  private mutating func variableElements(
    _ number: Int, _ count: Int, _ layout: LayoutView, _ data: AnnotatedData, _ block: inout Int,
    _ variable: inout Int
  ) {
    let entry = layout.entries[number]
    guard !entry.type.isLeaf else {
      block += count * Int(entry.width)
      return
    }
    open(number, nil, layout)
    for index in 0..<count { variableRow(number, index, layout, data, &block, &variable) }
    filter.end()
  }

  private mutating func variableRow(
    _ number: Int, _ index: Int?, _ layout: LayoutView, _ data: AnnotatedData, _ block: inout Int,
    _ variable: inout Int
  ) {
    let entry = layout.entries[number]
    guard entry.type != .structure else {
      open(number, index, layout)
      variableRows(layout.subtree(of: number), layout, data, &block, &variable)
      return filter.end()
    }
    defer { block += Int(entry.width) }
    guard !entry.type.isLeaf else { return }
    let count = data.count(at: block)
    switch entry.type {
    case .countedBytes, .string:
      if count > 0 { leafRow(number, index, variable, count, layout, data) }
      variable = pad(data, from: variable + count, start: variable)
    case .list: list(number, index, count, layout, data, &variable)
    case .union:
      // The walk found the child.
      guard let child = layout.child(at: UInt32(count), of: number) else { return }
      open(number, index, layout)
      variable = part(child..<layout.sibling(after: child), layout, data, from: variable)
      filter.end()
    default:
      guard count == 1 else { return }
      open(number, index, layout)
      variable = part(layout.subtree(of: number), layout, data, from: variable)
      filter.end()
    }
  }

  private mutating func list(
    _ number: Int, _ index: Int?, _ count: Int, _ layout: LayoutView, _ data: AnnotatedData,
    _ variable: inout Int
  ) {
    open(number, index, layout)
    for position in 0..<count {
      let element = UInt32(data.count(at: variable))
      let length = data.count(at: variable + 4)
      filter.begin(ReportNode("[\(position)]"))
      row("layout", at: variable, 4, type: "u32", value: .unsigned(UInt64(element)), step: "@layout", data)
      row(
        "len_element", at: variable + 4, 4, type: "u32", value: .unsigned(UInt64(length)), step: "@len_element",
        data)
      let start = variable + 8
      if data.layouts.isExternal(element) {
        let octets = data.octets.extracting(start..<(start + length))
        row(
          "data", at: start, length, type: "octets",
          value: .octets(Array(octets, max: options.octetsMax), count: UInt64(length)), step: "@data", data)
      } else {
        let inner = data.layouts.layout(element)
        _ = part(inner.subtree(of: nil), inner, data, from: start)
      }
      variable = start + length
      filter.end()
    }
    filter.end()
  }

  // MARK: Rows

  private mutating func open(_ number: Int, _ index: Int?, _ layout: LayoutView) {
    let name = String(octets: layout.name(of: number))
    filter.begin(ReportNode(index.map { "[\($0)]" } ?? name, step: index == nil ? ReportPath.step(name) : ""))
  }

  private mutating func row(
    _ name: String, at position: Int, _ count: Int, type: String, value: ReportValue, meaning: String = "",
    step: String = "", _ data: AnnotatedData
  ) {
    guard count > 0 else { return }
    filter.leaf(
      ReportNode(
        name, step: step, at: data.offset + UInt64(position), length: UInt64(count), type: type, value: value,
        meaning: meaning), octets: data.octets.extracting(position..<(position + count)))
  }

  /// A number in the block that says what the variable part holds.
  private mutating func countRow(
    _ number: Int, _ index: Int?, _ meaning: String, _ layout: LayoutView, _ data: AnnotatedData,
    _ block: inout Int
  ) {
    let name = String(octets: layout.name(of: number))
    row(
      index.map { "[\($0)]" } ?? name, at: block, 4, type: "u32", value: .unsigned(UInt64(data.count(at: block))),
      meaning: meaning, step: index == nil ? ReportPath.step(name) : "", data)
    block += 4
  }

  private mutating func leafRow(
    _ number: Int, _ index: Int?, _ position: Int, _ count: Int, _ layout: LayoutView, _ data: AnnotatedData
  ) {
    let entry = layout.entries[number]
    let name = String(octets: layout.name(of: number))
    let octets = data.octets.extracting(position..<(position + count))
    var node = fields.node(
      index.map { "[\($0)]" } ?? name, entry, number: number, octets, at: data.offset + UInt64(position), of: layout)
    if index == nil { node.step = ReportPath.step(name) }
    filter.leaf(node, octets: octets)
  }

  private mutating func arrayRow(
    _ number: Int, _ count: Int, _ layout: LayoutView, _ data: AnnotatedData, _ block: inout Int
  ) {
    let entry = layout.entries[number]
    let length = count * Int(entry.width)
    guard length > 0 else { return }
    let name = String(octets: layout.name(of: number))
    let octets = data.octets.extracting(block..<(block + length))
    var node = fields.arrayNode(
      name, entry, number: number, count: count, octets, at: data.offset + UInt64(block), of: layout)
    node.step = ReportPath.step(name)
    filter.leaf(node, octets: octets)
    block += length
  }

  /// The zero octets after `end` up to a multiple of 8 from `start`, and the position after them.
  private mutating func pad(_ data: AnnotatedData, from end: Int, start: Int) -> Int {
    let count = (start - end) & 7
    row("padding", at: end, count, type: "padding", value: .none, step: "@padding", data)
    return end + count
  }
}
