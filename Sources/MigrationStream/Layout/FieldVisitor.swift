/// Where in a layout and in the data a visitor is.
@frozen
public struct FieldPlace: Equatable, Sendable, BitwiseCopyable {
  /// Number of the layout, and of the entry in it.
  public let layout: UInt32
  public let number: Int
  /// Position in the array or list; nil for a field of shape one.
  public let element: Int?
  /// Octets from the start of the stream to the octets at hand.
  public let offset: UInt64

  @inlinable
  public init(layout: UInt32, number: Int, element: Int?, offset: UInt64) {
    self.layout = layout
    self.number = number
    self.element = element
    self.offset = offset
  }
}

/// Receives what a ``SectionWalker`` finds, in tree order.
///
/// Everything it is given was checked against the layout. An error that it throws ends the walk.
public protocol FieldVisitor: ~Copyable, ~Escapable {
  /// False when values that need no check and have no variable part are of no interest.
  static var visitsPlain: Bool { get }

  /// One value: a leaf, or the contents of counted bytes or a string.
  mutating func value(_ octets: RawSpan, at place: FieldPlace, of layout: LayoutView) throws(StreamError)

  /// All `count` elements of an array of leaves, one after the other.
  mutating func values(
    _ octets: RawSpan, count: Int, at place: FieldPlace, of layout: LayoutView
  ) throws(StreamError)

  /// An array of anything but leaves, or a list, of `count` elements.
  mutating func beginArray(count: Int, at place: FieldPlace, of layout: LayoutView) throws(StreamError)
  mutating func endArray(at place: FieldPlace, of layout: LayoutView) throws(StreamError)

  /// A structure, a union whose present child follows, or an optional that is present.
  mutating func enter(_ place: FieldPlace, of layout: LayoutView) throws(StreamError)
  mutating func leave(_ place: FieldPlace, of layout: LayoutView) throws(StreamError)

  /// An optional that is absent.
  mutating func absent(_ place: FieldPlace, of layout: LayoutView) throws(StreamError)

  /// An element of a list, whose fields follow as those of `element`; ended by ``leave(_:of:)``.
  mutating func enterElement(
    _ place: FieldPlace, of layout: LayoutView, element: LayoutView, number: UInt32
  ) throws(StreamError)

  /// An element of a list whose layout is external: nobody here can look into it.
  mutating func opaqueElement(
    _ octets: RawSpan, at place: FieldPlace, of layout: LayoutView, number: UInt32
  ) throws(StreamError)
}

extension FieldVisitor where Self: ~Copyable, Self: ~Escapable {
  @inlinable public static var visitsPlain: Bool { true }

  @inlinable
  public mutating func value(_ octets: RawSpan, at place: FieldPlace, of layout: LayoutView) {}
  @inlinable
  public mutating func values(
    _ octets: RawSpan, count: Int, at place: FieldPlace, of layout: LayoutView
  ) {}
  @inlinable
  public mutating func beginArray(count: Int, at place: FieldPlace, of layout: LayoutView) {}
  @inlinable
  public mutating func endArray(at place: FieldPlace, of layout: LayoutView) {}
  @inlinable
  public mutating func enter(_ place: FieldPlace, of layout: LayoutView) {}
  @inlinable
  public mutating func leave(_ place: FieldPlace, of layout: LayoutView) {}
  @inlinable
  public mutating func absent(_ place: FieldPlace, of layout: LayoutView) {}
  @inlinable
  public mutating func enterElement(
    _ place: FieldPlace, of layout: LayoutView, element: LayoutView, number: UInt32
  ) {}
  @inlinable
  public mutating func opaqueElement(
    _ octets: RawSpan, at place: FieldPlace, of layout: LayoutView, number: UInt32
  ) {}
}

/// Wants nothing: a walk with it is a check.
@frozen
public struct NoVisitor: FieldVisitor {
  @inlinable public init() {}
  @inlinable public static var visitsPlain: Bool { false }
}
