import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// Streams of one state become the same octets, and those are legal.
@Suite struct NormaliseTests {
  private static let mib: UInt64 = 1 << 20

  /// The canonical form, which verifies, says that it is canonical, and stays as it is when it is normalised again.
  static func canonical(_ octets: [UInt8], _ options: [String] = []) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let file = try folder.file("in", octets)
    let run = try ToolRun(["convert", "--normalise", file, "-o", folder.path("out")] + options)
    #expect(run.status == 0, "\(run.errors)")
    let verified = try ToolRun(["verify", "--deep", folder.path("out")])
    #expect(verified.status == 0, "\(verified.output)")
    let again = try ToolRun(["convert", "--normalize", folder.path("out"), "-o", folder.path("again")])
    #expect(again.status == 0, "\(again.errors)")
    let output = [UInt8](try Data(contentsOf: URL(filePath: folder.path("out"))))
    #expect([UInt8](try Data(contentsOf: URL(filePath: folder.path("again")))) == output)
    #expect(output[20..<24].elementsEqual([2, 0, 0, 0]))
    return output
  }

  // MARK: Whole streams

  @Test func otherChunksAndFrames() throws {
    let plain = try SampleStream.octets()
    let wanted = try Self.canonical(plain)
    #expect(try Self.canonical(try SampleStream.octets(compresses: true)) == wanted)
    let folder = try TemporaryFolder()
    let file = try folder.file("in", plain)
    for options in [["--chunk", "4096"], ["--chunk", "8192", "--compress"]] {
      #expect(try ToolRun(["convert", file, "-o", folder.path("out")] + options).status == 0)
      #expect(try Self.canonical([UInt8](try Data(contentsOf: URL(filePath: folder.path("out"))))) == wanted)
    }
    // Two pages of the memory of the sample were zero, and two more were given back.
    let records = SampleDamage.records(wanted).map { SampleDamage.kind(wanted, $0) }
    #expect(records == [1, 2, 2, 2, 4, 5, 3, 3, 0x8001, 13])
  }

  @Test func identityAndPipes() throws {
    let octets = try SampleStream.octets()
    let wanted = try Self.canonical(octets)
    #expect(wanted[40..<56].elementsEqual(octets[40..<56]))
    let other = try Self.canonical(octets, ["--uuid", "00112233-4455-6677-8899-aabbccddee00"])
    #expect(other[55] == 0 && other.count == wanted.count)
    let folder = try TemporaryFolder()
    let (source, result) = (try folder.file("in", octets), try folder.file("wanted", wanted))
    let tool = "'\(ToolRun.program.path)'"
    let run = try ToolRun.shell("gzip -c '\(source)' | \(tool) convert --normalise -o - | cmp - '\(result)'")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
  }

  @Test func refusals() throws {
    let folder = try TemporaryFolder()
    var octets = try SampleStream.octets()
    octets[5000] ^= 1
    let file = try folder.file("in", octets)
    let damaged = try ToolRun(["convert", "--normalise", file, "-o", folder.path("out")])
    #expect(damaged.status == 1)
    #expect(damaged.errors.contains("digestMismatch"))
    for options in [["--compress"], ["--chunk", "4096"], ["--raw", "/ram"]] {
      #expect(try ToolRun(["convert", "--normalise", file, "-o", folder.path("out")] + options).status == 2)
    }
    for qemu in QEMUToolTests.files {
      #expect(try ToolRun(["convert", "--normalise", qemu, "-o", folder.path("out")]).status == 2)
    }
    #expect(folder.names == ["in"])
  }

  @Test func legalStreamsOfTheCorpus() throws {
    let folder = try TemporaryFolder()
    var outputs: [String] = []
    for scenario in try CorpusToolTests.scenarios() where scenario.verdict == .accept {
      let name = scenario.name.replacing("/", with: "-")
      let (first, again) = (folder.path(name + ".first"), folder.path(name + ".again"))
      let file = try folder.file(name, scenario.octets)
      let run = try ToolRun(["convert", "--normalise", file, "-o", first])
      #expect(run.status == 0, "\(scenario.name): \(run.errors)")
      #expect(try ToolRun(["convert", "--normalise", first, "-o", again]).status == 0, "\(scenario.name)")
      #expect(FileManager.default.contentsEqual(atPath: first, andPath: again), "\(scenario.name)")
      outputs.append(first)
    }
    #expect(outputs.count > 50)
    let verified = try ToolRun(["verify"] + outputs)
    #expect(verified.status == 0, "\(verified.output)")
  }

  @Test(arguments: QEMUToolTests.files)
  func convertedFromQEMU(file: String) throws {
    let folder = try TemporaryFolder()
    guard try ToolRun(["convert", file, "-o", folder.path("ours")]).status == 0 else { return }
    _ = try Self.canonical([UInt8](try Data(contentsOf: URL(filePath: folder.path("ours")))))
  }

  // MARK: Memory

  /// A stream of one region without devices.
  private func stream(
    regionByteCount: UInt64 = 16 << 20, pageByteCount: UInt64 = 4096, flags: UInt16 = 0, mandatory: UInt32 = 0,
    _ write: (inout Recorder) throws -> Void
  ) throws -> [UInt8] {
    var recorder = try Recorder(mandatory: mandatory)
    var manifest = try ManifestBuilder(
      producer: StaticString("test").octets, producerVersion: RawSpan(), architecture: RawSpan(), guestEndianness: 0,
      pageByteCount: 4096)
    try manifest.region(
      name: StaticString("ram").octets, byteCount: regionByteCount, pageByteCount: pageByteCount, flags: flags)
    try recorder.manifest(manifest)
    try write(&recorder)
    try recorder.end()
    return recorder.octets
  }

  /// Extents of all MEMORY records, a list for each.
  private func extents(_ octets: [UInt8]) -> [[Extent]] {
    SampleDamage.records(octets).filter { SampleDamage.kind(octets, $0) == RecordKind.memory.rawValue }.map { offset in
      let body = octets.span.octets.extracting(droppingFirst: offset + 64)
      return (0..<Int(MemoryHead(body).extentCount)).map { MemoryHead.extent($0, in: body) }
    }
  }

  @Test func supersededPages() throws {
    let (one, two) = ([UInt8](repeating: 1, count: 12288), [UInt8](repeating: 2, count: 4096))
    let zeros = [UInt8](repeating: 0, count: 4096)
    let once = try stream { stream in
      try stream.data(0, Array(one[..<4096]) + two + zeros)
    }
    let passes = try stream(mandatory: MandatoryFlags.passes | MandatoryFlags.zstd) { stream in
      try stream.data(0, one, compresses: true)
      try stream.barrier()
      try stream.data(4096, Array(two[..<100]))
      try stream.data(4096, Array(one[..<8192]))
      try stream.data(4096, two)
      try stream.empty(8192, 4096, .discard)
    }
    let wanted = try Self.canonical(once)
    #expect(try Self.canonical(passes) == wanted)
    #expect(
      extents(wanted) == [
        [Extent(offset: 0, length: 8192, kind: .data), Extent(offset: 8192, length: 4096, kind: .zero)]
      ])
  }

  @Test func zeroRunsEndWhereDataSlotsBegin() throws {
    let octets = try stream { stream in
      try stream.empty(0x8_0000, 4 * Self.mib, .zero)
      try stream.data(2 * Self.mib + 8192, [7])
      try stream.empty(6 * Self.mib, 100, .discard)
      try stream.empty(6 * Self.mib + 200, Self.mib, .zero)
      try stream.data(10 * Self.mib, [UInt8](repeating: 0, count: 4096))
    }
    func zero(_ start: UInt64, _ end: UInt64) -> Extent { Extent(offset: start, length: end - start, kind: .zero) }
    #expect(
      extents(try Self.canonical(octets)) == [
        [zero(0x8_0000, 2 * Self.mib)],
        [
          zero(2 * Self.mib, 2 * Self.mib + 8192), Extent(offset: 2 * Self.mib + 8192, length: 4096, kind: .data),
          zero(2 * Self.mib + 12288, 3 * Self.mib),
        ],
        [zero(3 * Self.mib, 4 * Self.mib + 0x8_0000)], [zero(6 * Self.mib, 6 * Self.mib + 100)],
        [zero(6 * Self.mib + 200, 7 * Self.mib + 200)], [zero(10 * Self.mib, 10 * Self.mib + 4096)],
      ])
  }

  @Test func opaqueRegions() throws {
    let flags = (RegionEntry.opaque, MandatoryFlags.opaqueMemory)
    let octets = try stream(flags: flags.0, mandatory: flags.1) { stream in
      try stream.data(Self.mib - 100, [UInt8](repeating: 0, count: 200))
    }
    let wanted = try Self.canonical(octets)
    #expect(
      extents(wanted) == [
        [Extent(offset: Self.mib - 100, length: 100, kind: .data)],
        [Extent(offset: Self.mib, length: 100, kind: .data)],
      ])
  }

  /// What is claimed costs nothing: only what came is worked on.
  @Test func hugeRegions() throws {
    let octets = try stream(regionByteCount: 1 << 56 - 1, pageByteCount: 1 << 30) { stream in
      try stream.empty(0, 1 << 56 - 1, .zero)
      try stream.data(1 << 55 + 5, [9])
      try stream.data(1 << 54, [0])
      for index in 0..<2000 as Range<UInt64> { try stream.empty(index << 40, 1 << 40, .discard) }
    }
    let wanted = try Self.canonical(octets)
    #expect(extents(wanted).map(\.count) == [1, 2, 1])
    #expect(wanted.count < 70_000)
  }

  /// Frames whose octets lie scattered over the same slots are decompressed once, not once a slot.
  @Test(arguments: [1, 64])
  func interleavedFrames(pageByteCount: UInt64) throws {
    let region = RawRegion {
      $0.length = 1 << 40
      $0.pageSize = pageByteCount
    }
    func make(compresses: Bool) throws -> [UInt8] {
      var compressor = try ZstdCompressor()
      var records = [RawManifest { $0.regions = [region] }.record]
      for frame in 1...4 as ClosedRange<UInt64> {
        let extents = (0..<1000).map { RawExtent.data($0 * Self.mib + frame * 3, 4) }
        let plain = [UInt8](repeating: UInt8(frame), count: 4000)
        var record = RawRecord.memory(extents, payload: plain)
        if compresses {
          var stored = OwnedBytes()
          try compressor.compress(plain.span.octets, into: &stored)
          record.payload = copy(stored.bytes)
          record.body.replaceSubrange(12..<13, with: [1])
          record.body.replaceSubrange(24..<32, with: [UInt8].u64(Digest.xxh3(plain.span.octets)))
        }
        records.append(record)
      }
      return RawStream(mandatory: MandatoryFlags.zstd, records + [.end]).octets
    }
    let wanted = try Self.canonical(try make(compresses: false))
    #expect(try Self.canonical(try make(compresses: true)) == wanted)
    #expect(extents(wanted).count == 1000)
    #expect(extents(wanted)[7] == [Extent(offset: 7 * Self.mib + 3, length: 13, kind: .data)])
  }

  /// Random writes of any size around the border of two slots against an array of octets.
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func againstAModel(seed: UInt64) throws {
    var generator = SeededOctets(seed: seed)
    let pages: [UInt64] = [1, 64, 4096, 65536, 1 << 30]
    let page = pages[Int(seed % 5)]
    let base = Self.mib - 150_000
    let count = 250_000 + generator.next() % 50_000
    var model = [UInt8?](repeating: nil, count: Int(count))
    let hacked = try stream(
      regionByteCount: base + count, pageByteCount: page, mandatory: MandatoryFlags.passes | MandatoryFlags.zstd
    ) { stream in
      for _ in 0..<60 {
        if generator.next() % 8 == 0 { try stream.barrier() }
        let start = generator.next() % count
        let length = min(1 + generator.next() % (1 << (generator.next() % 18)), count - start)
        let value = UInt8(truncatingIfNeeded: generator.next() % 3)
        if generator.next() % 4 == 0 {
          try stream.empty(base + start, length, generator.next() % 2 == 0 ? .zero : .discard)
          for position in start..<(start + length) { model[Int(position)] = 0 }
        } else {
          let octets = [UInt8](repeating: value, count: Int(length))
          try stream.data(base + start, octets, compresses: generator.next() % 2 == 0)
          for position in start..<(start + length) { model[Int(position)] = value }
        }
      }
    }
    let whole = try stream(regionByteCount: base + count, pageByteCount: page) { stream in
      var start = 0
      while start < model.count {
        var end = start
        while end < model.count, end - start < 90_000, (model[end] == nil) == (model[start] == nil) { end += 1 }
        if model[start] != nil { try stream.data(base + UInt64(start), model[start..<end].map { $0 ?? 0 }) }
        start = end
      }
    }
    #expect(try Self.canonical(hacked) == (try Self.canonical(whole)), "seed \(seed)")
  }
}

/// Makes the octets of a stream.
struct Recorder: ~Copyable {
  var encoder: StreamEncoder
  var octets: [UInt8] = []

  init(mandatory: UInt32 = 0) throws {
    var preamble = Preamble(uuid: SampleStream.uuid)
    preamble.mandatoryFlags = mandatory
    encoder = try StreamEncoder(preamble: preamble)
    append(encoder.preamble, to: &octets)
  }

  mutating func manifest(_ manifest: borrowing ManifestBuilder) throws {
    append(try encoder.manifest(manifest), to: &octets)
  }

  mutating func barrier() throws { append(try encoder.barrier(), to: &octets) }
  mutating func end() throws { append(try encoder.end(), to: &octets) }

  mutating func data(_ offset: UInt64, _ data: [UInt8], compresses: Bool = false, region: UInt32 = 0) throws {
    append(
      try encoder.memory(region: region, offset: offset, octets: data.span.octets, compresses: compresses), to: &octets)
  }

  mutating func empty(_ offset: UInt64, _ length: UInt64, _ kind: ExtentKind, region: UInt32 = 0) throws {
    append(try encoder.memory(region: region, offset: offset, length: length, kind: kind), to: &octets)
  }
}
