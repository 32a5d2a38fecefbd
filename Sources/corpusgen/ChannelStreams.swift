import StreamTestKit

extension Base {
  /// One region on two channels, no passes.
  ///
  /// Channel 0: MANIFEST 64, MEMORY 208 (body 272, payload 320), END 384 (body 448: num_channels 456, totals of
  /// channel 0 480, of 1 504, of 2 528). Channel 1: MEMORY 64 (body 128, payload 192), CHANNEL_END 256 (body 320), 352
  /// octets.
  static let two = two([.memory([.data(4096, 64)])])

  /// The same with other records on channel 1.
  static func two(_ records: [RawRecord]) -> RawStream {
    RawStream([ramManifest, .memory([.data(0, 64)]), .end], channels: [records])
  }

  /// One region on three channels, two passes; pass 1 sends anew what other channels have sent in pass 0.
  ///
  /// Channel 0: MANIFEST 64, MEMORY 208, BARRIER 384 (body 448: num_channels 452, sequence_next 456, 464, 472), MEMORY
  /// 480, END 704. Channel 1: MEMORY 64, MEMORY 256 (pass 324), CHANNEL_END 448. Channel 2: MEMORY 64, 256 and 448,
  /// CHANNEL_END 640.
  static let three = three()

  /// - Parameters:
  ///   - first: Extent of channel 1 in pass 0.
  ///   - second: Extent of channel 2 in pass 1.
  static func three(_ first: RawExtent = .data(4096, 64), _ second: RawExtent = .data(0, 64)) -> RawStream {
    RawStream(
      mandatory: 1 << 2,
      [
        ramManifest, .memory([.data(0, 64)]), .barrier(pass: 0, next: 3, 1, 2),
        .memory(pass: 1, [.data(4096, 64)]), .end,
      ],
      channels: [
        [.memory([first]), .memory(pass: 1, [.data(8192, 64)])],
        [.memory([.data(8192, 64)]), .memory([.data(12288, 64)]), .memory(pass: 1, [second])],
      ])
  }

  /// Two channels and passes. Channel 0: MANIFEST 64, BARRIER 208 (body 272, sequence_next 280 and 288), 296 (360, 368
  /// and 376), 384 and so on.
  static func barriers(_ records: [RawRecord], _ barriers: RawRecord...) -> RawStream {
    RawStream(mandatory: 1 << 2, [ramManifest] + barriers + [.end], channels: [records])
  }

  /// One device that has only a byte string, on two channels. Channel 0: MANIFEST 64, next record 224. Channel 1: BYTES
  /// 64 (body 128, payload 192).
  static func bytesOnTwo(_ first: [RawRecord], _ second: [RawRecord]) -> RawStream {
    RawStream([bytes([]).records[0]] + first + [.end], channels: [second])
  }

  static let ramManifest = RawManifest { $0.regions = [RawRegion()] }.record
}
