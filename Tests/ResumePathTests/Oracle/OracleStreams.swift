import MigrationStream
import ResumeOracle
import ResumePath
import StreamTestKit

/// Streams for a ``ProbeMachine``, written from the specification.
///
///     0 MANIFEST   1 LAYOUT lamp   2 LAYOUT extra   3 LAYOUT plain   4 MEMORY ram   5 MEMORY cells
///     6 BYTES /lamp   7 BYTES /store   8, 9 BYTES /link, two records of one unit   10 SECTION /lamp   11 SECTION /store
///     12 SECTION /link   13 END
enum ProbeStream {
  /// Stands in every payload, and nowhere else.
  static let pattern: [UInt8] = .text("PROBE-PATTERN-#5")

  static func payload(_ count: Int) -> [UInt8] { (0..<count).map { pattern[$0 % pattern.count] } }

  static let lampLayout = RawLayout(
    "lamp",
    [
      RawField("mode", .enumeration, width: 1) { $0.symbols = [RawSymbol(0, "off"), RawSymbol(1, "on")] },
      RawField("isLit", .bool),
      RawField("unused", .padding, width: 2),
      RawField("level", .unsigned) { ($0.flags, $0.max) = (2, 100) },
      RawField("revision", .unsigned) { $0.flags = 8 },
      RawField("queueCount", .count),
      RawField("base", .guestAddress, width: 8) { ($0.flags, $0.min, $0.max, $0.alignmentLog2) = (2, 0x1000, 0xf000, 12) },
      RawField("current", .index),
      RawField("nextID", .unsigned),
      RawField("queues", .structure, [RawField("id", .unsigned), RawField("parent", .unsigned)]).counted(4),
      RawField("name", .string) { ($0.flags, $0.max) = (2, 16) },
    ])
  static let extraLayout = RawLayout("extra", [RawField("boost", .unsigned)])
  static let plainLayout = RawLayout("plain", [RawField("fill", .unsigned)])

  static func manifest(_ change: (inout RawManifest) -> Void = { _ in }) -> RawManifest {
    RawManifest {
      $0.producer = .text("test")
      $0.regions = [
        RawRegion(),
        RawRegion { ($0.name, $0.owner, $0.guestAddress, $0.length) = (.text("cells"), 1, none64, 8192) },
      ]
      $0.devices = [
        RawDevice {
          ($0.path, $0.address, $0.model) = (.text("/lamp"), [], .text("probe/lamp"))
          $0.parameters = [RawParameter("queues", type: 2, value: 4)]
          $0.subsections = [RawAnnouncement("extra")]
        },
        RawDevice { ($0.path, $0.address, $0.model, $0.apply) = (.text("/store"), [], .text("probe/store"), 2) },
        RawDevice { ($0.path, $0.address, $0.model, $0.apply) = (.text("/link"), [], .text("probe/link"), 3) },
      ]
      change(&$0)
    }
  }

  static var store: UInt32 { 1 }
  static var link: UInt32 { 2 }

  static func lamp(_ data: Lamp = Lamp(), _ change: (inout RawSection) -> Void = { _ in }) -> RawRecord {
    RawSection(data: data.octets, [], change).record
  }

  static func plain(_ device: UInt32, _ change: (inout RawSection) -> Void = { _ in }) -> RawRecord {
    RawSection(data: .joined(.u32(5), .zeros(4))) {
      ($0.device, $0.layout) = (device, 2)
      change(&$0)
    }.record
  }

  static var records: [RawRecord] {
    [
      manifest().record, lampLayout.record(0), extraLayout.record(1), plainLayout.record(2),
      .memory([.data(4096, 4096), .zero(8192, 4096)], payload: payload(4096)),
      .memory(region: 1, device: store, [.data(0, 512)], payload: payload(512)),
      .bytes(payload(100)),
      .bytes(device: store, payload(200)),
      .bytes(device: link, flags: RawFlag.required | RawFlag.unitFirst, payload(96)),
      .bytes(device: link, offset: 96, flags: RawFlag.required | RawFlag.unitLast | RawFlag.last, payload(32)),
      lamp(), plain(store), plain(link), .end,
    ]
  }

  /// What the machine must accept.
  static var valid: RawStream { RawStream(records) }
  static let validOctets = valid.octets
  static let validTransactions = transactions(valid)

  /// Octets from the start of the stream to each record, and to its end.
  static func starts(_ stream: RawStream) -> [Int] {
    let assembled = stream.assembled()
    let headers = assembled.labels.filter { label in
      !label.name.hasSuffix(" body") && !label.name.hasSuffix(" payload") && label.name != "preamble" && label.name != "behind"
    }
    return headers.map(\.offset) + [assembled.octets.count - stream.tail.count]
  }

  /// What a source would have written in one go: the preamble, a record, the records of a unit.
  static func transactions(_ stream: RawStream) -> [Range<Int>] {
    let starts = starts(stream)
    var ranges = [0..<64]
    for (number, record) in stream.records.enumerated() {
      let range = starts[number]..<starts[number + 1]
      let isUnit = record.kind == RawKind.bytes && !record.payload.isEmpty
      if isUnit, record.flags & RawFlag.unitFirst == 0 {
        ranges[ranges.count - 1] = ranges[ranges.count - 1].lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
    return ranges
  }
}

/// Data of the lamp's section.
struct Lamp {
  var mode: UInt8 = 1
  var isLit: UInt8 = 1
  var unused: [UInt8] = [0, 0]
  var level: UInt32 = 10
  var revision: UInt32 = 7
  var queueCount: UInt32 = 2
  var base: UInt64 = 0x2000
  var current: UInt32 = 1
  var nextID: UInt32 = 30
  var queues: [(id: UInt32, parent: UInt32)] = [(10, 0), (20, 10)]
  var name: [UInt8] = .text("hall")

  init(_ change: (inout Lamp) -> Void = { _ in }) { change(&self) }

  var octets: [UInt8] {
    var data: [UInt8] = .joined([mode, isLit], unused, .u32(level), .u32(revision), .u32(queueCount), .u64(base))
    data.put(.u32(current), .u32(nextID), .u32(UInt32(queues.count)), .u32(UInt32(name.count)))
    for queue in queues { data.put(.u32(queue.id), .u32(queue.parent)) }
    return data + name.padded()
  }
}
