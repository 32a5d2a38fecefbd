/// What a caller that reads payloads into place has to know before each read.
extension PushDecoder {
  /// Octets to read to a buffer and push next: the rest of the current piece, and what is certain to follow it.
  ///
  ///     | preamble | header | body, front padding | payload with places | back padding | header ...
  ///       64         64       as the header says    0: see `place`        0 to 7
  ///
  /// Never past the end of a record, so that no record waits for the next one, and never into octets that have a
  /// ``place``. 0 while there is one, while the decoder ``isWaiting``, and after END; 0 too when it waits no longer and
  /// goes on with an empty segment. More may be read; then some of a payload may come by `push`.
  public var wantedByteCount: Int {
    // Lifted limits let any length through.
    let rest = Int(clamping: min(needed, 1 << 62))
    if isWaiting { return 0 }
    return switch step {
    case .preamble, .header, .frontPadding, .backPadding, .areas: rest
    case .body: rest + Int(header.frontPadding)
    case .payload: place == nil ? rest + Int(header.backPadding) : 0
    case .release: Int(header.frontPadding)
    case .ended: 0
    }
  }

  /// Where the next octets of the payload belong, place after place, for one scattered read.
  ///
  /// Report what was read with ``placed(_:to:)``, once a place and in this order; the last one may be short.
  /// Each call walks the extents it names.
  ///
  /// - Parameters:
  ///   - max: Places at most, as many as one `readv` takes.
  ///   - visit: Is given ``place`` first.
  public func places(max: Int, _ visit: (PayloadPlace) -> Void) {
    guard max > 0, let first = place else { return }
    visit(first)
    guard let region = first.region else { return }
    let body = staged.bytes
    let count = Int(MemoryHead(body).extentCount)
    var index = placeExtent + 1
    var visited = 1
    while index < count, visited < max {
      let extent = MemoryHead.extent(index, in: body)
      if extent.kind == .data {
        visit(
          PayloadPlace(
            region: region, device: first.device, offset: extent.offset, byteCount: extent.length))
        visited += 1
      }
      index += 1
    }
  }
}

extension PushDecoder {
  /// Leaves no octet of the stream's content in memory; only good for a decoder that is not used any more.
  public mutating func scrub() {
    staged.scrub()
    stored.scrub()
    state.plain.scrub()
    state.manifest.octets.scrub()
  }
}
