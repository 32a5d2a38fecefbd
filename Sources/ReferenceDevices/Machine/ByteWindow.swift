import MigrationStream
import ResumePath

/// A window on a byte string: octets lie here until their device has taken them.
///
/// A stream's payload is read straight into it. The device takes what is complete when the next octets come behind it,
/// and the rest when it prepares, so that a byte string of 2 GiB takes no more room than a chunk.
struct ByteWindow: ~Copyable {
  static let byteCountMax = 1 << 20
  private var octets = OwnedBytes()
  private(set) var device = -1
  /// Octets from the start of the byte string to the window.
  private(set) var start: UInt64 = 0
  /// Octets of the window that were asked for: what lies before the next ones asked for has come.
  private(set) var end: UInt64 = 0

  init() {}

  var held: RawSpan {
    @_lifetime(borrow self)
    get { octets.bytes.extracting(0..<Int(end - start)) }
  }

  mutating func open(device: Int, at offset: UInt64) { (self.device, start, end) = (device, offset, offset) }

  var room: Int { Self.byteCountMax - Int(end - start) }

  /// Keeps the octets before `offset`, which have come, and no others.
  mutating func truncate(to offset: UInt64) { end = offset }

  @_lifetime(&self)
  mutating func place(_ byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    let first = Int(end - start)
    let count = min(byteCount, room)
    if first + count > octets.count {
      do throws(StreamError) { try octets.append(repeating: 0, count: first + count - octets.count) } catch {
        throw DeviceReason.noMemory.failure
      }
    }
    end += UInt64(count)
    return octets.mutableBytes(first..<(first + count))
  }

  mutating func scrub() {
    octets.scrub()
    (device, start, end) = (-1, 0, 0)
  }

  func contains(_ pattern: [UInt8]) -> Bool { octets.bytes.contains(pattern) }
}
