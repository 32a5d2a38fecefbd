/// Hears what a mapping does not take over, in the order in which the fields are judged.
///
/// A report is not an effect: the mapping may still be refused. An error that a handler throws ends it.
///
/// Source: Specs/20-layouts.md section 6, rows U1, D4 and V3.
public protocol MappingHandler: ~Copyable, ~Escapable {
  /// A field of the stream that the reader does not know and may skip.
  mutating func skipped(_ place: FieldPlace, of stream: LayoutView) throws(StreamError)

  /// A field of the reader that streams of this version no longer have: its octets in the result mean nothing.
  mutating func leftAlone(_ place: FieldPlace, of reader: LayoutView) throws(StreamError)

  /// A field of the reader that is marked verify, where there are no local values to compare it with.
  mutating func unverified(_ place: FieldPlace, of reader: LayoutView) throws(StreamError)
}

extension MappingHandler where Self: ~Copyable, Self: ~Escapable {
  public mutating func skipped(_ place: FieldPlace, of stream: LayoutView) {}
  public mutating func leftAlone(_ place: FieldPlace, of reader: LayoutView) {}
  public mutating func unverified(_ place: FieldPlace, of reader: LayoutView) {}
}

/// Wants to hear nothing.
@frozen
public struct NoMappingHandler: MappingHandler {
  @inlinable public init() {}
}
