/// How much a decoder looks at.
@frozen
public struct DecoderOptions: Equatable, Sendable, BitwiseCopyable {
  /// Bodies and payloads are compared with their digests. Headers always are.
  public var checksDigests = true
  /// Layouts are kept and the data of sections is walked by them.
  public var checksSections = true
  /// Layouts are kept, and the handler walks the data of sections itself, to see what is right before what is wrong.
  public var leavesSectionsToHandler = false
  /// Streams of several channels are read, each channel by a ``PushDecoder`` of its own, with a ``ChannelGate``
  /// between them; otherwise they are refused as `notImplemented`.
  public var readsChannels = false
  /// The final content of memory is collected in ``StreamState/content``, and the pages of an index compared with it.
  ///
  /// Memory: 40 octets an extent, up to twice ``StreamLimits/finalExtentsMax``.
  public var collectsContent = false

  @inlinable
  public init() {}
}
