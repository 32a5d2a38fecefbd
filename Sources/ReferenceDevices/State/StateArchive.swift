import MigrationStream

/// Goes over a piece of a device's state in the order of its layout.
///
/// A device describes each piece once; the description saves, loads, and gives the digest of the state. The order is
/// what ties a value to its field: names are compared in debug builds, where a description that a model has outgrown
/// traps at once.
///
/// ```swift
/// mutating func describe<Archive: StateArchive & ~Copyable & ~Escapable>(_ archive: inout Archive) throws(StreamError) {
///   try archive.integer("divisor", &divisor)
///   for number in 0..<(try archive.beginArray("entries", &entries, of: Entry())) {
///     try archive.beginStructure()
///     try archive.integer("octet", &entries[number].octet)
///     try archive.end()
///   }
///   try archive.end()
/// }
/// ```
protocol StateArchive: ~Copyable, ~Escapable {
  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ name: StaticString, _ value: inout Value
  ) throws(StreamError)

  mutating func flag(_ name: StaticString, _ value: inout Bool) throws(StreamError)

  /// A leaf of octets (a MAC address, bytes), or counted bytes.
  mutating func octets(_ name: StaticString, _ value: inout [UInt8]) throws(StreamError)

  /// The next element of an array of leaves of octets.
  mutating func element(_ value: inout [UInt8]) throws(StreamError)

  /// An array of integers.
  mutating func integers<Value: FixedWidthInteger & BitwiseCopyable>(
    _ name: StaticString, _ values: inout [Value]
  ) throws(StreamError)

  /// A field that is written no more; `value` changes when an old stream has it.
  mutating func outdated<Value: FixedWidthInteger & BitwiseCopyable>(
    _ name: StaticString, _ value: inout Value
  ) throws(StreamError)

  /// Goes into an array or a list, and makes `elements` as long as it is; ``end()`` behind the last element.
  mutating func beginArray<Element>(
    _ name: StaticString, _ elements: inout [Element], of blank: @autoclosure () -> Element
  ) throws(StreamError) -> Int

  /// Goes into a field that is a structure; ``end()`` behind its last field.
  mutating func beginStructure(_ name: StaticString) throws(StreamError)

  /// Goes into the next element of an array.
  mutating func beginStructure() throws(StreamError)

  /// Goes into an optional, when it is there.
  mutating func beginOptional(_ name: StaticString, isPresent: inout Bool) throws(StreamError)

  /// Goes into the next element of a list; `layout` is its number among the device's.
  mutating func beginElement(layout: inout UInt32) throws(StreamError)

  mutating func end() throws(StreamError)
}
