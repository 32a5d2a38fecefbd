internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// An encoder whose records go to a writer.
struct EncoderValue: HandleValue, ~Copyable {
  static var kind: UInt64 { HandleKind.encoder }

  private var opening: StreamOpening
  private var encoder: StreamEncoder
  private var sink: WriterSink
  private let structs: StructDevices
  /// What the writer said when it failed: nothing is handed to it any more.
  private var failure: StreamError?

  init(
    _ manifest: borrowing ManifestValue, _ options: StreamOptions, _ sink: consuming WriterSink, _ settings: Settings
  ) throws(StreamError) {
    let opening = try StreamOpening(manifest, options, settings)
    let encoder = try StreamEncoder(
      preamble: options.preamble(manifest.builder, manifest.notes), limits: settings.limits,
      checksSections: !options.has(MGS_UNCHECKED), allocator: settings.allocator)
    let structs = try StructDevices(manifest.notes, limits: settings.limits, allocator: settings.allocator)
    self.opening = opening
    self.encoder = encoder
    self.sink = sink
    self.structs = structs
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Writes everything up to the first record of a device.
  mutating func begin(_ manifest: borrowing ManifestValue) throws(StreamError) {
    try opening.write(manifest.builder, with: &encoder, to: &sink)
  }

  var byteCount: UInt64 { encoder.byteCount }

  func layoutBase(of device: UInt32) -> UInt32? { opening.layoutBase(of: device) }

  // MARK: Records

  mutating func section(
    _ section: UInt32, of device: UInt32, _ data: RawSpan, _ subsections: RawSpan, count: UInt16, replaces: Bool
  ) throws(StreamError) {
    let layout = try opening.layout(section, of: device, at: byteCount)
    try hand { (encoder, sink) throws(StreamError) in
      try sink.write(
        encoder.section(
          device: device, section: UInt16(truncatingIfNeeded: section), layout: layout, data: data,
          subsections: subsections, subsectionCount: count, replaces: replaces))
    }
  }

  /// All sections of a device whose state lies in a struct.
  mutating func structure(of device: UInt32) throws(StreamError) {
    guard let base = opening.layoutBase(of: device) else {
      throw StreamError(.unknownDevice, .use, at: byteCount, found: UInt64(device))
    }
    if let failure { throw failure }
    do throws(StreamError) {
      try Self.save(device, base, structs, opening.notes, &encoder, &sink)
    } catch {
      if error.isCallbackFailure { failure = error }
      throw error
    }
  }

  private static func save(
    _ device: UInt32, _ base: UInt32, _ structs: borrowing StructDevices, _ notes: borrowing ManifestNotes,
    _ encoder: inout StreamEncoder, _ sink: inout WriterSink
  ) throws(StreamError) {
    try structs.save(Int(device), notes, layoutBase: base) { (number, layout, write) throws(StreamError) in
      let replaces = encoder.state.hasSection(number, of: device)
      try sink.write(
        encoder.section(device: device, section: number, layout: base &+ layout, replaces: replaces, write))
    }
  }

  mutating func memory(
    _ region: UInt32, _ offset: UInt64, _ octets: RawSpan, _ source: PayloadSource
  ) throws(StreamError) {
    let compresses = opening.compresses
    try hand { (encoder, sink) throws(StreamError) in
      try sink.write(
        encoder.memory(region: region, offset: offset, octets: octets, source: source, compresses: compresses))
    }
  }

  mutating func zero(
    _ region: UInt32, _ offset: UInt64, _ length: UInt64, _ kind: ExtentKind
  ) throws(StreamError) {
    try hand { (encoder, sink) throws(StreamError) in
      try sink.write(encoder.memory(region: region, offset: offset, length: length, kind: kind))
    }
  }

  mutating func bytes(
    _ device: UInt32, _ octets: RawSpan, flags: UInt16, _ source: PayloadSource
  ) throws(StreamError) {
    let compresses = opening.compresses
    try hand { (encoder, sink) throws(StreamError) in
      try sink.write(
        encoder.bytes(device: device, octets: octets, flags: flags, source: source, compresses: compresses))
    }
  }

  mutating func barrier() throws(StreamError) {
    try hand { (encoder, sink) throws(StreamError) in try sink.write(encoder.barrier()) }
  }

  mutating func end() throws(StreamError) {
    try hand { (encoder, sink) throws(StreamError) in try sink.write(encoder.end()) }
  }

  mutating func abort(_ reason: UInt32, _ text: RawSpan) throws(StreamError) {
    try hand { (encoder, sink) throws(StreamError) in try sink.write(encoder.abort(reason: reason, text: text)) }
  }

  private mutating func hand(
    _ record: (inout StreamEncoder, inout WriterSink) throws(StreamError) -> Void
  ) throws(StreamError) {
    if let failure { throw failure }
    do throws(StreamError) { try record(&encoder, &sink) } catch {
      if error.isCallbackFailure { failure = error }
      throw error
    }
  }
}

/// What a stream begins with, and the numbers that its layouts got.
struct StreamOpening: ~Copyable {
  let compresses: Bool
  let notes: ManifestNotes

  /// - Throws: `outOfMemory`.
  init(
    _ manifest: borrowing ManifestValue, _ options: StreamOptions, _ settings: Settings
  ) throws(StreamError) {
    notes = try manifest.notes.copy(limits: manifest.settings.limits, allocator: settings.allocator)
    compresses = options.has(MGS_COMPRESS)
  }

  /// Preamble, MANIFEST, and the layouts of all devices in their order.
  func write<Sink: OctetSink & ~Copyable>(
    _ manifest: borrowing ManifestBuilder, with encoder: inout StreamEncoder, to sink: inout Sink
  ) throws(StreamError) {
    try sink.write(GatherList(encoder.preamble))
    try sink.write(encoder.manifest(manifest))
    let table = notes.layouts.table
    for number in 0..<UInt32(table.count) {
      if table.isExternal(number) {
        try sink.write(encoder.externalLayout(identity: table.identity(of: number)))
      } else {
        try sink.write(encoder.layout(canonical: table.layout(number).octets, compresses: compresses))
      }
    }
  }

  /// The number in the stream of a device's first layout; nil when there is no such device.
  func layoutBase(of device: UInt32) -> UInt32? {
    Int(device) < notes.devices.count ? UInt32(clamping: notes.devices[Int(device)].firstLayout) : nil
  }

  /// The number in the stream of the layout that was announced for a section.
  ///
  /// - Parameter offset: Octets of the stream so far.
  /// - Throws: `unknownDevice`, `unknownSection`.
  func layout(_ section: UInt32, of device: UInt32, at offset: UInt64) throws(StreamError) -> UInt32 {
    guard let base = layoutBase(of: device) else {
      throw StreamError(.unknownDevice, .use, at: offset, found: UInt64(device))
    }
    guard let piece = notes.section(section, of: device) else {
      throw StreamError(.unknownSection, .use, at: offset, found: UInt64(section), device: device)
    }
    return base &+ piece.layout
  }
}
