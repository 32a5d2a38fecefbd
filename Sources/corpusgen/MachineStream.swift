import StreamTestKit

extension Base {
  /// Everything that the profile `stream` has on one channel, in one stream.
  static let machine: RawStream = {
    RawStream(
      mandatory: 0b11_1100, recordMax: 1 << 20,
      [
        machineManifest, oneField.record(0, zstd: ZstdFrames.layout), ports.record(1),
        externalBoard,
        // Pass 0: memory while the guest runs.
        .memory([.data(0, 64), .zero(4096, 8192), .discard(16384, 4096)]),
        .memory(zstd: ZstdFrames.good, plain: ZstdFrames.plain),
        .memory(region: 1, device: 1, [.data(0, 100)]),
        section(0, 0, layout: 0),
        RawRecord(0x9000, flags: RawFlag.skippable, body: .ramp(24), payload: .ramp(9)),
        .barrier(pass: 0, next: 10),
        // Pass 1: the guest stands still.
        .memory(pass: 1, [.data(32, 64), .zero(4096, 4096)]),
        section(0, 0, layout: 1, pass: 1, flags: 5, machineSubsections),
        section(0, 1, layout: 0, pass: 1), section(1, 0, layout: 2, pass: 1),
        bytes(0, 1 | RawFlag.unitFirst, .ramp(64)),
        bytes(64, 1 | RawFlag.unitLast | RawFlag.initialDataEnd, .ramp(64)),
        bytes(128, RawFlag.whole, .ramp(7)), .end,
      ])
  }()

  private static let machineManifest = RawManifest {
    $0.regions = [
      RawRegion { $0.flags = 1 },
      RawRegion {
        $0.name = .text("vram")
        $0.owner = 1
        $0.flags = 4
        $0.guestAddress = none64
      },
    ]
    $0.devices = [
      RawDevice {
        $0.clock = 1
        $0.parameters = [
          RawParameter("fifo", type: 1, value: 1), RawParameter("irq", type: 2, value: .max),
          RawParameter("name", type: 3, text: "com1"),
        ]
        $0.sections = [RawAnnouncement("state"), RawAnnouncement("queue")]
        $0.subsections = [RawAnnouncement("fifo"), RawAnnouncement("timer", flags: RawFlag.skippable)]
      },
      RawDevice {
        $0.path = .text("/gpu0")
        $0.parent = 0
        $0.address = .text("0000:00:03.0")
        $0.model = .text("example.org/gpu")
        $0.apply = 3
        $0.lenTotal = 135
      },
    ]
  }.record

  private static let externalBoard = RawLayout("board", [RawField("id", .unsigned, width: 8)]).record(
    2, external: "example.org/gpu@1/state")

  private static let machineSubsections = [
    RawSubsection(0, data: .zeros(8)) { $0.layout = 1 },
    RawSubsection(
      1, target: [(1, 1)], data: .u64(3), [RawSubsection(0, data: .zeros(8)) { $0.layout = 1 }]),
  ]

  private static func section(
    _ device: UInt32, _ position: UInt16, layout: UInt32, pass: UInt32 = 0, flags: UInt16 = 1,
    _ subsections: [RawSubsection] = []
  ) -> RawRecord {
    RawSection(data: layout == 2 ? .ramp(8) : .zeros(8), subsections) {
      $0.device = device
      $0.position = position
      $0.layout = layout
      $0.pass = pass
      $0.flags = flags
    }.record
  }

  private static func bytes(_ offset: UInt64, _ flags: UInt16, _ payload: [UInt8]) -> RawRecord {
    .bytes(device: 1, offset: offset, pass: 1, flags: flags, payload)
  }
}
