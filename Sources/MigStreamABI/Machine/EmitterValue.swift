internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// What a device saves to: it lives as long as its machine, and takes records only while the device is asked.
@safe
struct EmitterValue: HandleValue, ~Copyable {
  static var kind: UInt64 { HandleKind.emitter }

  /// The emitter of the call that is under way.
  private var target: UnsafeMutablePointer<SaveEmitter<WriterSink>>?
  private var device: UInt32 = 0
  private let notes: ManifestNotes
  /// The first refusal in the call: a device may have kept it to itself.
  private(set) var failure: StreamError?

  init(_ notes: consuming ManifestNotes) {
    unsafe target = nil
    self.notes = notes
  }

  mutating func begin(_ emitter: UnsafeMutablePointer<SaveEmitter<WriterSink>>, _ device: Int) {
    unsafe target = unsafe emitter
    self.device = UInt32(truncatingIfNeeded: device)
    failure = nil
  }

  mutating func end() { unsafe target = nil }

  // MARK: Records

  mutating func section(
    _ section: UInt32, of device: UInt32, _ data: RawSpan, _ subsections: RawSpan, count: UInt16
  ) throws(StreamError) {
    let layout = notes.section(section, of: device)?.layout
    try emit(device) { (emitter) throws(StreamError) in
      guard let layout else { throw StreamError(.unknownSection, .use, at: 0, found: UInt64(section), device: device) }
      try emitter.section(
        UInt16(truncatingIfNeeded: section), layout: layout, data: data, subsections: subsections,
        subsectionCount: count)
    }
  }

  mutating func memory(
    _ region: UInt32, _ offset: UInt64, _ octets: RawSpan, _ source: PayloadSource
  ) throws(StreamError) {
    try emit(device) { (emitter) throws(StreamError) in
      try emitter.memory(region: region, offset: offset, octets: octets, source: source)
    }
  }

  mutating func zero(_ region: UInt32, _ offset: UInt64, _ length: UInt64, _ kind: ExtentKind) throws(StreamError) {
    try emit(device) { (emitter) throws(StreamError) in
      try emitter.memory(region: region, offset: offset, length: length, kind: kind)
    }
  }

  mutating func bytes(
    _ device: UInt32, _ octets: RawSpan, flags: UInt16, _ source: PayloadSource
  ) throws(StreamError) {
    try emit(device) { (emitter) throws(StreamError) in
      try emitter.bytes(octets, flags: flags, source: source)
    }
  }

  func layoutBase(of device: UInt32) throws(StreamError) -> UInt32 {
    guard let target = unsafe target, device == self.device else { throw StreamError(.wrongCall, .use, at: 0) }
    return unsafe target.pointee.layoutBase
  }

  /// - Throws: `wrongCall` outside of a call, and for another device.
  private mutating func emit(
    _ device: UInt32, _ record: (inout SaveEmitter<WriterSink>) throws(StreamError) -> Void
  ) throws(StreamError) {
    guard let target = unsafe target, device == self.device else {
      throw StreamError(.wrongCall, .use, at: 0, device: device)
    }
    do throws(StreamError) { unsafe try record(&target.pointee) } catch {
      if failure == nil { failure = error }
      throw error
    }
  }
}
