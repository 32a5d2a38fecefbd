internal import MigrationStream

/// What a session holds beside its decoder: which device of the machine each of the stream is, what they announced, and
/// what is staged.
///
/// Memory: for each device, region and announced section of the stream a fixed entry, whose octets have come; the staged
/// octets, at most ``ResumeOptions/stagedBytesMax`` and as much again while they move; one payload, or one write unit in
/// strict mode, of an external device; ``MappingCache/countMax`` mappings.
struct ResumeSession: ~Copyable {
  /// A device of the stream that the machine has.
  struct TakenDevice: BitwiseCopyable {
    /// Its numbers in the stream and in the machine.
    var stream: Int
    var own: Int
    var apply: ApplyKind
    /// Octets of an external device's byte string before those that are kept until they are forwarded.
    var forwardedByteCount: UInt64 = 0
  }

  /// By number in the stream: position in ``taken``; ``Format/none32`` for one that is stepped over.
  var devices: OwnedBuffer<UInt32>
  var taken: OwnedBuffer<TakenDevice>
  /// By position in ``taken``.
  var announced: OwnedList<DeviceSections>
  /// Of an external device only what was not forwarded: its digest is not yet known to be right, or its write unit is
  /// not whole.
  var byteStrings: OwnedList<OwnedBytes>
  /// By number in the stream: number in the machine; ``Format/none32`` for one that is stepped over.
  var regions: OwnedBuffer<UInt32>
  var staging: Staging
  /// Octets of all byte strings that are staged.
  var byteStringTotal: UInt64 = 0
  var mappings: MappingCache
  /// A mapped section.
  var scratch: OwnedBytes

  init(allocator: StreamAllocator) {
    devices = OwnedBuffer(allocator: allocator)
    taken = OwnedBuffer(allocator: allocator)
    announced = OwnedList(allocator: allocator)
    byteStrings = OwnedList(allocator: allocator)
    regions = OwnedBuffer(allocator: allocator)
    staging = Staging(allocator: allocator)
    mappings = MappingCache(allocator: allocator)
    scratch = OwnedBytes(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  var allocator: StreamAllocator { devices.allocator }

  /// Position in ``taken`` of a device of the stream.
  func position(of device: UInt32) -> Int? {
    let position = devices[Int(device)]
    return position == Format.none32 ? nil : Int(position)
  }

  /// - Throws: `limitExceeded` when `added` octets more are not to be staged.
  func admit(_ added: UInt64, at offset: UInt64, _ options: ResumeOptions) throws(StreamError) {
    let (total, overflow) = (UInt64(staging.byteCount) &+ byteStringTotal).addingReportingOverflow(added)
    guard !overflow, total <= options.stagedBytesMax else {
      throw StreamError(
        .limitExceeded, .resume, at: offset, expected: options.stagedBytesMax, found: overflow ? UInt64.max : total)
    }
  }

  /// Forgets the stream, and leaves no octet of it.
  mutating func scrub() {
    devices.release()
    taken.release()
    announced.release()
    for position in 0..<byteStrings.count { byteStrings[position].scrub() }
    byteStrings.release()
    regions.release()
    staging.scrub()
    byteStringTotal = 0
    mappings.release()
    scratch.scrub()
  }
}
