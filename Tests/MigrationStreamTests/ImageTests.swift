import MigrationStream
import StreamTestKit
import Testing

/// Images and indexes written by the encoder, and what readers see in them.
@Suite struct ImageTests {
  private static let collecting: DecoderOptions = {
    var options = DecoderOptions()
    options.collectsContent = true
    return options
  }()

  /// The octets of a region by its final content, nil where nothing was said.
  private static func memory(
    _ region: Int, _ octets: [UInt8], _ state: borrowing StreamState
  ) -> [UInt8?] {
    var memory = [UInt8?](repeating: nil, count: RandomMachine.lengths[region])
    for index in 0..<state.content.count where state.content[index].region == UInt32(region) {
      let extent = state.content[index]
      let data = Int(state.dataOffset(of: extent))
      for position in 0..<Int(extent.length) {
        memory[Int(extent.offset) + position] = extent.kind == .data ? octets[data + position] : 0
      }
    }
    return memory
  }

  @Test(arguments: UInt64(0)..<60)
  func bothProfilesHoldTheSameMemory(_ seed: UInt64) throws {
    let machine = RandomMachine(seed: seed)
    for profile in [Profile.stream, .image] {
      let octets = try machine.save(profile, source: seed % 2 == 0 ? .stable : .live).octets
      var decoder = try PullDecoder(octets.span.octets, options: Self.collecting)
      while try decoder.next() != nil {}
      try decoder.finish()
      for region in 0..<2 {
        #expect(
          Self.memory(region, octets, decoder.state) == machine.memory(of: region), "seed \(seed), \(profile)")
      }
      try Reading.checkAreas(octets, decoder.state, size: 1000)
      try Reading.checkAreas(octets, decoder.state)
    }
  }

  /// From a stream to an image and back: what the copies hold is what the original held.
  @Test(arguments: UInt64(0)..<20)
  func thereAndBack(_ seed: UInt64) throws {
    let machine = RandomMachine(seed: seed)
    let image = try machine.save(.image).octets
    var decoder = try PullDecoder(image.span.octets, options: Self.collecting)
    while try decoder.next() != nil {}
    // The final content of the image as the events of a stream.
    var copy = RandomMachine(seed: 0)
    copy.events = []
    for index in 0..<decoder.state.content.count {
      let extent = decoder.state.content[index]
      let (first, region) = (Int(extent.offset) / RandomMachine.page, Int(extent.region))
      if extent.kind == .data {
        let value = image[Int(decoder.state.dataOffset(of: extent))]
        copy.events.append(.write(region: region, first: first, fill: [value]))
      } else {
        let count = (Int(extent.length) + RandomMachine.page - 1) / RandomMachine.page
        copy.events.append(.run(region: region, first: first, count: count, kind: extent.kind))
      }
    }
    let stream = try copy.save(.stream).octets
    var reader = try PullDecoder(stream.span.octets, options: Self.collecting)
    while try reader.next() != nil {}
    for region in 0..<2 {
      #expect(Self.memory(region, stream, reader.state) == machine.memory(of: region), "seed \(seed)")
    }
  }

  @Test(arguments: UInt64(0)..<4)
  func everySegmentationAndEveryPrefix(_ seed: UInt64) throws {
    let octets = try RandomMachine(seed: seed).save(.image).octets
    let whole = Reading.push(octets, options: Self.collecting)
    #expect(whole.outcome.refusal == nil)
    #expect(Reading.pull(octets, options: Self.collecting).released == whole.outcome.released)
    for step in [1, 63, 64, 4095, 5000] {
      let cuts = Array(stride(from: step, to: octets.count, by: step))
      #expect(Reading.push(octets, cuts: cuts, options: Self.collecting) == whole, "seed \(seed), step \(step)")
    }
    for count in stride(from: 0, to: octets.count, by: 37) {
      let prefix = [UInt8](octets[..<count])
      let pulled = Reading.pull(prefix).refusal
      #expect(pulled?.code == .truncated && pulled?.offset == UInt64(count), "seed \(seed), \(count) octets")
      #expect(Reading.push(prefix).outcome.refusal == pulled, "seed \(seed), \(count) octets")
    }
  }

  /// Areas may be left unread; the offsets after them are those of the file.
  @Test func areasAreSkipped() throws {
    let octets = try RandomMachine(seed: 3).save(.image).octets
    let whole = Reading.push(octets)
    for size in [1, 100, 1 << 20] {
      var decoder = try PushDecoder()
      var events = EventDigest()
      var pushed = 0
      while !decoder.state.hasEnded {
        #expect(throws: StreamError.self) { try decoder.skip(decoder.skippable + 1) }
        // In two steps, so that what is left stays right.
        if decoder.skippable > 1 { try decoder.skip(decoder.skippable / 2) }
        try decoder.skip(decoder.skippable)
        let start = Int(decoder.offset)
        let end = min(start + size, octets.count)
        pushed += try decoder.push(octets.span.octets.extracting(start..<end), to: &events)
      }
      try decoder.finish()
      #expect(events == whole.events)
      if size == 1 { #expect(pushed < octets.count / 2) }
    }
  }

  /// A file that ends inside the areas, by a reader who seeks no further than it goes.
  @Test func aSkippedFileThatIsTooShort() throws {
    let octets = try RandomMachine(seed: 3).save(.image).octets
    let file = try #require(ImageFile(octets))
    let prefix = [UInt8](octets[..<(file.gap.lowerBound + 500)])
    var decoder = try PushDecoder()
    var nobody = NoHandler()
    _ = try decoder.push(prefix.span.octets.extracting(first: file.gap.lowerBound), to: &nobody)
    #expect(decoder.skippable == UInt64(file.gap.count))
    try decoder.skip(min(decoder.skippable, 500))
    var refusal: StreamError?
    do throws(StreamError) { try decoder.finish() } catch { refusal = error }
    #expect(refusal == Reading.pull(prefix).refusal)
    #expect(refusal?.offset == UInt64(prefix.count))
  }

  @Test func placementWithoutWishes() throws {
    var preamble = Preamble(uuid: StreamUUID(low: 1, high: 2))
    preamble.profile = .image
    var encoder = try StreamEncoder(preamble: preamble)
    var manifest = try ManifestBuilder(
      producer: StaticString("test").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096)
    let regions: [(UInt64, UInt64)] = [(100, 1), (64 << 30, 4096), (4096, 1 << 30), (2 << 20, 4096)]
    for (byteCount, page) in regions {
      try manifest.region(name: StaticString("r").octets, byteCount: byteCount, pageByteCount: page)
    }
    _ = try encoder.manifest(manifest)
    _ = try encoder.placement()
    let areas = (0..<4).map { encoder.state.placement.areas[$0] }
    // 64 GiB and a little more: granules of 256 KiB are at most 524288, those of 128 KiB are not.
    #expect(areas.allSatisfy { $0.granuleByteCount == 256 << 10 })
    let (gibibytes, mebibyte): (UInt64, UInt64) = (65 << 30, 1 << 20)
    let wanted: [UInt64] = [4096, 2 * mebibyte, gibibytes, gibibytes + 2 * mebibyte]
    #expect(areas.map(\.fileOffset) == wanted)
    #expect(encoder.byteCount == gibibytes + 4 * mebibyte)
  }

  @Test func whatAReaderRefusesIsNotPlaced() throws {
    let octets = [UInt8](repeating: 1, count: 8192)
    func refusal(_ offset: UInt64, _ count: Int) throws -> StreamError.Code? {
      var encoder = try Self.encoder()
      do throws(StreamError) {
        _ = try encoder.placedMemory(
          region: 0, offset: offset, octets: octets.span.octets.extracting(first: count)).count
      } catch {
        var later: StreamError?
        do throws(StreamError) { _ = try encoder.end().count } catch { later = error }
        #expect(later == error)
        return error.code
      }
      return nil
    }
    #expect(try refusal(0, 8192) == nil)
    #expect(try refusal(4096, 6144) == nil)
    #expect(try refusal(4096, 8192) == .badExtent)
    #expect(try refusal(8192, 2048) == nil)
    #expect(try refusal(8192, 1024) == .badPlacement)
    #expect(try refusal(8192, 4096) == .badExtent)
    #expect(try refusal(64, 4096) == .badPlacement)
    #expect(try refusal(0, 0) == .badValue)
    #expect(try refusal(.max - 4095, 4096) == .badExtent)
  }

  private static func encoder() throws -> StreamEncoder {
    var preamble = Preamble(uuid: StreamUUID(low: 1, high: 2))
    preamble.profile = .image
    var encoder = try StreamEncoder(preamble: preamble)
    var manifest = try ManifestBuilder(
      producer: StaticString("test").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096)
    try manifest.region(name: StaticString("ram").octets, byteCount: 10240, pageByteCount: 4096)
    _ = try encoder.manifest(manifest)
    let granules: [UInt64] = [4096]
    _ = try encoder.placement(granules: granules.span)
    return encoder
  }

  @Test func everyRefusedAllocationIsAnError() throws {
    let machine = RandomMachine(seed: 5)
    for profile in [Profile.stream, .image] {
      let counter = CountingAllocator()
      let octets = try machine.save(profile, source: .live, allocator: counter.allocator).octets
      #expect(counter.live == 0)
      for call in 0..<counter.calls {
        let failing = CountingAllocator(refusing: call)
        var refusal: StreamError?
        do throws(StreamError) {
          _ = try machine.save(profile, source: .live, allocator: failing.allocator).octets.count
        } catch { refusal = error }
        #expect(refusal?.code == .outOfMemory, "allocation \(call)")
        #expect(failing.live == 0)
      }
      let reading = CountingAllocator()
      #expect(Reading.content(octets, allocator: reading.allocator).refusal == nil)
      for call in 0..<reading.calls {
        let failing = CountingAllocator(refusing: call)
        #expect(Reading.content(octets, allocator: failing.allocator).refusal?.code == .outOfMemory)
        #expect(failing.live == 0)
      }
    }
  }
}
