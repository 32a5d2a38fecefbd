import MigrationStream
import Testing

/// Octets of a gather list, one after the other.
private func flatten(_ list: borrowing GatherList, into octets: inout [UInt8]) {
  for index in 0..<list.count { append(list[index], to: &octets) }
}

private func append(_ span: RawSpan, to octets: inout [UInt8]) {
  for index in span.byteOffsets { octets.append(span.octet(at: index)) }
}

/// Writes down what a decoder hands over, and puts payloads where they belong.
private struct Recorder: StreamHandler {
  var events: [String] = []
  var payload: [UInt8] = []

  mutating func preamble(_ preamble: Preamble) { events.append("preamble") }
  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {
    events.append("\(record.header.kind) at \(record.offset)")
  }
  mutating func payload(_ octets: RawSpan, at position: UInt64) {
    #expect(position <= UInt64(payload.count))
    append(octets, to: &payload)
  }
  mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) {
    events.append("end \(header.sequence) \(payload.count)")
  }
}

/// A machine with one region of 1 MiB and one device with a byte string and no sections.
private func encoder(flags: UInt32 = 0, into octets: inout [UInt8]) throws -> StreamEncoder {
  var preamble = Preamble(uuid: StreamUUID(low: 1, high: 2))
  preamble.mandatoryFlags = flags
  var encoder = try StreamEncoder(preamble: preamble)
  append(encoder.preamble, to: &octets)
  var manifest = try ManifestBuilder(
    producer: StaticString("test").octets, producerVersion: StaticString("1").octets,
    architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096)
  try manifest.region(name: StaticString("ram").octets, byteCount: 1 << 20, pageByteCount: 4096)
  try manifest.beginDevice(
    path: StaticString("gpu").octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
  try manifest.endDevice()
  flatten(try encoder.manifest(manifest), into: &octets)
  return encoder
}

private func push(_ octets: [UInt8], pieces size: Int) throws -> Recorder {
  var decoder = try PushDecoder()
  var recorder = Recorder()
  var start = 0
  while start < octets.count {
    let end = min(start + size, octets.count)
    _ = try decoder.push(octets.span.octets.extracting(start..<end), to: &recorder)
    start = end
  }
  try decoder.finish()
  return recorder
}

@Suite struct EncoderTests {
  /// Pages 0 and 2 have content, the others are zero.
  private var memory: [UInt8] {
    var memory = [UInt8](repeating: 0, count: 4 * 4096)
    memory[5] = 7
    memory[2 * 4096 + 4095] = 9
    return memory
  }

  @Test(arguments: [1, 7, 64, 4096, 1 << 20], [false, true])
  func roundTripInPieces(size: Int, compresses: Bool) throws {
    var octets: [UInt8] = []
    var encoder = try encoder(flags: MandatoryFlags.zstd, into: &octets)
    let memory = memory
    flatten(
      try encoder.memory(region: 0, offset: 8192, octets: memory.span.octets, compresses: compresses),
      into: &octets)
    flatten(
      try encoder.bytes(
        device: 0, octets: memory.span.octets,
        flags: RecordFlags.unitFirst | RecordFlags.unitLast | RecordFlags.last, source: .live,
        compresses: compresses), into: &octets)
    flatten(try encoder.end(), into: &octets)

    let recorder = try push(octets, pieces: size)
    let expected = Array(memory[..<4096] + memory[8192..<12288] + memory)
    #expect(recorder.payload == expected)

    var pull = try PullDecoder(octets.span.octets)
    var payload: [UInt8] = []
    while let item = try pull.next() { append(item.payload, to: &payload) }
    try pull.finish()
    #expect(payload == expected)
  }

  @Test func zeroPagesHaveExtentsAndNoOctets() throws {
    var octets: [UInt8] = []
    var encoder = try encoder(into: &octets)
    let memory = memory
    let list = try encoder.memory(region: 0, offset: 0, octets: memory.span.octets)
    let count = list.count
    #expect(count == 3)
    let body = list[0].extracting(droppingFirst: RecordHeader.byteCount)
    let extents = (0..<4).map { MemoryHead.extent($0, in: body) }
    #expect(
      extents == [
        Extent(offset: 0, length: 4096, kind: .data), Extent(offset: 4096, length: 4096, kind: .zero),
        Extent(offset: 8192, length: 4096, kind: .data), Extent(offset: 12288, length: 4096, kind: .zero),
      ])
  }

  @Test(arguments: [false, true])
  func chosenExtents(compresses: Bool) throws {
    var octets: [UInt8] = []
    var encoder = try encoder(flags: compresses ? MandatoryFlags.zstd : 0, into: &octets)
    let start = octets.count
    var extents = OwnedBuffer<Extent>()
    try extents.append(Extent(offset: 100, length: 50, kind: .zero))
    try extents.append(Extent(offset: 4096, length: 3000, kind: .data))
    try extents.append(Extent(offset: 8000, length: 1, kind: .discard))
    try extents.append(Extent(offset: 8191, length: 1, kind: .data))
    let memory = (0..<4096).map { UInt8(truncatingIfNeeded: $0 / 8) }
    flatten(
      try encoder.memory(
        region: 0, extents: extents.span, octets: memory.span.octets, base: 4096, compresses: compresses),
      into: &octets)
    flatten(try encoder.end(), into: &octets)
    #expect(try push(octets, pieces: 1000).payload == Array(memory[..<3000] + [memory[4095]]))
    let body = octets.span.octets.extracting(droppingFirst: start + 64)
    #expect(MemoryHead(body).encoding == (compresses ? 1 : 0))
    #expect((0..<4).allSatisfy { MemoryHead.extent($0, in: body) == extents[$0] })
  }

  /// Data before and behind the octets, out of order, behind the region; lengths whose sums wrap around.
  @Test(arguments: [
    [Extent(offset: 4095, length: 2, kind: .data)], [Extent(offset: 8191, length: 2, kind: .data)],
    [Extent(offset: 5000, length: 9, kind: .data), Extent(offset: 5008, length: 9, kind: .data)],
    [Extent(offset: 1 << 20, length: 1, kind: .zero)], [Extent(offset: 5000, length: UInt64.max, kind: .data)],
    [Extent(offset: UInt64.max, length: 2, kind: .zero)], [Extent(offset: 5000, length: 1 << 57, kind: .zero)],
  ])
  func chosenExtentsThatAreWrong(wrong: [Extent]) throws {
    var octets: [UInt8] = []
    var encoder = try encoder(into: &octets)
    let memory = [UInt8](repeating: 1, count: 4096)
    let refusal = #expect(throws: StreamError.self) {
      _ = try encoder.memory(region: 0, extents: wrong.span, octets: memory.span.octets, base: 4096).count
    }
    #expect(refusal?.code == .badExtent)
  }

  @Test func payloadsStartAtMultiplesOf64() throws {
    var octets: [UInt8] = []
    var encoder = try encoder(into: &octets)
    let memory = memory
    for page in 0..<3 {
      flatten(
        try encoder.memory(
          region: 0, offset: UInt64(page) * 16384, octets: memory.span.octets.extracting(first: 4096 + page)),
        into: &octets)
    }
    flatten(try encoder.end(), into: &octets)
    var pull = try PullDecoder(octets.span.octets)
    while let item = try pull.next() {
      let offset = item.record.payloadOffset
      let count = item.payload.byteCount
      #expect(count == 0 || offset % 64 == 0)
      #expect(item.record.offset % 8 == 0)
    }
  }

  @Test func payloadIsReadIntoPlace() throws {
    var octets: [UInt8] = []
    var encoder = try encoder(into: &octets)
    let memory = memory
    flatten(try encoder.memory(region: 0, offset: 4096, octets: memory.span.octets), into: &octets)
    flatten(try encoder.end(), into: &octets)

    var decoder = try PushDecoder()
    var recorder = Recorder()
    var target = [UInt8](repeating: 0, count: 1 << 20)
    var position = 0
    while !decoder.state.hasEnded {
      if let place = decoder.place {
        // Half of what is wanted, as a short read would.
        let count = max(1, Int(place.byteCount) / 2)
        for index in 0..<count { target[Int(place.offset) + index] = octets[position + index] }
        let start = Int(place.offset)
        try decoder.placed(target.span.octets.extracting(start..<(start + count)), to: &recorder)
        position += count
      } else {
        position += try decoder.push(octets.span.octets.extracting(position..<(position + 1)), to: &recorder)
      }
    }
    try decoder.finish()
    #expect(recorder.payload.isEmpty)
    #expect(Array(target[4096..<20480]) == memory)
  }

  @Test func whatAReaderRefusesIsNotWritten() throws {
    var octets: [UInt8] = []
    var encoder = try encoder(into: &octets)
    let memory = memory
    #expect(throws: StreamError.self) {
      _ = try encoder.memory(region: 0, offset: 1 << 20, octets: memory.span.octets)
    }
    // Poisoned: what was right before is refused now.
    #expect(throws: StreamError.self) {
      _ = try encoder.memory(region: 0, offset: 0, octets: memory.span.octets)
    }
  }

  @Test func zstdMustBeDeclared() throws {
    var octets: [UInt8] = []
    var encoder = try encoder(into: &octets)
    let memory = memory
    #expect(throws: StreamError.self) {
      _ = try encoder.memory(region: 0, offset: 0, octets: memory.span.octets, compresses: true)
    }
  }

  @Test func byteStringNeedsItsEnd() throws {
    var octets: [UInt8] = []
    var encoder = try encoder(into: &octets)
    let memory = memory
    _ = try encoder.bytes(
      device: 0, octets: memory.span.octets, flags: RecordFlags.unitFirst | RecordFlags.unitLast)
    var code: StreamError.Code?
    do { _ = try encoder.end() } catch { code = error.code }
    #expect(code == .incompleteBytes)
  }

  @Test func abortIsReportedWithItsReason() throws {
    var octets: [UInt8] = []
    var encoder = try encoder(into: &octets)
    flatten(try encoder.abort(reason: 4, text: StaticString("time exceeded").octets), into: &octets)
    var refusal: StreamError?
    do { _ = try push(octets, pieces: 100) } catch { refusal = error as? StreamError }
    #expect(refusal?.code == .aborted)
    #expect(refusal?.found == 4)
  }
}
