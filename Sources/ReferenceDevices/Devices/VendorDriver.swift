import MigrationStream

/// A pipe of bounded capacity inside the process.
///
/// The room stays free of file descriptors: the two ends take turns on one thread, and what does not fit waits.
struct BoundedPipe {
  static let capacity = 4096
  private(set) var octets: [UInt8] = []

  /// Takes as many octets as there is room for; returns how many.
  mutating func write(_ source: RawSpan) -> Int {
    let count = min(source.byteCount, Self.capacity - octets.count)
    octets += [UInt8](source.extracting(0..<count))
    return count
  }

  func holds(_ pattern: [UInt8]) -> Bool { octets.span.octets.contains(pattern) }

  mutating func read(_ count: Int) -> [UInt8] {
    let taken = [UInt8](octets.prefix(count))
    octets.removeFirst(taken.count)
    return taken
  }
}

/// The driver's end of the pipe while a stream is taken: it holds what came until it is told that it is effective.
struct VendorDriver {
  private(set) var state: VendorDriverState
  private(set) var isComplete = false
  /// A message was not right, or came behind the last.
  private(set) var isRefused = false
  private var partial: [UInt8] = []

  init(_ blank: VendorDriverState) { state = blank }

  func holds(_ pattern: [UInt8]) -> Bool { partial.span.octets.contains(pattern) }

  /// Reads what lies in the pipe, and takes the messages that are whole.
  mutating func run(_ pipe: inout BoundedPipe) {
    while !isRefused, !pipe.octets.isEmpty {
      guard !isComplete else { return isRefused = true }
      guard partial.count >= VendorDriverState.headByteCount else {
        partial += pipe.read(VendorDriverState.headByteCount - partial.count)
        continue
      }
      guard let count = VendorDriverState.byteCount(partial.span.octets) else { return isRefused = true }
      partial += pipe.read(count - partial.count)
      guard partial.count == count else { continue }
      let message = partial
      partial = []
      guard let isRight = state.take(message.span.octets) else {
        isComplete = true
        continue
      }
      isRefused = !isRight
    }
  }
}
