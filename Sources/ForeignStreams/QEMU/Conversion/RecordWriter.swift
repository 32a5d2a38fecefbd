import MigrationStream

/// Makes records and hands their octets to the caller's sink, in order.
struct RecordWriter: ~Copyable {
  private(set) var encoder: StreamEncoder
  private let sink: QEMUConverter.Sink
  private let compresses: Bool

  /// Writes the preamble.
  init(_ options: QEMUConverter.Options, sink: @escaping QEMUConverter.Sink) throws(ForeignError) {
    var encoder: StreamEncoder
    var preamble = Preamble(uuid: options.uuid)
    if options.compresses { preamble.mandatoryFlags |= MandatoryFlags.zstd }
    do throws(StreamError) {
      encoder = try StreamEncoder(preamble: preamble, limits: options.limits)
    } catch { throw ForeignError(codec: error) }
    try sink(encoder.preamble)
    self.encoder = encoder
    self.sink = sink
    compresses = options.compresses
  }

  /// Whether the encoder refused something and takes no more.
  private(set) var isPoisoned = false

  /// Octets written so far.
  var byteCount: UInt64 { encoder.byteCount }

  mutating func manifest(_ manifest: borrowing ManifestBuilder) throws(ForeignError) {
    let sink = sink
    let failure: ForeignError?
    do throws(StreamError) {
      failure = Self.write(try encoder.manifest(manifest), to: sink)
    } catch { throw poisoned(error) }
    if let failure { throw failure }
  }

  mutating func layout(_ canonical: RawSpan) throws(ForeignError) {
    let sink = sink
    let failure: ForeignError?
    do throws(StreamError) {
      failure = Self.write(try encoder.layout(canonical: canonical, compresses: compresses), to: sink)
    } catch { throw poisoned(error) }
    if let failure { throw failure }
  }

  mutating func section(
    device: UInt32, layout: UInt32, data: RawSpan, subsections: RawSpan, subsectionCount: UInt16
  ) throws(ForeignError) {
    let sink = sink
    let failure: ForeignError?
    do throws(StreamError) {
      let list = try encoder.section(
        device: device, section: 0, layout: layout, data: data, subsections: subsections,
        subsectionCount: subsectionCount)
      failure = Self.write(list, to: sink)
    } catch { throw poisoned(error) }
    if let failure { throw failure }
  }

  mutating func memory(region: UInt32, offset: UInt64, octets: RawSpan) throws(ForeignError) {
    let sink = sink
    let failure: ForeignError?
    do throws(StreamError) {
      failure = Self.write(
        try encoder.memory(region: region, offset: offset, octets: octets, compresses: compresses), to: sink)
    } catch { throw poisoned(error) }
    if let failure { throw failure }
  }

  mutating func zeros(region: UInt32, offset: UInt64, length: UInt64) throws(ForeignError) {
    let sink = sink
    let failure: ForeignError?
    do throws(StreamError) {
      failure = Self.write(
        try encoder.memory(region: region, offset: offset, length: length, kind: .zero), to: sink)
    } catch { throw poisoned(error) }
    if let failure { throw failure }
  }

  /// - Returns: Octets from the start of the stream to the payload.
  mutating func bytes(device: UInt32, octets: RawSpan, flags: UInt16) throws(ForeignError) -> UInt64 {
    let start = byteCount
    let sink = sink
    let failure: ForeignError?
    let headByteCount: Int
    do throws(StreamError) {
      let list = try encoder.bytes(device: device, octets: octets, flags: flags, compresses: compresses)
      headByteCount = list[0].byteCount
      failure = Self.write(list, to: sink)
    } catch { throw poisoned(error) }
    if let failure { throw failure }
    return start + UInt64(headByteCount)
  }

  mutating func abort(reason: UInt32, text: RawSpan) throws(ForeignError) {
    let sink = sink
    let failure: ForeignError?
    do throws(StreamError) {
      failure = Self.write(try encoder.abort(reason: reason, text: text), to: sink)
    } catch { throw poisoned(error) }
    if let failure { throw failure }
  }

  mutating func end() throws(ForeignError) {
    let sink = sink
    let failure: ForeignError?
    do throws(StreamError) {
      failure = Self.write(try encoder.end(), to: sink)
    } catch { throw poisoned(error) }
    if let failure { throw failure }
  }

  private mutating func poisoned(_ error: StreamError) -> ForeignError {
    isPoisoned = true
    return ForeignError(codec: error)
  }

  private static func write(_ list: GatherList, to sink: QEMUConverter.Sink) -> ForeignError? {
    do throws(ForeignError) {
      for index in 0..<list.count { try sink(list[index]) }
    } catch { return error }
    return nil
  }
}

extension ForeignError {
  /// What the codec says about octets that a conversion gave it.
  init(codec error: StreamError) {
    self.init(
      .refusedByCodec, .conversion, at: error.offset, expected: error.expected,
      found: UInt64(UInt32(bitPattern: error.code.rawValue)), path: "\(error.code)")
  }
}
