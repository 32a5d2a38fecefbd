/// One thing seen in a stream: a record, a field, a run of padding.
///
/// Reports are events, never a tree in memory: a stream of a million sections is reported in constant memory.
public struct ReportNode: Equatable, Sendable {
  /// What the item is called, by the spec or by the layout.
  public var name: String
  /// Its step in the path: empty for "as the name"; a leading `/` makes the path start anew.
  public var step: String
  /// Octets from the start of the stream to the item; nil when it has no octets of its own.
  public var offset: UInt64?
  /// Octets of the item, those of its children included.
  public var length: UInt64
  /// Type name of the spec (`u32`, `uuid`), or the record kind.
  public var type: String
  public var value: ReportValue
  /// What the value means to people: a symbol, a date, a unit.
  public var meaning: String
  /// The item is marked skippable.
  public var isSkippable: Bool

  public init(
    _ name: String, step: String = "", at offset: UInt64? = nil, length: UInt64 = 0, type: String = "",
    value: ReportValue = .none, meaning: String = "", isSkippable: Bool = false
  ) {
    self.name = name
    self.step = step
    self.offset = offset
    self.length = length
    self.type = type
    self.value = value
    self.meaning = meaning
    self.isSkippable = isSkippable
  }
}

/// Receives a report in order.
public protocol ReportSink: AnyObject {
  /// A node whose children follow, up to the matching ``end()``.
  func begin(_ node: ReportNode, path: String)
  /// A node without children; `octets` is what it takes in the stream, as far as it is at hand.
  func leaf(_ node: ReportNode, path: String, octets: RawSpan)
  func end()
  /// Where reading stopped.
  func fault(_ fault: ReportFault)
}

/// Where text goes. A failed write is kept by the output and asked for afterwards.
public protocol ReportOutput: ~Copyable {
  mutating func write(_ text: String)
}
