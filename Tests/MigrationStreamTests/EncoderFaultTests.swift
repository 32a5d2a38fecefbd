import MigrationStream
import StreamTestKit
import Testing

/// What an encoder does after something went wrong.
@Suite struct EncoderFaultTests {
  /// ABORT has no payload, so nothing follows its body, whatever the record before it had.
  @Test func abortHasNoPaddingOfTheRecordBefore() throws {
    var encoder = try machine(.system)
    let payload = [UInt8](repeating: 1, count: 61)
    _ = try encoder.bytes(
      device: 0, octets: payload.span.octets, flags: RecordFlags.unitFirst | RecordFlags.unitLast)
    let list = try encoder.abort(reason: 1, text: StaticString("stop").octets)
    let (byteCount, count) = (list.byteCount, list.count)
    #expect(byteCount == RecordHeader.byteCount + 16)
    #expect(count == 1)
  }

  /// A source that is refused a record says so in its stream: nothing of the refused record was written.
  @Test func abortIsPossibleAfterARefusal() throws {
    var encoder = try machine(.system)
    var octets = Self.octets(of: encoder.preamble)
    var manifest = try builder(.system)
    try manifest.endDevice()
    var sound = try StreamEncoder(preamble: Self.preamble)
    Self.append(try sound.manifest(manifest), to: &octets)
    let memory = [UInt8](repeating: 1, count: 64)
    var refusal: StreamError?
    do throws(StreamError) {
      _ = try encoder.memory(region: 0, offset: 1 << 20, octets: memory.span.octets)
    } catch { refusal = error }
    #expect(refusal?.code == .badExtent)
    Self.append(try encoder.abort(reason: 2, text: StaticString("no").octets), to: &octets)
    let read = Reading.pull(octets).refusal
    #expect(read?.code == .aborted)
    #expect(read?.found == 2)
    #expect(Self.refusal { () throws(StreamError) in _ = try encoder.end() } == refusal)
    #expect(
      Self.refusal { () throws(StreamError) in _ = try encoder.abort(reason: 2, text: RawSpan()) }?.code
        == .wrongCall)
  }

  /// Known kinds have calls of their own, which check what they carry.
  @Test(arguments: RecordKind.allCases)
  func onlyUnknownKindsArePreserved(_ kind: RecordKind) throws {
    var encoder = try machine(.system)
    let body = [UInt8](repeating: 0, count: 32)
    let refusal = Self.refusal { () throws(StreamError) in
      _ = try encoder.preserved(
        kind: kind.rawValue, flags: kind == .index ? 2 : 1, device: Format.none32, body: body.span.octets,
        payload: RawSpan())
    }
    #expect(refusal?.code == .wrongCall)
  }

  @Test func aSectionThatWasNotAnnouncedIsUnknown() throws {
    var encoder = try machine(.system)
    let data = [UInt8](repeating: 0, count: 8)
    let refusal = Self.refusal { () throws(StreamError) in
      _ = try encoder.section(device: 0, section: 7, layout: 0, data: data.span.octets)
    }
    #expect(refusal?.code == .unknownSection)
  }

  @Test func parametersPastTheirCountAreRefused() throws {
    var manifest = try builder(.system)
    for _ in 0..<65535 { try manifest.parameter(name: StaticString("a").octets, kind: .int) }
    #expect(
      Self.refusal { () throws(StreamError) in
        try manifest.parameter(name: StaticString("a").octets, kind: .int)
      }?.code == .wrongCall)
  }

  // MARK: Streams

  private static let preamble: Preamble = {
    var preamble = Preamble(uuid: StreamUUID(low: 1, high: 2))
    preamble.mandatoryFlags = MandatoryFlags.zstd | MandatoryFlags.externalLayouts | MandatoryFlags.passes
    return preamble
  }()

  private func builder(_ allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("test").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096,
      allocator: allocator)
    try manifest.region(name: StaticString("ram").octets, byteCount: 1 << 20, pageByteCount: 4096)
    try manifest.beginDevice(
      path: StaticString("gpu").octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
    return manifest
  }

  private func machine(_ allocator: StreamAllocator) throws(StreamError) -> StreamEncoder {
    var encoder = try StreamEncoder(preamble: Self.preamble, allocator: allocator)
    var manifest = try builder(allocator)
    try manifest.endDevice()
    _ = try encoder.manifest(manifest)
    return encoder
  }

  private static func refusal(_ call: () throws(StreamError) -> Void) -> StreamError? {
    do throws(StreamError) { try call() } catch { return error }
    return nil
  }

  private static func octets(of span: RawSpan) -> [UInt8] { span.byteOffsets.map { span.octet(at: $0) } }

  private static func append(_ list: borrowing GatherList, to octets: inout [UInt8]) {
    for index in 0..<list.count { octets += Self.octets(of: list[index]) }
  }
}
