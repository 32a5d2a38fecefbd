/// A second reader of our streams: slow, simple and written from `Specs/` alone, so that the codec has somebody to
/// agree with.
///
/// It holds the whole stream, reads one record after the other from arrays, and shares nothing with the codec. The first
/// error in the order of checks ends it.
///
///     var reader = ReferenceReader()
///     let refusal = reader.read(octets)   // nil: accepted; `isIncomplete`: it may become right
///     for record in reader.records { ... }
///
/// Source: Specs/10-stream-format.md, 20 sections 1 to 4, 30 sections 1 to 4, 40.
public struct ReferenceReader {
  public var limits = ReferenceLimits()
  /// The pages of an index are compared with the final content of memory, which every reader may do.
  public var collectsContent = false
  /// The values of sections are kept in ``values``.
  public var collectsValues = false
  /// Streams of several channels are read; otherwise they are `notImplemented`.
  public var readsChannels = false

  /// The records that were right, in stream order.
  public private(set) var records: [ReferenceRecord] = []
  /// The values of all sections, in stream order, when ``collectsValues``.
  public private(set) var values: [ReferenceValue] = []
  /// What is wrong in the areas of an image that was accepted, when ``collectsContent``.
  public private(set) var areas: ReferenceRefusal?
  /// Octets of the largest content of a frame that was decompressed; nil: none came.
  public private(set) var frameContentMax: Int?
  /// Of several channels: what is wrong with each, and when each is right, with all together. The verdict is one of them.
  public private(set) var faults: [ReferenceRefusal] = []
  /// Whether END of channel 0 came and nothing was wrong with any channel before it: ``faults`` then are all that there are.
  public private(set) var isEachRight = false
  /// As the preamble says.
  public private(set) var channelCount = 1
  public private(set) var manifest = ReferenceManifest()
  public private(set) var layouts: [ReferenceLayout] = []

  public init() {}

  /// Reads a stream.
  ///
  /// - Parameter others: The octets of further channels, in any order.
  /// - Returns: nil: accepted to its last octet.
  public mutating func read(_ octets: [UInt8], others: [[UInt8]] = []) -> ReferenceRefusal? {
    var channel = ChannelReading(octets, self)
    defer {
      records = channel.records
      values = channel.values
      manifest = channel.manifest ?? ReferenceManifest()
      layouts = channel.layouts
      frameContentMax = channel.frameContentMax
      faults = channel.faults
      isEachRight = channel.isEachRight
      channelCount = channel.channelCount
    }
    areas = nil
    do throws(ReferenceRefusal) {
      try channel.readPreamble()
      try channel.readRecords(others)
    } catch { return channel.verdict(error, others) }
    if collectsContent {
      do throws(ReferenceRefusal) { try channel.judgeAreas() } catch { areas = error.within(.bulk) }
    }
    return nil
  }
}

/// A record that was right from its header to its last octet.
public struct ReferenceRecord: Equatable, Sendable {
  public var kind: UInt16
  public var flags: UInt16
  /// All ones: none.
  public var device: UInt32
  public var channel: UInt16
  /// Octets from the start of the channel to the header.
  public var offset: Int
  public var body: Range<Int>
  /// As it lies in the stream.
  public var payload: Range<Int>
  /// With header and padding.
  public var byteCount: Int
}
