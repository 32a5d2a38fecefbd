internal import CMigStream
internal import MigrationStream

/// Tells a caller's handler what a decoder decodes; without one it keeps the record at hand, for whoever pulls.
@safe
struct EventHandler: StreamHandler {
  private let functions: mgs_handler
  private let context: UnsafeMutableRawPointer?
  private let log: LogHook
  let isSilent: Bool
  /// Where the decoder's handle keeps what callbacks may look at; set once the handle is made.
  private var lent: UnsafeMutablePointer<UnsafeRawPointer?>?
  /// The record at hand; its octets lie in the decoder and in the caller's segment.
  private var current = unsafe mgs_record()
  private(set) var isWhole = false
  private var hasRecord = false

  /// - Parameter functions: nil: nobody is told.
  init(_ functions: mgs_handler?, _ context: UnsafeMutableRawPointer?, _ log: LogHook) {
    isSilent = functions == nil
    self.functions = functions ?? mgs_handler()
    unsafe self.context = unsafe context
    self.log = log
    unsafe lent = nil
  }

  mutating func lends(through slot: UnsafeMutablePointer<UnsafeRawPointer?>) { unsafe lent = unsafe slot }

  /// Forgets the record at hand.
  mutating func forget() { (hasRecord, isWhole) = (false, false) }

  /// The record that ended last.
  var record: mgs_record { unsafe current }

  // MARK: Events

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {
    if record.header.knownKind == nil { notice(record) }
    unsafe current = mgs_record(record)
    (hasRecord, isWhole) = (true, false)
    guard let tell = unsafe functions.record else { return }
    let context = unsafe context
    let told = unsafe current
    let result = lending(state) { unsafe withUnsafePointer(to: told) { told in unsafe tell(context, told) } }
    guard result == 0 else { throw callbackFailure(Int64(result), at: record.offset) }
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) throws(StreamError) {
    // Only what comes in one piece can be pulled.
    unsafe octets.withUnsafeBytes { octets in
      if position == 0, unsafe UInt64(octets.count) == current.payload_size {
        unsafe current.payload = mgs_octets(octets: octets.baseAddress, size: octets.count)
      }
    }
    guard let tell = unsafe functions.payload, octets.byteCount > 0 else { return }
    let context = unsafe context
    let result = unsafe octets.withUnsafeBytes { octets in
      unsafe tell(context, octets.baseAddress.unsafelyUnwrapped, octets.count, position)
    }
    guard result == 0 else { throw callbackFailure(Int64(result)) }
  }

  mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) throws(StreamError) {
    isWhole = hasRecord
    guard let tell = unsafe functions.end else { return }
    let context = unsafe context
    let result = lending(state) { unsafe tell(context, header.sequence) }
    guard result == 0 else { throw callbackFailure(Int64(result), at: offset) }
  }

  /// Lets the accessors of the decoder look at its state while a callback runs.
  private func lending(_ state: borrowing StreamState, _ body: () -> Int32) -> Int32 {
    unsafe withUnsafePointer(to: state) { state in
      unsafe lent?.pointee = UnsafeRawPointer(state)
      defer { unsafe lent?.pointee = nil }
      return body()
    }
  }

  /// A record of a kind that is not known was stepped over.
  private func notice(_ record: borrowing Record) {
    let header = record.header
    log.notice(
      MGS_EVENT_RECORD_SKIPPED, .record, at: record.offset, found: UInt64(header.kind), record: header.sequence,
      device: header.device)
  }
}

extension mgs_record {
  /// Safe as long as the decoder's octets are: what the header of the library says.
  init(_ record: borrowing Record) {
    unsafe self.init()
    let header = record.header
    unsafe size = MemoryLayout<mgs_record>.size
    unsafe kind = UInt32(header.kind)
    unsafe flags = UInt32(header.flags)
    unsafe sequence = header.sequence
    unsafe offset = record.offset
    unsafe device = header.device
    unsafe payload_size = header.payloadByteCount
    unsafe body = mgs_octets(record.body)
    switch header.knownKind {
    case .section:
      let head = SectionHead(record.body)
      unsafe (number, layout, pass) = (UInt32(head.section), head.layout, head.pass)
      unsafe count = UInt32(head.subsectionCount)
      unsafe data = mgs_octets(head.data(in: record.body))
      unsafe subsections = mgs_octets(head.subsections(in: record.body))
    case .memory:
      let head = MemoryHead(record.body)
      unsafe (number, pass, count) = (head.region, head.pass, head.extentCount)
      unsafe (is_compressed, payload_size) = (UInt32(head.encoding), head.plainByteCount)
    case .bytes:
      let head = BytesHead(record.body)
      unsafe (position, pass) = (head.offset, head.pass)
      unsafe (is_compressed, payload_size) = (UInt32(head.encoding), head.plainByteCount)
    default: break
    }
  }
}

extension mgs_octets {
  /// Where octets of the library lie.
  init(_ octets: RawSpan) {
    unsafe self = unsafe octets.withUnsafeBytes { unsafe mgs_octets(octets: $0.baseAddress, size: $0.count) }
  }
}

extension mgs_text {
  init(_ octets: RawSpan) {
    unsafe self = unsafe octets.withUnsafeBytes {
      unsafe mgs_text(octets: $0.baseAddress?.assumingMemoryBound(to: CChar.self), size: $0.count)
    }
  }
}
