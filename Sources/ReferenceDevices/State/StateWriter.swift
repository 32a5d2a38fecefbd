import MigrationStream

/// Writes a piece of state as section data.
struct StateWriter: StateArchive, ~Copyable, ~Escapable {
  private var writer: SectionDataWriter

  @_lifetime(copy layouts)
  init(layout: UInt32, layouts: LayoutTable, layoutBase: UInt32) throws(StreamError) {
    writer = try SectionDataWriter(layout: layout, layouts: layouts, layoutBase: layoutBase)
  }

  @_lifetime(borrow self)
  func finish() throws(StreamError) -> RawSpan { try writer.finish() }

  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ name: StaticString, _ value: inout Value
  ) throws(StreamError) {
    check(name)
    try writer.integer(value)
  }

  mutating func flag(_ name: StaticString, _ value: inout Bool) throws(StreamError) {
    check(name)
    try writer.integer(value ? UInt8(1) : 0)
  }

  mutating func octets(_ name: StaticString, _ value: inout [UInt8]) throws(StreamError) {
    check(name)
    try writer.bytes(value.span.octets)
  }

  mutating func element(_ value: inout [UInt8]) throws(StreamError) { try writer.bytes(value.span.octets) }

  mutating func integers<Value: FixedWidthInteger & BitwiseCopyable>(
    _ name: StaticString, _ values: inout [Value]
  ) throws(StreamError) {
    check(name)
    try writer.beginArray(values.count)
    for value in values { try writer.integer(value) }
    try writer.end()
  }

  mutating func outdated<Value: FixedWidthInteger & BitwiseCopyable>(
    _ name: StaticString, _ value: inout Value
  ) throws(StreamError) {}

  mutating func beginArray<Element>(
    _ name: StaticString, _ elements: inout [Element], of blank: @autoclosure () -> Element
  ) throws(StreamError) -> Int {
    check(name)
    try writer.beginArray(elements.count)
    return elements.count
  }

  mutating func beginStructure(_ name: StaticString) throws(StreamError) {
    check(name)
    try writer.beginStructure()
  }

  mutating func beginStructure() throws(StreamError) { try writer.beginStructure() }

  mutating func beginOptional(_ name: StaticString, isPresent: inout Bool) throws(StreamError) {
    check(name)
    if isPresent { try writer.beginOptional() } else { try writer.absent() }
  }

  mutating func beginElement(layout: inout UInt32) throws(StreamError) { try writer.beginElement(layout: layout) }

  mutating func end() throws(StreamError) { try writer.end() }

  private func check(_ name: StaticString) {
    assert(writer.nextName.hasSameOctets(as: name.octets), "the description of the state differs from its model at \(name)")
  }
}
