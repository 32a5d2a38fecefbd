import MigrationStream
import StreamTestKit
import Testing

/// Who names each octet last, against a model that keeps one number an octet; its work and its memory.
@Suite struct FinalContentTests {
  private static let collecting: DecoderOptions = {
    var options = DecoderOptions()
    options.collectsContent = true
    return options
  }()

  private static func stream(of length: UInt64 = 65536, _ records: [[RawExtent]]) -> [UInt8] {
    let manifest = RawManifest { $0.regions = [RawRegion { $0.length = length }] }
    return RawStream([manifest.record] + records.map { .memory($0) } + [.end]).octets
  }

  /// Records of small extents anywhere in 4000 octets, long ones among them.
  private static func records(_ seed: UInt64, count: Int) -> [[RawExtent]] {
    var random = RandomMachine.Chance(seed)
    return (0..<count).map { _ in
      var extents: [RawExtent] = []
      var offset = random.below(3000)
      for _ in 0...random.below(6) {
        let length = 1 + random.below(random.below(8) == 0 ? 900 : 40)
        guard offset + length <= 4000 else { break }
        extents.append(RawExtent(UInt64(offset), UInt64(length), kind: UInt8(1 + random.below(3))))
        offset += length + random.below(3) * random.below(50)
      }
      return extents.isEmpty ? [.zero(0, 1)] : extents
    }
  }

  @Test(arguments: UInt64(0)..<40)
  func againstOneNumberAnOctet(_ seed: UInt64) throws {
    let records = Self.records(seed, count: 1 + Int(seed) * 2)
    let octets = Self.stream(of: 4000, records)
    var decoder = try PullDecoder(octets.span.octets, options: Self.collecting)
    // For each octet the record and the extent that named it last, and where its data lies.
    var names = [[UInt64]?](repeating: nil, count: 4000)
    while let item = try decoder.next() {
      guard item.record.header.knownKind == .memory else { continue }
      var data = item.record.payloadOffset
      for index in 0..<Int(MemoryHead(item.record.body).extentCount) {
        let extent = MemoryHead.extent(index, in: item.record.body)
        for offset in extent.offset..<(extent.offset + extent.length) {
          let isData = extent.kind == .data
          names[Int(offset)] = [item.record.offset, UInt64(index), UInt64(extent.kind.rawValue), isData ? data : 0]
          if isData { data += 1 }
        }
      }
    }
    let state = (0..<decoder.state.content.count).map { decoder.state.content[$0] }
    var seen = [[UInt64]?](repeating: nil, count: 4000)
    for extent in state {
      for step in 0..<extent.length {
        let data = extent.kind == .data ? decoder.state.dataOffset(of: extent) + step : 0
        let name = [extent.recordOffset, UInt64(extent.index), UInt64(extent.kind.rawValue), data]
        #expect(seen[Int(extent.offset + step)] == nil, "seed \(seed): twice")
        seen[Int(extent.offset + step)] = name
      }
    }
    #expect(seen == names, "seed \(seed)")
    for (left, right) in zip(state, state.dropFirst()) {
      #expect(left.end <= right.offset)
      // As long as can be: neighbours come from different extents.
      #expect(left.end < right.offset || left.recordOffset != right.recordOffset || left.index != right.index)
    }
    for offset in UInt64(0)..<4000 {
      let first = state.firstIndex { $0.end > offset } ?? state.count
      #expect(decoder.state.content.firstIndex(region: 0, endingAfter: offset) == first)
    }
  }

  // MARK: Work and memory

  enum Pattern: CaseIterable { case ascending, descending, scattered, covered, bomb }

  private static func pattern(_ pattern: Pattern, _ count: Int) -> [UInt8] {
    let step: UInt64 = 64
    let length = UInt64(count) * step
    var random = RandomMachine.Chance(9)
    let records: [[RawExtent]] = (0..<count).map { number in
      let number = UInt64(number)
      switch pattern {
      case .ascending: return [.zero(number * step, 8)]
      case .descending: return [.zero(length - (number + 1) * step, 8)]
      case .scattered: return [.zero(UInt64(random.below(count)) * step, 100 % step + 1)]
      // Each covers all that came before.
      case .covered: return [.zero(0, (number + 1) * step)]
      // A run over everything, then a hole in it, and again.
      case .bomb: return number % 64 == 0 ? [.zero(0, length)] : [.discard(UInt64(random.below(count)) * step, 1)]
      }
    }
    return stream(of: length, records)
  }

  /// n log n steps, whatever the order.
  @Test(arguments: Pattern.allCases, [500, 2000, 8000])
  func work(_ pattern: Pattern, _ count: Int) throws {
    let octets = Self.pattern(pattern, count)
    var decoder = try PullDecoder(octets.span.octets, options: Self.collecting)
    while try decoder.next() != nil {}
    let logarithm = UInt64(Int.bitWidth - count.leadingZeroBitCount)
    let steps = decoder.state.content.stepCount
    #expect(steps <= 4 * UInt64(count) * logarithm, "\(pattern), \(count): \(steps)")
    if pattern == .ascending { #expect(steps <= 2 * UInt64(count)) }
  }

  /// Specs/40-reader-rules.md section 3: 40 octets an extent, split ones twice, as much for sorting; what grows takes
  /// twice its octets, and three times while it moves.
  @Test(arguments: Pattern.allCases, [500, 2000, 8000])
  func memory(_ pattern: Pattern, _ count: Int) throws {
    let octets = Self.pattern(pattern, count)
    let counter = CountingAllocator()
    #expect(Reading.pull(octets, options: Self.collecting, allocator: counter.allocator).refusal == nil)
    #expect(counter.peak <= 65536 + 5 * 40 * 2 * count, "\(pattern), \(count): \(counter.peak)")
    #expect(counter.live == 0)
  }

  /// However much is superseded, memory keeps to the limit.
  @Test(arguments: [10, 100, 1000])
  func memoryKeepsToTheLimit(_ limit: Int) throws {
    var limits = StreamLimits()
    limits.finalExtentsMax = UInt32(limit)
    // Never more than `limit` different places.
    let records = (0..<(limit * 20)).map { [RawExtent.zero(UInt64($0 * 7 % limit) * 64, 8)] }
    let octets = Self.stream(of: UInt64(limit) * 64, records)
    let counter = CountingAllocator()
    let outcome = Reading.pull(octets, limits: limits, options: Self.collecting, allocator: counter.allocator)
    #expect(outcome.refusal == nil)
    #expect(counter.peak <= 65536 + 5 * 40 * (2 * limit + 1), "\(limit): \(counter.peak)")
  }

  @Test func moreThanTheLimitIsRefused() throws {
    var limits = StreamLimits()
    limits.finalExtentsMax = 100
    let right = Self.stream([(0..<100).map { RawExtent.zero(UInt64($0) * 64, 8) }])
    #expect(Reading.pull(right, limits: limits, options: Self.collecting).refusal == nil)
    for extents in [101, 500] {
      let octets = Self.stream([(0..<extents).map { RawExtent.zero(UInt64($0) * 64, 8) }])
      let refusal = Reading.pull(octets, limits: limits, options: Self.collecting).refusal
      #expect(refusal?.code == .limitExceeded && refusal?.expected == 100)
      #expect(Reading.push(octets, limits: limits, options: Self.collecting).outcome.refusal == refusal)
      #expect(Reading.pull(octets, limits: limits).refusal == nil, "who does not collect does not care")
    }
  }
}
