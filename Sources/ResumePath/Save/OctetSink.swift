public import MigrationStream

/// Where a source's octets go: a socket, a file, a region's data window.
///
/// A call of ``write(_:)`` is one transaction, or part of the one that is open.
public protocol OctetSink: ~Copyable {
  /// Takes all octets, in order; they are valid only during the call.
  ///
  /// - Throws: after which nobody knows how many were taken; nothing is written any more.
  mutating func write(_ octets: borrowing GatherList) throws(StreamError)

  /// What is written from now on is one transaction: a write unit of several records.
  mutating func beginTransaction() throws(StreamError)

  mutating func endTransaction() throws(StreamError)
}

/// For sinks whose readers do not ask where a transaction ends.
extension OctetSink where Self: ~Copyable {
  @inlinable
  public mutating func beginTransaction() throws(StreamError) {}

  @inlinable
  public mutating func endTransaction() throws(StreamError) {}
}
