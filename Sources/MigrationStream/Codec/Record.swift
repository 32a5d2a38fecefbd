/// A record whose header and body have passed every check.
///
/// The body lies in the decoder's private memory. Typed views of it: ``MemoryHead``, ``BytesHead``, ``SectionHead``.
@frozen
public struct Record: ~Escapable {
  public let header: RecordHeader
  /// Octets from the start of the stream to the header.
  public let offset: UInt64
  public let body: RawSpan

  public var bodyOffset: UInt64 { offset &+ UInt64(RecordHeader.byteCount) }

  /// Where the stored payload starts.
  public var payloadOffset: UInt64 {
    bodyOffset &+ header.bodyByteCount &+ UInt64(header.frontPadding)
  }

  /// What a compressed payload must turn out to be.
  struct Frame: BitwiseCopyable {
    /// Where the frame starts in the stream, and where its plain digest is stated.
    var offset: UInt64
    var digestOffset: UInt64
    var plainByteCount: UInt64
    var plainDigest: UInt64
  }

  /// The frame of a record whose body is staged; nil for nearly all, which is found out without making a record.
  static func frame(
    of header: RecordHeader, at offset: UInt64, in staged: borrowing OwnedBytes
  ) -> Frame? {
    // A compressed record without payload has a frame too: one that is damaged.
    guard staged.count > 12, staged[12] == 1 else { return nil }
    return Record(header, at: offset, in: staged).frame
  }

  /// nil when the payload is stored plain.
  var frame: Frame? {
    // Both bodies have the encoding at octet 12, the plain octets and their digest at 16 and 24.
    guard header.kind == RecordKind.memory.rawValue || header.kind == RecordKind.bytes.rawValue,
      body.octet(at: 12) == 1
    else { return nil }
    return Frame(
      offset: payloadOffset, digestOffset: bodyOffset &+ 24,
      plainByteCount: body.integer(at: 16, as: UInt64.self),
      plainDigest: body.integer(at: 24, as: UInt64.self))
  }

  /// The record whose body was staged.
  @_lifetime(borrow staged)
  init(_ header: RecordHeader, at offset: UInt64, in staged: borrowing OwnedBytes) {
    self.header = header
    self.offset = offset
    body = staged.bytes
  }
}

/// Receives what a decoder decodes, in stream order.
///
/// Nothing may be made observable before the stream's END: ``recordEnd(_:at:_:)`` closes each record, the decoder's
/// `finish` the stream. An error that a handler throws poisons the decoder like one of its own.
public protocol StreamHandler: ~Copyable {
  mutating func preamble(_ preamble: Preamble) throws(StreamError)

  /// Header and body are checked; `state` has taken them in.
  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError)

  /// Octets of the record's payload, decompressed if they were compressed.
  ///
  /// Plain octets come as they arrive and **are not checked before** ``recordEnd(_:at:_:)``.
  /// - Parameter position: Octets of this payload that came before.
  mutating func payload(_ octets: RawSpan, at position: UInt64) throws(StreamError)

  /// Every octet of the record was right.
  mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) throws(StreamError)
}
