import MigrationStream
import ReferenceDevices
import ResumePath
import StreamTestKit
import Testing

/// Single accesses to the first protocol's region.
@Suite struct RegionAccessTests {
  @Test func valid() {
    for value in Array(0...255 as ClosedRange<UInt32>) + (8..<32).map({ 1 << $0 }) + (8..<32).map({ 4 | 1 << $0 }) {
      #expect(V1DeviceState.isValid(value) == [0, 1, 2, 3, 4].contains(value & 7), "\(value)")
      #expect(!V1DeviceState.isValid(value | 5) && !V1DeviceState.isValid(value | 6))
    }
    #expect(V1DeviceState.error == 6 && !V1DeviceState.isValid(V1DeviceState.error))
  }

  /// Every value of a byte and every high bit: what is refused changes nothing.
  @Test func everyValueOfDeviceState() throws {
    for value in Array(0...255 as ClosedRange<UInt32>) + (8..<32).map({ 1 | 1 << $0 }) {
      var user = try RegionUser()
      let before = user.standing
      let error = refusalOf { () throws(StreamError) in try user.setState(value) }
      if value < 5 {
        #expect(error == nil && user.state == value, "\(value): \(String(describing: error))")
      } else {
        #expect(error == StreamError(.stateRefused, .resume, at: 0, expected: 1024 + 1, found: UInt64(value)))
        #expect(user.standing == before)
      }
    }
  }

  @Test func reservedBitsArePreserved() throws {
    var user = try RegionUser(reserved: 0xab00_0107)
    #expect(user.state == 0xab00_0101)
    #expect(refusalOf { () throws(StreamError) in try user.setState(0) }?.code == .stateRefused)
    #expect(refusalOf { () throws(StreamError) in try user.setState(0xab00_0000) }?.code == .stateRefused)
    try user.setState(0xab00_0100)
    #expect(user.state == 0xab00_0100)
  }

  /// Where a user can be, and which fields it may read and write there.
  private struct Standing: Sendable {
    var name: String
    var reads: Set<UInt64>
    var writes: Set<UInt64> = []
    var begin: @Sendable (inout RegionUser) throws -> Void
  }

  private static let standings = [
    Standing(name: "running", reads: []) { _ in },
    Standing(name: "stopped", reads: []) { try $0.setState(0) },
    Standing(name: "saving, initial", reads: [8]) { try $0.setState(2) },
    Standing(name: "saving, started", reads: [8, 16]) {
      try $0.setState(2)
      _ = try $0.number(8)
    },
    Standing(name: "saving, prepared", reads: [8, 16, 24]) {
      try $0.setState(2)
      _ = try $0.number(8)
      _ = try $0.number(16)
    },
    Standing(name: "saving, finished", reads: [8]) {
      try $0.setState(2)
      _ = try $0.takeAll()
    },
    Standing(name: "pre-copy, initial", reads: [8]) { try $0.setState(3) },
    Standing(name: "resuming, initial", reads: [16]) { try $0.setState(4) },
    Standing(name: "resuming, prepared", reads: [16], writes: [24]) {
      try $0.setState(4)
      _ = try $0.number(16)
    },
    Standing(name: "resuming, finished", reads: [16]) {
      try $0.setState(4)
      try $0.give(try RegionUser.transactions()[0])
    },
  ]

