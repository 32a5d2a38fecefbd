public import MigrationStream

/// Turns a QEMU migration stream into one of this project's streams: profile `stream`, one channel, nothing dropped.
///
///      preamble | MANIFEST | configuration | description | LAYOUT, SECTION, BYTES: device by device | MEMORY | END
///
/// | QEMU | here |
/// |---|---|
/// | memory block | memory region |
/// | section (name, instance) | device: path `name`, or `name[instance]`; one section, named as the state type |
/// | described field | field of the same name and type; numbers little-endian |
/// | subsection | subsection, announced by name and version, with a target where it is inside a struct |
/// | iterative or undescribed section | counted bytes `data`, one for each part; a byte string when over 8 MiB |
/// | configuration, commands | device `qemu/configuration` |
/// | description | device `qemu/description`, a skippable byte string |
///
/// Not converted: the words of the memory section around the pages, and section footers, which carry no state. Octets
/// of truth values other than 0 and 1 become 1. Memory is a window of pages, one device's tree, the layouts, and the
/// source map; it does not grow with guest memory.
public struct QEMUConverter {
  /// Takes the octets of the converted stream in order. The span is valid during the call.
  public typealias Sink = (RawSpan) throws(ForeignError) -> Void

  /// What to do with guest memory.
  public enum MemoryHandling: Sendable {
    case include
    /// Regions are announced, and no page is sent.
    case omit
  }

  /// What to do with a stream that breaks off or is damaged.
  public enum DamageHandling: Sendable {
    /// Throw the damage and write nothing.
    case refuse
    /// Write what lies before it, and ABORT in place of END.
    case convertUntil
  }

  public struct Options: Sendable {
    public var memory = MemoryHandling.include
    public var damage = DamageHandling.refuse
    public var keepsSourceMap = true
    /// Bulk and layouts become zstd frames where that is shorter; a source map then does not cover byte strings.
    public var compresses = false
    /// Octets of memory in one record.
    public var chunkByteCount = Format.chunkByteCount
    /// Identity of the converted stream; chosen at random unless given.
    public var uuid: StreamUUID
    /// What readers of the converted stream accept; larger sections become byte strings, and too many devices are
    /// refused.
    public var limits = StreamLimits()

    public init() {
      uuid = StreamUUID(low: UInt64.random(in: .min ... .max), high: UInt64.random(in: .min ... .max))
    }
  }

  public struct Result: Sendable {
    /// Octets of the converted stream.
    public var byteCount: UInt64 = 0
    /// Empty unless the options keep it.
    public var sourceMap = QEMUSourceMap()
    public var typedness = QEMUTypedness()
    /// What could not be converted as it is; at most ``ForeignLimits/diagnostics``.
    public var diagnostics: [QEMUDiagnostic] = []
  }

  /// Converts `stream`.
  ///
  /// - Throws: ``ForeignError``: what `sink` throws; `notConvertible` at the record for pages that are encoded as
  ///   differences (XBZRLE) or compressed, of stage memory at the length of a block of 2^56 octets or more; the stream's damage, unless the options say otherwise; `limitExceeded` for
  ///   records that the index left out; `refusedByCodec` for what exceeds the limits of readers.
  public static func convert(
    _ stream: QEMUStream, options: Options = Options(), to sink: @escaping Sink
  ) throws(ForeignError) -> Result {
    if let damage = stream.damage, options.damage == .refuse { throw damage }
    let parts = try SectionParts(stream)
    let inventory = try ConversionInventory(stream, parts, limits: options.limits)
    var conversion = try Conversion(stream, parts, inventory, options: options, sink: sink)
    try conversion.run()
    return conversion.finished
  }

  /// How much of the device state would have a type; what ``Result/typedness`` says without converting.
  public static func typedness(of stream: QEMUStream) throws(ForeignError) -> QEMUTypedness {
    let parts = try SectionParts(stream)
    return try ConversionInventory(stream, parts, limits: StreamLimits()).typedness
  }
}

