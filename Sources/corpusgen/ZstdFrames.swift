import StreamTestKit

/// Frames that are stored, not made: what a compressor gives changes with its version.
///
/// The real ones were made with zstd 1.5.4 at level 19; the others are put together by hand from RFC 8878.
enum ZstdFrames {
  /// What ``good`` holds: 4096 octets of text.
  static let plain = [UInt8](
    String(
      repeating: "state of one device instance; sections are small and held whole; large state is bulk. ",
      count: 48
    ).utf8.prefix(4096))

  /// A single-segment frame with content size and checksum, 86 octets.
  static let good: [UInt8] = .hex(
    """
    28b52ffd64000f45020002c50e10a0ed9083db56d8774ae87f0761a81a3506499ff022dfb454872b3bd1447f4c565a35
    d5fa2dbd8b2137be0e1f2bdd2ee40f044ffcc55c98efd26d0200a7cfc2dfa160c10cc4f62a2d
    """)
  /// The first half of the same text, 86 octets.
  static let half: [UInt8] = .hex(
    """
    28b52ffd64000745020002c50e10a0ed9083db56d8774ae87f0761a81a3506499ff022dfb454872b3bd1447f4c565a35
    d5fa2dbd8b2137be0e1f2bdd2ee40f044ffcc55c98efd26d0200a767f1ef50b060062926c541
    """)
  /// As ``good``, from a pipe: a window of 4 KiB and no content size.
  static let withoutContentSize: [UInt8] = .hex(
    """
    28b52ffd041045020002c50e10a0ed9083db56d8774ae87f0761a81a3506499ff022dfb454872b3bd1447f4c565a35
    d5fa2dbd8b2137be0e1f2bdd2ee40f044ffcc55c98efd26d0200a7cfc2dfa160c10cc4f62a2d
    """)
  /// The canonical octets of ``Base/oneField``.
  static let layout: [UInt8] = .hex(
    "28b52ffd24601501008202060cd017c624d8b400805f102553478ad9384155fdc375f15702000383858113f437b98a")

  /// What the frames below hold: 4096 times `a`.
  static let letters = [UInt8](repeating: 0x61, count: 4096)
  /// One block of 4096 times the octet 61, the last of its frame.
  private static let run: [UInt8] = .hex("038000 61")
  /// Windows of 4 MiB and of 8 MiB, content size 4096.
  static let windowOf4MiB: [UInt8] = .hex("28b52ffd 80 60 00100000") + run
  static let windowOf8MiB: [UInt8] = .hex("28b52ffd 80 68 00100000") + run
  /// Window 1 KiB, content size 4096 in four blocks of 1024 times the octet 61.
  static let windowOf1KiB: [UInt8] = .hex("28b52ffd 40 00 000f 02200061 02200061 02200061 03200061")
  /// Dictionary 7, window 4 MiB.
  static let withDictionary: [UInt8] = .hex("28b52ffd 81 60 07 00100000") + run
  /// Content size 4096, one block of 100 octets.
  static let shorterThanItSays: [UInt8] = .hex("28b52ffd 80 60 00100000 230300 61")
  /// A block of the reserved type 3.
  static let reservedBlock: [UInt8] = .hex("28b52ffd 80 60 00100000 078000 61")
  static let skippable: [UInt8] = .hex("502a4d18 04000000 64617461")
  /// A single segment of no octets: one empty raw block.
  static let empty: [UInt8] = .hex("28b52ffd 20 00 010000")

  /// `count` times the octet 61, or a frame that says so.
  ///
  /// - Parameters:
  ///   - descriptor: Frame header descriptor: a content size of 4 octets, a window, no dictionary, no checksum.
  ///   - window: 4 MiB.
  ///   - size: The content size; nil: `count` in 4 octets.
  static func letters(
    _ count: Int, descriptor: UInt8 = 0x80, window: [UInt8] = [0x60], dictionary: [UInt8] = [], size: [UInt8]? = nil,
    blocks: [UInt8]? = nil
  ) -> [UInt8] {
    .joined(
      .hex("28b52ffd"), [descriptor], window, dictionary, size ?? .u32(UInt32(count)), blocks ?? run(count))
  }

  /// A block of `count` times the octet 61.
  static func run(_ count: Int, isLast: Bool = true) -> [UInt8] { block(1, count, isLast: isLast) + [0x61] }

  /// The three octets before a block: last, type (0 raw, 1 run, 2 compressed, 3 reserved), size.
  static func block(_ type: Int, _ count: Int, isLast: Bool = true) -> [UInt8] {
    [UInt8]([UInt8].u32(UInt32(count << 3 | type << 1 | (isLast ? 1 : 0))).prefix(3))
  }
}
