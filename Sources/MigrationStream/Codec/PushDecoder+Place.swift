/// Where the next octets of a plain payload belong.
@frozen
public struct PayloadPlace: Equatable, Sendable, BitwiseCopyable {
  /// Region number of a MEMORY record; nil for a device's byte string.
  public var region: UInt32?
  /// Device number, or ``Format/none32``.
  public var device: UInt32
  /// Octets from the start of the region or of the byte string.
  public var offset: UInt64
  /// Octets that may be read there in one go.
  public var byteCount: UInt64
}

extension PushDecoder {
  /// Where to read the next payload octets; nil when the decoder wants to see what comes next itself.
  public var place: PayloadPlace? {
    guard step == .payload, frame == nil, poison == nil, needed > 0 else { return nil }
    if header.kind == RecordKind.bytes.rawValue {
      return PayloadPlace(
        region: nil, device: header.device, offset: BytesHead(staged.bytes).offset &+ arrived,
        byteCount: needed)
    }
    guard header.kind == RecordKind.memory.rawValue else { return nil }
    let head = MemoryHead(staged.bytes)
    guard placeExtent < Int(head.extentCount) else { return nil }
    let extent = MemoryHead.extent(placeExtent, in: staged.bytes)
    let inside = arrived &- placeStart
    return PayloadPlace(
      region: head.region, device: header.device, offset: extent.offset &+ inside,
      byteCount: extent.length &- inside)
  }

  mutating func findPlace() {
    guard step == .payload, header.kind == RecordKind.memory.rawValue else { return }
    let sought = nextDataExtent()
    (placeExtent, placeStart) = sought
  }

  /// Steps over extents that have no octets, or all of them; each extent is passed once a record.
  private func nextDataExtent() -> (extent: Int, start: UInt64) {
    let body = staged.bytes
    let count = Int(MemoryHead(body).extentCount)
    var index = placeExtent
    var start = placeStart
    while index < count {
      let extent = MemoryHead.extent(index, in: body)
      if extent.kind == .data {
        if arrived < start &+ extent.length { break }
        start &+= extent.length
      }
      index += 1
    }
    return (index, start)
  }

  /// Takes octets that the caller has read to ``place``; the handler does not see them.
  ///
  /// - Parameter octets: At most ``PayloadPlace/byteCount``, lying where they belong.
  /// - Throws: `wrongCall` when there was no place for them.
  public mutating func placed<Handler: StreamHandler & ~Copyable>(
    _ octets: RawSpan, to handler: inout Handler
  ) throws(StreamError) {
    defer { checkStep() }
    if let poison { throw poison }
    guard let place, UInt64(octets.byteCount) <= place.byteCount else {
      throw StreamError(.wrongCall, .use, at: offset)
    }
    do throws(StreamError) {
      takeDigest(octets)
      guard needed == 0 else { return }
      try closePayload()
      begin(.backPadding)
      var nothing = octets.extracting(first: 0)
      if header.backPadding == 0 { try advance(&nothing, to: &handler) }
    } catch let refusal {
      throw poisoned(refusal)
    }
  }
}
