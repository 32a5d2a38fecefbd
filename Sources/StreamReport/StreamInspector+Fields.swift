public import MigrationStream

/// The fields of a section, in tree order.
extension StreamInspector: FieldVisitor {
  public mutating func value(
    _ octets: RawSpan, at place: FieldPlace, of layout: LayoutView
  ) throws(StreamError) {
    let entry = layout.entries[place.number]
    guard entry.type != .padding else { return }
    filter.leaf(
      fields.node(name(place, layout), entry, number: place.number, octets, at: place.offset, of: layout)
        .stepped(place),
      octets: octets)
  }

  public mutating func values(
    _ octets: RawSpan, count: Int, at place: FieldPlace, of layout: LayoutView
  ) throws(StreamError) {
    let entry = layout.entries[place.number]
    guard entry.type != .padding else { return }
    filter.leaf(
      fields.arrayNode(
        name(place, layout), entry, number: place.number, count: count, octets, at: place.offset, of: layout
      ).stepped(place), octets: octets)
  }

  public mutating func beginArray(
    count: Int, at place: FieldPlace, of layout: LayoutView
  ) throws(StreamError) {
    filter.begin(node(place, layout, meaning: "\(count) elements"))
    if isUnreachable(place, layout) { open.unreachable += 1 }
  }

  public mutating func endArray(at place: FieldPlace, of layout: LayoutView) throws(StreamError) {
    filter.end()
    if isUnreachable(place, layout) { open.unreachable -= 1 }
  }

  public mutating func enter(_ place: FieldPlace, of layout: LayoutView) throws(StreamError) {
    begin(place, layout)
  }

  public mutating func leave(_ place: FieldPlace, of layout: LayoutView) throws(StreamError) {
    filter.end()
    open.steps.removeLast()
  }

  public mutating func absent(_ place: FieldPlace, of layout: LayoutView) throws(StreamError) {
    filter.leaf(node(place, layout, meaning: "absent"))
  }

  public mutating func enterElement(
    _ place: FieldPlace, of layout: LayoutView, element: LayoutView, number: UInt32
  ) throws(StreamError) {
    begin(place, layout, meaning: "layout \(number), \(String(octets: element.name))")
  }

  public mutating func opaqueElement(
    _ octets: RawSpan, at place: FieldPlace, of layout: LayoutView, number: UInt32
  ) throws(StreamError) {
    var node = node(place, layout, meaning: "external layout \(number)")
    node.length = UInt64(octets.byteCount) + 8
    node.value = .octets(Array(octets, max: options.octetsMax), count: UInt64(octets.byteCount))
    filter.leaf(node)
    meet(place, path: filter.currentPath + name(place, layout))
    open.steps.removeLast()
  }

  private mutating func begin(_ place: FieldPlace, _ layout: LayoutView, meaning: String = "") {
    filter.begin(node(place, layout, meaning: meaning))
    meet(place, path: filter.currentPath)
  }

  /// Steps into a part, and gives it to the subsections that belong to it.
  private mutating func meet(_ place: FieldPlace, path: String) {
    open.steps.append(
      TargetStep(
        field: UInt32(truncatingIfNeeded: place.number), element: UInt32(truncatingIfNeeded: place.element ?? 0)))
    guard open.unreachable == 0 else { return }
    while open.next < open.targets.count, open.targets[open.next].steps == open.steps {
      open.targets[open.next].path = path
      open.next += 1
    }
  }

  private func isUnreachable(_ place: FieldPlace, _ layout: LayoutView) -> Bool {
    layout.entries[place.number].type == .list && place.element != nil
  }

  private func node(_ place: FieldPlace, _ layout: LayoutView, meaning: String) -> ReportNode {
    let entry = layout.entries[place.number]
    let length = place.element == nil ? UInt64(entry.blockByteCount) : UInt64(entry.width)
    return ReportNode(
      name(place, layout), at: place.offset, length: length,
      type: place.element == nil ? FieldText.typeName(entry) : "element", meaning: meaning,
      isSkippable: entry.mark == .skippable
    ).stepped(place)
  }

  private func name(_ place: FieldPlace, _ layout: LayoutView) -> String {
    place.element.map { "[\($0)]" } ?? String(octets: layout.name(of: place.number))
  }
}

extension ReportNode {
  /// The same node with the step of its path: that of its name in the data, or `[i]` for an element.
  fileprivate consuming func stepped(_ place: FieldPlace) -> ReportNode {
    if place.element == nil { step = ReportPath.step(name) }
    return self
  }
}
