import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// What the first protocol's region promises, requirement by requirement; Tests/Mutations breaks each promise.
@Suite struct RegionRequirementTests {
  private static let place: UInt64 = 4096

  /// A machine of one device that has nothing but its manifest.
  private static func region(byteCount: Int = 65536) throws -> V1Region<FakeDevices> {
    let setup = FakeSetup(
      regions: [], devices: [FakeSetup.Device(path: "plain", model: "test/plain", capabilities: [.stopCopy, .preCopy])])
    return try V1Region(
      FakeDevices(setup), V1Window(offset: place, byteCount: byteCount),
      saveOptions: SaveOptions(uuid: StreamUUID(low: 5, high: 6)))
  }

  // MARK: F48

  @Test func validIsResumingAlone() {
    for value in UInt32(0)...255 {
      for high in [0, 0x100, 0xdead_be00, 0xffff_ff00] as [UInt32] {
        let (isResuming, others) = (value & 4 != 0, value & 3)
        #expect(V1DeviceState.isValid(value | high) == (!isResuming || others == 0), "\(value)")
      }
    }
  }

  // MARK: F37

  @Test func onlyWholeFieldsAreAccessed() throws {
    var region = try Self.region()
    for offset in UInt64(0)..<40 {
      for width in 1...16 {
        let isField = (offset == 0 || offset == 4) && width == 4 || (offset == 8 || offset == 16 || offset == 24) && width == 8
        let read = refusal { () throws(StreamError) in _ = try region.octets(at: offset, count: width) }
        #expect((read?.code == .badAccess) == !isField, "\(width) at \(offset)")
        guard offset > 4 || !isField else { continue }
        let wrote = refusal { () throws(StreamError) in
          try region.write(at: offset, [UInt8](repeating: 0, count: width).span.octets)
        }
        let isReadOnly = offset == 8 || offset == 16
        #expect((wrote?.code == .badAccess) == (!isField || isReadOnly), "\(width) at \(offset)")
      }
    }
    #expect(try region.word(at: 0, width: 4) == 1)
  }

  // MARK: F35, F36

  @Test func stepsComeInTheirOrder() throws {
    var region = try Self.region()
    try region.write(at: 0, [UInt8].u32(V1DeviceState.saving).span.octets)
    #expect(region.iteration == .initial)
    for field in [16, 24] as [UInt64] {
      let early = refusal { () throws(StreamError) in _ = try region.word(at: field, width: 8) }
      #expect(early?.code == .accessOutOfOrder)
      #expect(early?.code.failureClass == .rejectedNoEffect)
    }
    let pending = try region.word(at: 8, width: 8)
    #expect(pending > 0)
    #expect(refusal { () throws(StreamError) in _ = try region.word(at: 24, width: 8) }?.code == .accessOutOfOrder)
    let offset = try region.word(at: 16, width: 8)
    #expect(offset == Self.place)
    let size = try region.word(at: 24, width: 8)
    #expect(size == UInt64(Preamble.byteCount))
  }

  @Test func readingAgainGivesTheSame() throws {
    var region = try Self.region()
    try region.write(at: 0, [UInt8].u32(V1DeviceState.saving).span.octets)
    var transactionCount = 0
    while try region.word(at: 8, width: 8) > 0 {
      let pending = try region.word(at: 8, width: 8)
      for _ in 0..<3 {
        let again = try region.word(at: 8, width: 8)
        #expect(again == pending)
      }
      for _ in 0..<3 {
        let offset = try region.word(at: 16, width: 8)
        #expect(offset == Self.place)
      }
      let size = try region.word(at: 24, width: 8)
      let sizeAgain = try region.word(at: 24, width: 8)
      #expect(size == sizeAgain)
      let octets = try region.octets(at: Self.place, count: Int(size))
      let octetsAgain = try region.octets(at: Self.place, count: Int(size))
      #expect(octets == octetsAgain)
      transactionCount += 1
    }
    // The preamble, MANIFEST, the layouts, END.
    #expect(transactionCount == 2 + FakeDevices.layouts.count + 1)
  }
}

extension V1Region where Devices == FakeDevices {
  fileprivate mutating func octets(at offset: UInt64, count: Int) throws(StreamError) -> [UInt8] {
    var octets = [UInt8](repeating: 0xee, count: count)
    var span = octets.mutableSpan
    // Safe: any octet is a value.
    var raw = unsafe span.mutableBytes
    try read(at: offset, into: &raw)
    return octets
  }

  fileprivate mutating func word(at offset: UInt64, width: Int) throws(StreamError) -> UInt64 {
    try octets(at: offset, count: width).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
