import MigrationStream
import StreamTestKit
import Testing

/// Every allocation of every job is refused in turn.
///
/// A refusal is `outOfMemory` at the octets reached and poisons what it came to, nothing asks for memory after it, all
/// memory is given back, and the same job succeeds when it is tried again.
@Suite struct AllocationTests {
  enum Job: String, CaseIterable {
    case encode, pull, pushWhole, pushByOctets, pushIntoPlace, verifyDeep, verifyDigests, verifyQuick
    case buildLayout, walkSections, compress, decompress, bytesOfGatherLists
  }

  @Test(arguments: Job.allCases)
  func everyAllocation(of job: Job) throws {
    let counter = CountingAllocator()
    #expect(throws: Never.self) { try Self.run(job, counter.allocator) }
    #expect(counter.live == 0)
    #expect(counter.calls > 0)
    for call in 0..<counter.calls {
      let failing = CountingAllocator(refusing: call)
      var refusal: StreamError?
      do throws(StreamError) { try Self.run(job, failing.allocator) } catch { refusal = error }
      #expect(refusal?.code == .outOfMemory, "\(job), allocation \(call)")
      #expect(failing.live == 0, "\(job), allocation \(call)")
      #expect(failing.calls == call + 1, "\(job), allocation \(call): asked again")
      // Only the one call is refused.
      #expect(throws: Never.self, "\(job), after allocation \(call)") { try Self.run(job, failing.allocator) }
      #expect(failing.live == 0)
    }
  }

  private static func run(_ job: Job, _ allocator: StreamAllocator) throws(StreamError) {
    switch job {
    case .encode:
      var target = OwnedBytes()
      try EveryKind.encode(allocator, to: &target)
    case .bytesOfGatherLists:
      var target = OwnedBytes(allocator: allocator)
      try EveryKind.encode(.system, to: &target)
    case .pull: try pull(allocator)
    case .pushWhole: try push(allocator, size: 1 << 20, intoPlace: false)
    case .pushByOctets: try push(allocator, size: 61, intoPlace: false)
    case .pushIntoPlace: try push(allocator, size: 1000, intoPlace: true)
    case .verifyDeep: try verify(.deep, allocator)
    case .verifyDigests: try verify(.digests, allocator)
    case .verifyQuick: try verify(.quick, allocator)
    case .buildLayout:
      for seed in UInt64(0)..<4 { try write(RandomSection(seed: seed), allocator) }
    case .walkSections: try walk(allocator)
    case .compress: try zstd(compressing: allocator, decompressing: .system)
    case .decompress: try zstd(compressing: .system, decompressing: allocator)
    }
  }

  // MARK: Decoders

  private static func pull(_ allocator: StreamAllocator) throws(StreamError) {
    let stream = EveryKind.stream
    var decoder = try PullDecoder(stream.span.octets, allocator: allocator)
    var count = 0
    do throws(StreamError) {
      while try decoder.next() != nil { count += 1 }
    } catch {
      let reached = decoder.offset
      #expect(error.offset == reached)
      var again: StreamError?
      do throws(StreamError) { _ = try decoder.next() } catch let refusal { again = refusal }
      #expect(again == error)
      #expect(decoder.offset == reached)
      throw error
    }
    #expect(count == EveryKind.recordCount)
    try decoder.finish()
  }

  private static func push(
    _ allocator: StreamAllocator, size: Int, intoPlace: Bool
  ) throws(StreamError) {
    let stream = EveryKind.stream
    var decoder = try PushDecoder(allocator: allocator)
    var nobody = NoHandler()
    do throws(StreamError) {
      var position = 0
      while position < stream.count {
        if intoPlace, let place = decoder.place {
          let end = position + min(size, Int(place.byteCount))
          try decoder.placed(stream.span.octets.extracting(position..<end), to: &nobody)
          position = end
        } else {
          let count = intoPlace ? min(size, decoder.wantedByteCount) : size
          let end = min(position + count, stream.count)
          position += try decoder.push(stream.span.octets.extracting(position..<end), to: &nobody)
        }
      }
    } catch {
      let reached = decoder.offset
      #expect(error.offset == reached)
      var again: StreamError?
      do throws(StreamError) { _ = try decoder.push(stream.span.octets, to: &nobody) } catch let refusal {
        again = refusal
      }
      #expect(again == error)
      #expect(decoder.offset == reached)
      throw error
    }
    try decoder.finish()
  }

  private static func verify(_ tier: VerifyTier, _ allocator: StreamAllocator) throws(StreamError) {
    let stream = EveryKind.stream
    var verifier = try StreamVerifier(tier, allocator: allocator)
    do throws(StreamError) {
      _ = try verifier.push(stream.span.octets)
    } catch {
      var again: StreamError?
      do throws(StreamError) { _ = try verifier.finish() } catch let refusal { again = refusal }
      #expect(again == error)
      throw error
    }
    let summary = try verifier.finish()
    #expect(summary.recordCount == UInt64(EveryKind.recordCount))
  }

  // MARK: Layouts, sections, frames

  /// Builds, stores and writes.
  private static func write(_ section: RandomSection, _ allocator: StreamAllocator) throws(StreamError) {
    let store = try section.store(allocator: allocator)
    var writer = try SectionDataWriter(layout: 0, layouts: store.table, allocator: allocator)
    try section.write(with: &writer)
    _ = try writer.finish()
  }

  /// Sections with subsections nested in them, by a decoder that walks them.
  private static func walk(_ allocator: StreamAllocator) throws(StreamError) {
    let corpus = (try? CorpusFolder.accepted) ?? []
    let scenarios = corpus.filter { ["subsection/nested", "section/list-eight-deep"].contains($0.name) }
    #expect(scenarios.count == 2)
    for scenario in scenarios {
      if let refusal = Reading.push(scenario.octets, cuts: [100, 700], allocator: allocator).outcome.refusal {
        throw refusal
      }
    }
  }

  private static func zstd(
    compressing: StreamAllocator, decompressing: StreamAllocator
  ) throws(StreamError) {
    let plain = [UInt8](repeating: 7, count: 100_000)
    var compressor = try ZstdCompressor(allocator: compressing)
    var frame = OwnedBytes(allocator: compressing)
    try compressor.compress(plain.span.octets, into: &frame)
    var decompressor = try ZstdDecompressor(allocator: decompressing)
    var target = OwnedBytes(allocator: decompressing)
    try decompressor.decompress(
      frame.bytes, plainByteCount: 100_000, plainMax: 1 << 20, windowMax: 1 << 22, at: 0, stage: .bulk, into: &target)
    #expect(target.count == plain.count)
  }
}
