public import MigrationStream

/// One channel on its way through a decoder.
public final class ChannelFeed<Handler: StreamHandler> {
  private var decoder: PushDecoder
  private let octets: [UInt8]
  private var position = 0
  public private(set) var handler: Handler

  public init(_ octets: [UInt8], _ handler: Handler, limits: StreamLimits, allocator: StreamAllocator) throws(StreamError) {
    var options = DecoderOptions()
    options.readsChannels = true
    decoder = try PushDecoder(limits: limits, options: options, allocator: allocator)
    self.octets = octets
    self.handler = handler
  }

  public init(
    _ octets: [UInt8], _ handler: Handler, joining first: ChannelFeed, allocator: StreamAllocator
  ) throws(StreamError) {
    decoder = try PushDecoder(joining: first.decoder.state, allocator: allocator)
    self.octets = octets
    self.handler = handler
  }

  public func gate(_ allocator: StreamAllocator) throws(StreamError) -> ChannelGate {
    try ChannelGate(decoder.state, allocator: allocator)
  }

  public var isWaiting: Bool { decoder.isWaiting }
  public var isDone: Bool { position == octets.count }
  public var offset: UInt64 { decoder.offset }

  /// Pushes at most `count` octets.
  ///
  /// - Returns: Whether anything was taken.
  public func push(_ count: Int) throws(StreamError) -> Bool {
    let end = min(position + count, octets.count)
    let octets = octets
    let taken = try decoder.push(octets.span.octets.extracting(position..<end), to: &handler)
    position += taken
    return taken > 0
  }

  public func exchange(_ gate: inout ChannelGate) throws(StreamError) { try gate.exchange(&decoder) }

  public func finish() throws(StreamError) { try decoder.finish() }

  /// Bypasses what was not taken: a stream that has ended does not take what follows.
  public var hasEnded: Bool { decoder.state.hasEnded }
}

/// How the octets of several channels arrive.
public struct Arrival: CustomStringConvertible, Sendable {
  public var seed: UInt64
  /// Octets that arrive at once, at most.
  public var piece: Int
  /// Channels whose octets arrive only when no other can go on: by position in the corpus file.
  public var last: Int?

  public init(seed: UInt64, piece: Int, last: Int?) { (self.seed, self.piece, self.last) = (seed, piece, last) }

  public var description: String { "seed \(seed), pieces of \(piece), last \(last.map { "\($0)" } ?? "none")" }

  /// Each channel last, one octet and everything at once, and some at random.
  public static let several: [Arrival] =
    [1, 100, 1 << 20].flatMap { piece in
      [nil, 0, 1, 2].map { Arrival(seed: 0, piece: piece, last: $0) }
    } + (1...8).map { Arrival(seed: $0, piece: 300, last: nil) }
}

/// A stream of several channels, read as its readers are told to.
public enum ChannelReading {
  public struct Outcome<Handler: StreamHandler> {
    public var refusal: StreamError?
    /// By position: channel 0, then the others as they were given.
    public var handlers: [Handler]
  }

  public static func read<Handler: StreamHandler>(
    _ first: [UInt8], _ others: [[UInt8]], _ arrival: Arrival, limits: StreamLimits = StreamLimits(),
    allocator: StreamAllocator = .system, handler: (Int) -> Handler
  ) -> Outcome<Handler> {
    var feeds: [ChannelFeed<Handler>] = []
    var refusal: StreamError?
    do throws(StreamError) {
      feeds.append(try ChannelFeed(first, handler(0), limits: limits, allocator: allocator))
      while !feeds[0].isWaiting { if try !feeds[0].push(arrival.piece) { break } }
      if !feeds[0].isWaiting { try feeds[0].finish() }
      var gate = try feeds[0].gate(allocator)
      for (index, octets) in others.enumerated() {
        feeds.append(try ChannelFeed(octets, handler(index + 1), joining: feeds[0], allocator: allocator))
      }
      try run(feeds, &gate, arrival)
      // The octets that came are at their end, or wait for some that did not come.
      for feed in feeds where feed.isDone || feed.hasEnded { try feed.finish() }
      try gate.finish()
    } catch { refusal = error }
    return Outcome(refusal: refusal, handlers: feeds.map(\.handler))
  }

  /// Until no channel can go on.
  private static func run<Handler>(
    _ feeds: [ChannelFeed<Handler>], _ gate: inout ChannelGate, _ arrival: Arrival
  ) throws(StreamError) {
    var random = SeededGenerator(seed: arrival.seed)
    var idle = 0
    while idle < 2 * feeds.count + 2 {
      var order = Array(feeds.indices)
      if arrival.seed != 0 { order.shuffle(using: &random) }
      var moved = false
      for index in order where index != arrival.last {
        if try step(feeds[index], &gate, arrival, &random) { moved = true }
      }
      if !moved, let last = arrival.last, last < feeds.count {
        moved = try step(feeds[last], &gate, arrival, &random)
      }
      idle = moved ? 0 : idle + 1
    }
  }

  private static func step<Handler>(
    _ feed: ChannelFeed<Handler>, _ gate: inout ChannelGate, _ arrival: Arrival, _ random: inout SeededGenerator
  ) throws(StreamError) -> Bool {
    try feed.exchange(&gate)
    let count = arrival.seed == 0 ? arrival.piece : random.pick(1...arrival.piece)
    let moved: Bool
    do throws(StreamError) { moved = try feed.push(count) } catch {
      try feed.exchange(&gate)
      throw error
    }
    try feed.exchange(&gate)
    return moved
  }
}
