import Foundation
import MigrationStream
import StreamIO
import StreamTestKit
import Testing

/// What a VMM does with an image: it maps a region where it lies in the file and runs on it.
@Suite struct MappedImageTests {
  @Test(arguments: [0, 1, 17, 150])
  func aMachineGoesOnFromItsImage(stepsBefore: Int) throws {
    var unstopped = TinyMachine()
    unstopped.run()
    #expect(unstopped.output.count == TinyMachine.rounds)

    var source = TinyMachine()
    source.run(steps: stepsBefore)
    let folder = try TemporaryFolder()
    let image = folder.path("machine.mgs")
    try source.save(to: image)
    #expect(try ToolRun(["verify", "--deep", image]).status == 0)
    let before = try Data(contentsOf: URL(filePath: image))

    let listing = try JSONDocument(try ToolRun(["ls", "--json", image]).output)
    let region = try #require(listing.nodes.first { $0["path"] as? String == "/memory/ram" })
    let offset = try #require(UInt64(region["offset"] as? String ?? ""))
    #expect(offset % 4096 == 0)
    var destination = TinyMachine(pc: try register("pc", image), sum: try register("sum", image))
    destination.output = source.output
    var mapped = try MappedRegion(privately: image, at: offset, byteCount: UInt64(TinyMachine.byteCount))
    var memory = mapped.octets
    destination.run(on: &memory)
    #expect(destination.output == unstopped.output)

    // The run wrote to its memory, and the file knows nothing of it.
    #expect(mapped.bytes.octet(at: TinyMachine.counter) == 0)
    #expect(try Data(contentsOf: URL(filePath: image)) == before)
    #expect(try ToolRun(["verify", image]).status == 0)
  }

  private func register(_ name: String, _ image: String) throws -> UInt64 {
    let got = try JSONDocument(try ToolRun(["get", "--json", image, "/devices/cpu0/registers/\(name)"]).output)
    return try #require(UInt64(got.nodes.last?["value"] as? String ?? ""))
  }

  @Test func placesThatCannotBeMapped() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("file", [UInt8](repeating: 1, count: 8192))
    for (offset, byteCount) in [(0, 8193), (4096, 4097), (1, 4096), (0, 0), (UInt64.max, 2)] as [(UInt64, UInt64)] {
      #expect(throws: IOFailure.self) { _ = try MappedRegion(privately: file, at: offset, byteCount: byteCount) }
    }
    let mapped = try MappedRegion(privately: file, at: 4096, byteCount: 4096)
    #expect(mapped.bytes.octet(at: 4095) == 1)
  }
}

/// A processor of five instructions, each an opcode and an address of two octets, and its memory.
///
/// The program adds a counter to a sum, shows the sum, and counts down to zero.
struct TinyMachine {
  static let byteCount = 2 << 20
  static let counter = 0x5000
  static let rounds = 40
  private static let start = 0x2000

  private enum Opcode: UInt8 { case halt, add, show, decrement, jumpUnlessZero }

  private static let program: [(Opcode, UInt16)] = [
    (.add, UInt16(counter)), (.show, 0), (.decrement, UInt16(counter)), (.jumpUnlessZero, UInt16(start)), (.halt, 0),
  ]

  var memory: [UInt8]
  var pc: UInt64
  var sum: UInt64
  var output: [UInt64] = []

  init() {
    memory = [UInt8](repeating: 0, count: Self.byteCount)
    (pc, sum) = (UInt64(Self.start), 0)
    for (index, instruction) in Self.program.enumerated() {
      let place = Self.start + 3 * index
      memory[place] = instruction.0.rawValue
      memory[place + 1] = UInt8(truncatingIfNeeded: instruction.1)
      memory[place + 2] = UInt8(truncatingIfNeeded: instruction.1 >> 8)
    }
    memory[Self.counter] = UInt8(Self.rounds)
  }

  /// A processor whose memory is somewhere else.
  init(pc: UInt64, sum: UInt64) {
    memory = []
    (self.pc, self.sum) = (pc, sum)
  }

  mutating func run(steps: Int = .max) {
    var own = memory
    var span = own.mutableSpan
    // Safe: octets have no padding, and any value is legal.
    var octets = unsafe span.mutableBytes
    run(on: &octets, steps: steps)
    memory = own
  }

  /// Runs until the program halts, or for some steps.
  mutating func run(on memory: inout MutableRawSpan, steps: Int = .max) {
    var left = steps
    while left > 0 {
      left -= 1
      let place = Int(pc)
      let address = Int(memory.bytes.integer(at: place + 1, as: UInt16.self))
      switch Opcode(rawValue: memory.bytes.octet(at: place)) {
      case .add: sum += UInt64(memory.bytes.octet(at: address))
      case .show: output.append(sum)
      case .decrement:
        let value = memory.bytes.octet(at: address) &- 1
        memory.storeBytes(of: value, toByteOffset: address, as: UInt8.self)
      case .jumpUnlessZero:
        if memory.bytes.octet(at: Self.counter) != 0 {
          pc = UInt64(address)
          continue
        }
      case .halt, nil: return
      }
      pc += 3
    }
  }

  /// Writes an image of the machine, as a VMM would.
  func save(to path: String) throws {
    var preamble = Preamble(uuid: SampleStream.uuid)
    preamble.profile = .image
    var encoder = try StreamEncoder(preamble: preamble, indexes: true)
    var file = try AtomicOutputFile(path: path)
    try file.write(encoder.preamble)
    var manifest = try ManifestBuilder(
      producer: StaticString("tiny").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("tiny").octets, guestEndianness: 1, pageByteCount: 4096)
    try manifest.region(
      name: StaticString("ram").octets, guestAddress: 0, byteCount: UInt64(Self.byteCount), pageByteCount: 4096)
    try manifest.beginDevice(
      path: StaticString("cpu0").octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
    try manifest.section(name: StaticString("registers").octets, version: 1, versionMin: 1)
    try manifest.endDevice()
    file.put(try encoder.manifest(manifest))
    file.put(try encoder.placement())
    try file.skip(to: encoder.byteCount)
    file.put(try encoder.placedMemory(region: 0, offset: 0, octets: memory.span.octets))
    let number = FieldAttributes(.unsigned, width: 8)
    let layout = try ModelLayout("registers", [LayoutField("pc", number), LayoutField("sum", number)]).canonical()
    file.put(try encoder.layout(canonical: layout.span.octets))
    let registers = [pc, sum].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
    file.put(try encoder.section(device: 0, section: 0, layout: 0, data: registers.span.octets))
    while let page = try encoder.indexPage() { file.put(page) }
    file.put(try encoder.index())
    file.put(try encoder.end())
    try file.commit()
  }
}
