import Foundation
import MigrationStream
import StreamIO
import StreamTestKit
import Testing

/// How little of a large file the program reads.
@Suite struct ReadBudgetTests {
  private static let regionByteCount = UInt64(64) << 30
  private static let granule = UInt64(2) << 20
  private static let deviceCount: UInt32 = 200

  /// An image of 64 GiB with granules of 2 MiB and 200 devices of 20 models. Every granule has an extent of its own;
  /// one of them holds data, the others are holes of the file.
  private static func write(_ path: String) throws {
    var preamble = Preamble(uuid: SampleStream.uuid)
    preamble.profile = .image
    var encoder = try StreamEncoder(preamble: preamble, indexes: true)
    var file = try AtomicOutputFile(path: path)
    try file.write(encoder.preamble)
    file.put(try encoder.manifest(manifest()))
    let granules = [granule]
    file.put(try encoder.placement(granules: granules.span))
    try file.skip(to: encoder.byteCount)
    let data = [UInt8](repeating: 0x5a, count: Int(granule))
    for number in 0..<(regionByteCount / granule) {
      if number == 12345 {
        file.put(try encoder.placedMemory(region: 0, offset: number * granule, octets: data.span.octets))
        continue
      }
      file.put(
        try encoder.placedMemory(
          region: 0, offset: number * granule, length: granule, kind: number % 2 == 0 ? .zero : .discard))
    }
    for number in 0..<20 {
      let fields = (0..<30).map { LayoutField("field\($0) of \(number)", FieldAttributes(.unsigned, width: 8)) }
      let layout = try ModelLayout("model \(number)", fields).canonical()
      file.put(try encoder.layout(canonical: layout.span.octets))
    }
    for device in 0..<deviceCount {
      let data = [UInt8](repeating: UInt8(device), count: 240)
      file.put(try encoder.section(device: device, section: 0, layout: device % 20, data: data.span.octets))
    }
    while let page = try encoder.indexPage() { file.put(page) }
    file.put(try encoder.index())
    file.put(try encoder.end())
    try file.commit()
  }

  private static func manifest() throws -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("large").octets, producerVersion: RawSpan(), architecture: RawSpan(),
      guestEndianness: 0, pageByteCount: 4096)
    try manifest.region(
      name: StaticString("ram").octets, guestAddress: 0, byteCount: regionByteCount, pageByteCount: granule)
    for device in 0..<deviceCount {
      try manifest.beginDevice(
        path: Array("pci.0/slot\(device)".utf8).span.octets, address: StaticString("0000:00:03.0").octets,
        model: StaticString("example.org/net").octets, version: 1, versionMin: 1)
      try manifest.section(name: StaticString("state").octets, version: 1, versionMin: 1)
      try manifest.endDevice()
    }
    return manifest
  }

  private func figures(_ run: ToolRun) throws -> (reads: Int, octets: Int) {
    let numbers = run.errors.split { !$0.isNumber }.compactMap { Int($0) }
    try #require(numbers.count == 2, "\(run.errors)")
    return (numbers[0], numbers[1])
  }

  /// At most 6 reads and 512 KiB for `ls` and `get`; what is got of memory is read besides.
  @Test func listAndGetOfALargeImage() throws {
    let folder = try TemporaryFolder()
    let image = folder.path("large.mgs")
    try Self.write(image)
    #expect(try ImageToolTests.allocated(image) < 16 << 20)
    for (arguments, payload) in [
      (["ls", image], 0), (["get", image, "/devices/pci.0/slot173/state/field29 of 13"], 0),
      (["get", image, "/devices/pci.0/slot199"], 0),
      (["get", image, "/memory/ram", "--offset", "\(40 << 30)", "--length", "1000000"], 0),
      (["get", image, "/memory/ram", "--offset", "\(12345 * Self.granule + 5)", "--length", "100"], Int(Self.granule)),
    ] {
      let run = try ToolRun(arguments + ["--statistics"])
      #expect(run.status == 0, "\(run.output.suffix(300))\(run.errors)")
      let (reads, octets) = try figures(run)
      print("\(arguments.filter { $0 != image }.joined(separator: " ")): \(reads) reads, \(octets) octets")
      #expect(reads <= 6 && octets - payload <= 512 << 10, "\(arguments): \(reads) reads, \(octets) octets")
    }
    let start = ContinuousClock.now
    #expect(try ToolRun(["verify", image]).status == 0)
    print("verify of its 64 GiB: \(ContinuousClock.now - start)")
  }

  /// The quick tier steps over payloads of files.
  @Test func quickVerification() throws {
    let folder = try TemporaryFolder()
    let raw = try folder.file("raw", [UInt8](repeating: 1, count: 24 << 20))
    let stream = folder.path("stream")
    #expect(try ToolRun(["convert", "--raw", "/ram", raw, "-o", stream]).status == 0)
    let quick = try figures(try ToolRun(["verify", "--quick", "--statistics", stream]))
    let whole = try figures(try ToolRun(["verify", "--statistics", stream]))
    #expect(quick.octets < 1 << 20 && whole.octets > 24 << 20, "\(quick), \(whole)")
    // Cut files are found all the same, at the same place as when all is read.
    let octets = try ImageToolTests.octets(stream)
    for count in [octets.count - 1, 5 << 20, 700_000] {
      let cut = try folder.file("cut", Array(octets[..<count]))
      let run = try ToolRun(["verify", "--quick", cut])
      #expect(run.status == 1)
      let piped = try ToolRun(["verify", "--quick"], input: Array(octets[..<count]))
      // Only a file still has the octets around the place.
      #expect(run.output.split(separator: "\n").first == piped.output.split(separator: "\n").first, "\(count)")
    }
  }
}