  @Test(arguments: standings.indices) func everyAccess(_ index: Int) throws {
    let standing = Self.standings[index]
    var user = try RegionUser()
    try standing.begin(&user)
    let before = user.standing
    let widths: [UInt64: Int] = [0: 4, 4: 4, 8: 8, 16: 8, 24: 8]
    for offset in 0...40 as ClosedRange<UInt64> {
      for width in 0...16 {
        let isField = widths[offset] == width
        let place: Comment = "\(standing.name), offset \(offset), width \(width)"
        let read = refusalOf { () throws(StreamError) in
          if isField, standing.reads.contains(offset) { return }
          _ = try user.read(offset, width)
        }
        // State and the reserved word are read everywhere.
        let isReadable = isField && (offset < 8 || standing.reads.contains(offset))
        #expect(read?.code == (isReadable ? nil : isField ? .accessOutOfOrder : .badAccess), place)
        if !isField { #expect(read == StreamError(.badAccess, .resume, at: offset, found: UInt64(width)), place) }
        if isField, offset == 0 || standing.writes.contains(offset) { continue }
        let written = refusalOf { () throws(StreamError) in
          try user.write(offset, [UInt8](repeating: 0x41, count: width))
        }
        let isOutOfOrder = isField && offset == 24
        #expect(written?.code == (isField && offset == 4 ? nil : isOutOfOrder ? .accessOutOfOrder : .badAccess), place)
        #expect(written == nil || written?.failureClass == .rejectedNoEffect, place)
      }
    }
    #expect(user.standing == before, "\(standing.name)")
    #expect(try user.number(4, 4) == 0)
    // Those that are allowed work.
    for offset in standing.reads.sorted() { _ = try user.number(offset) }
    if standing.writes.contains(24) { #expect(throws: StreamError.self) { try user.set(24, 1) } }
  }

  @Test func repeatedReadsSayTheSame() throws {
    var user = try RegionUser(steps: 40)
    try user.setState(2)
    while true {
      let pending = try (0..<4).map { _ in try user.number(8) }
      #expect(Set(pending).count == 1)
      if pending[0] == 0 { break }
      #expect(Set(try (0..<4).map { _ in try user.number(16) }) == [RegionUser.windowOffset])
      let sizes = Set(try (0..<4).map { _ in try user.number(24) })
      let size = try #require(sizes.count == 1 ? sizes.first : nil)
      #expect(Set(try (0..<4).map { _ in try user.read(RegionUser.windowOffset, Int(size)) }).count == 1)
      // Piece by piece, of any width.
      #expect(try user.read(RegionUser.windowOffset + size - 3, 3).count == 3)
      #expect(
        refusalOf { () throws(StreamError) in _ = try user.read(RegionUser.windowOffset + size - 3, 4) }?.code == .badAccess)
    }
  }

  @Test func windows() throws {
    typealias Case = (offset: UInt64, byteCount: Int, areas: [V1Area], StreamError.Code?)
    let cases: [Case] = [
      (32, 1, [], nil), (31, 1, [], .badRange), (33, 1, [], nil), (32, 0, [], .badRange), (32, -1, [], .badRange),
      (UInt64.max - 3, 4, [], .badRange), (4096, 8192, [V1Area(offset: 4096, byteCount: 8192)], nil),
      (4096, 16384, [V1Area(offset: 8192, byteCount: 4096), V1Area(offset: 16384, byteCount: 4096)], nil),
      (4095, 8193, [V1Area(offset: 4096, byteCount: 4096)], .badRange),
      (4096, 8192, [V1Area(offset: 4096, byteCount: 4095)], .badRange),
      (4096, 8192, [V1Area(offset: 4096, byteCount: 0)], .badRange),
      (4096, 8192, [V1Area(offset: 0, byteCount: 8192)], .badRange),
      (4096, 8192, [V1Area(offset: 8192, byteCount: 8192)], .badRange),
      (4096, 8192, [V1Area(offset: 4096, byteCount: 8192), V1Area(offset: 8192, byteCount: 4096)], .badRange),
      (4096, 8192, [V1Area(offset: UInt64.max - 4095, byteCount: 4096)], .badRange),
      (4096, 1 << 20, (0..<17).map { V1Area(offset: 4096 * UInt64(1 + $0), byteCount: 4096) }, .tooManyRanges),
    ]
    for (offset, byteCount, areas, code) in cases {
      let error = refusalOf { () throws(StreamError) in
        _ = try V1Window(offset: offset, byteCount: byteCount, mapped: areas.span)
      }
      #expect(error?.code == code, "\(offset) \(byteCount) \(areas)")
    }
  }
}
