import MigrationStream
import ReferenceDevices
@testable import ResumePath
import StreamTestKit
import Testing

/// Saves and resumes by the first protocol's region.
@Suite struct RegionTransferTests {
  @Test(arguments: [[.serial], [.nic], [.blk, .serial, .nic]] as [[ReferenceKind]])
  func sameAsDirect(_ kinds: [ReferenceKind]) throws {
    var direct = try ReferenceTwins.control(MachineOptions(kinds))
    direct.devices.run(steps: 60)
    let log = try ReferenceTwins.save(&direct)
    let pieces = zip([0] + log.ends, log.ends).map { Array(log.octets[$0..<$1]) }.filter { !$0.isEmpty }
    let transactions = try RegionUser.transactions(kinds, steps: 60)
    #expect(transactions == pieces)

    var destination = try RegionUser(kinds)
    try destination.setState(4)
    for transaction in transactions { try destination.give(transaction) }
    #expect(destination.state == 4)
    try destination.setState(0)
    #expect(destination.state == 0)
    try destination.setState(1)
    #expect(destination.state == 1)
    #expect(destination.region.control.devices.digest == direct.devices.digest)
  }

  /// What was written behind a transaction is not seen with the next one.
  @Test(arguments: [[], [V1Area(offset: RegionUser.windowOffset + 65536, byteCount: 4096)]])
  func nothingIsLeftInTheWindow(_ areas: [V1Area]) throws {
    let transactions = try RegionUser.transactions()
    var destination = try RegionUser(mapped: areas)
    try destination.setState(4)
    for transaction in transactions {
      let offset = try destination.number(16)
      try destination.write(offset, transaction + [UInt8](repeating: 0x5a, count: 5000))
      if !areas.isEmpty { destination.region.window.withMapping(of: 0) { $0[9] = 0x5a } }
      try destination.set(24, UInt64(transaction.count))
      let isEmpty = destination.region.window.memory.bytes.isZero
      #expect(isEmpty)
    }
    try destination.setState(1)
    #expect(destination.state == 1)
  }

  @Test func preCopyThenStop() throws {
    var source = try RegionUser([.blk, .serial], steps: 20)
    try source.setState(3)
    #expect(source.state == 3)
    var transactions: [[UInt8]] = []
    for _ in 0..<8 {
      guard try source.number(8) > 0 else { break }
      let offset = try source.number(16)
      transactions.append(try source.read(offset, Int(try source.number(24))))
    }
    _ = try source.number(8)
    try source.setState(2)
    #expect(source.state == 2 && source.region.iteration == .initial)
    #expect(refusalOf { () throws(StreamError) in try source.setState(3) }?.code == .stateRefused)
    transactions += try source.takeAll()
    try source.setState(0)
    #expect(source.state == 0)
    // Handed over: it never runs again without a reset.
    #expect(refusalOf { () throws(StreamError) in try source.setState(1) }?.code == .stateRefused)
    var destination = try RegionUser([.blk, .serial])
    try destination.setState(4)
    for transaction in transactions { try destination.give(transaction) }
    try destination.setState(1)
    #expect(destination.state == 1)
    source.region.reset()
    #expect(source.state == 1)
  }

  @Test func saveGivenUp() throws {
    for (begin, goal) in [(3, 1), (3, 0), (2, 1), (2, 0), (2, 4), (3, 4)] as [(UInt32, UInt32)] {
      var source = try RegionUser(steps: 20)
      try source.setState(begin)
      _ = try source.number(8)
      try source.setState(goal)
      #expect(source.state == goal, "\(begin) to \(goal)")
      #expect(source.region.iteration == .initial)
    }
  }

  /// A state that changes in the middle of an iteration ends it.
  @Test func stateChangedInMidIteration() throws {
    var destination = try RegionUser()
    try destination.setState(4)
    let offset = try destination.number(16)
    try destination.write(offset, [1, 2, 3])
    try destination.setState(4)
    #expect(destination.region.iteration == .initial)
    #expect(refusalOf { () throws(StreamError) in try destination.set(24, 3) }?.code == .accessOutOfOrder)
    _ = try destination.number(16)
    #expect(refusalOf { () throws(StreamError) in try destination.set(24, 3) }?.code == .accessOutOfOrder)
  }

  @Test func windowOfTheSourceTooSmall() throws {
    var source = try RegionUser(window: 100)
    let error = refusalOf { () throws(StreamError) in
      try source.setState(2)
      _ = try source.takeAll()
    }
    #expect(error?.code == .windowTooSmall && error?.expected == 100)
    #expect(source.state == 1)
  }

  @Test func mappedWindow() throws {
    let transactions = try RegionUser.transactions()
    let areas = [V1Area(offset: 8192, byteCount: 4096)]
    var destination = try RegionUser(mapped: areas)
    try destination.setState(4)
    for transaction in transactions {
      // Octets behind the first page go by the mapping, the others by accesses.
      let offset = try destination.number(16)
      let head = Array(transaction.prefix(4096))
      try destination.write(offset, head)
      destination.region.window.withMapping(of: 0) { memory in
        for (index, octet) in transaction.dropFirst(4096).prefix(4096).enumerated() { memory[index] = octet }
      }
      if transaction.count > 8192 { try destination.write(offset + 8192, Array(transaction.dropFirst(8192))) }
      try destination.set(24, UInt64(transaction.count))
    }
    try destination.setState(0)
    #expect(destination.state == 0)
  }

  /// Malformed transactions M17 to M22: what is refused without effect leaves the transfer usable; the rest leaves error
  /// until a reset. Then a valid stream is accepted.
  private struct Malformed: Sendable {
    var name: String
    var code: StreamError.Code?
    /// `device_state` afterwards.
    var state: UInt32
    var act: @Sendable (inout RegionUser, [UInt8]) throws(StreamError) -> Void
  }

  private static let base = RegionUser.windowOffset

  private static let malformed: [Malformed] = [
    Malformed(name: "M17 data_size before data_offset", code: .accessOutOfOrder, state: 4) {
      (user, octets) throws(StreamError) in try user.set(24, UInt64(octets.count))
    },
    Malformed(name: "M17 data before data_offset", code: .accessOutOfOrder, state: 4) {
      (user, octets) throws(StreamError) in try user.write(base, octets)
    },
    Malformed(name: "M17 data_offset twice", code: nil, state: 4) { (user, octets) throws(StreamError) in
      _ = try user.number(16)
      _ = try user.number(16)
    },
    Malformed(name: "M17 pending_bytes in mid-iteration", code: .accessOutOfOrder, state: 4) {
      (user, octets) throws(StreamError) in
      _ = try user.number(16)
      _ = try user.number(8)
    },
    Malformed(name: "M18 data_size without data", code: .accessOutOfOrder, state: 4) { (user, octets) throws(StreamError) in
      _ = try user.number(16)
      try user.set(24, UInt64(octets.count))
    },
    Malformed(name: "M18 data without data_size", code: nil, state: 4) { (user, octets) throws(StreamError) in
      try user.write(try user.number(16), octets)
    },
    Malformed(name: "M18 size 0", code: .badAccess, state: 4) { (user, octets) throws(StreamError) in
      try user.write(try user.number(16), octets)
      try user.set(24, 0)
    },
    Malformed(name: "M19 larger than written", code: .accessOutOfOrder, state: 4) { (user, octets) throws(StreamError) in
      try user.write(try user.number(16), octets)
      try user.set(24, UInt64(octets.count) + 1)
    },
    Malformed(name: "M19 larger than the window", code: .windowTooSmall, state: 4) { (user, octets) throws(StreamError) in
      try user.write(try user.number(16), octets)
      try user.set(24, UInt64(RegionUser.windowByteCount) + 1)
    },
    Malformed(name: "M19 near 2^64", code: .windowTooSmall, state: 4) { (user, octets) throws(StreamError) in
      _ = try user.number(16)
      try user.set(24, .max)
    },
    Malformed(name: "M20 straddles two fields", code: .badAccess, state: 4) { (user, octets) throws(StreamError) in
      _ = try user.read(4, 8)
    },
    Malformed(name: "M20 read-only field", code: .badAccess, state: 4) { (user, octets) throws(StreamError) in
      try user.set(8, 1)
    },
    Malformed(name: "M20 reserved word", code: nil, state: 4) { (user, octets) throws(StreamError) in
      try user.set(4, 0xffff_ffff, 4)
    },
    Malformed(name: "M21 reserved bit", code: .stateRefused, state: 4) { (user, octets) throws(StreamError) in
      try user.setState(0x8000_0004)
    },
    Malformed(name: "M21 state 5", code: .stateRefused, state: 4) { (user, octets) throws(StreamError) in
      try user.setState(5)
    },
    Malformed(name: "M21 state 6", code: .stateRefused, state: 4) { (user, octets) throws(StreamError) in
      try user.setState(6)
    },
    Malformed(name: "M21 state 7", code: .stateRefused, state: 4) { (user, octets) throws(StreamError) in
      try user.setState(7)
    },
    Malformed(name: "M22 gap", code: .accessOutOfOrder, state: 4) { (user, octets) throws(StreamError) in
      try user.write(try user.number(16) + 8, octets)
    },
    Malformed(name: "M22 beyond the window", code: .badAccess, state: 4) { (user, octets) throws(StreamError) in
      _ = try user.number(16)
      try user.write(base + UInt64(RegionUser.windowByteCount) - 1, [1, 2])
    },
    Malformed(name: "M22 over the fields", code: .badAccess, state: 4) { (user, octets) throws(StreamError) in
      _ = try user.number(16)
      try user.write(24, [UInt8](repeating: 1, count: 64))
    },
    Malformed(name: "M22 other octets at the start", code: .badMagic, state: 6) { (user, octets) throws(StreamError) in
      try user.give([UInt8](repeating: 1, count: octets.count))
    },
  ]

  @Test(arguments: malformed.indices) func malformedTransactions(_ index: Int) throws {
    let row = Self.malformed[index]
    let transactions = try RegionUser.transactions()
    var user = try RegionUser()
    try user.setState(4)
    let error = refusalOf { () throws(StreamError) in try row.act(&user, transactions[0]) }
    #expect(error?.code == row.code, "\(row.name)")
    #expect(user.state == row.state, "\(row.name)")
    if row.state == 6 {
      #expect(refusalOf { () throws(StreamError) in _ = try user.number(16) } == error)
      for value in 0...4 as ClosedRange<UInt32> {
        #expect(refusalOf { () throws(StreamError) in try user.setState(value) }?.code == .stateRefused)
      }
    } else if error == nil || error?.failureClass == .rejectedNoEffect {
      // Without effect: the transfer goes on from the same octet.
      #expect(user.region.control.offset == 0)
      for transaction in transactions { try user.give(transaction) }
      try user.setState(1)
      #expect(user.state == 1, "\(row.name)")
    }
    user.region.reset()
    #expect(user.state == 1 && user.region.iteration == .initial)
    try user.setState(4)
    for transaction in transactions { try user.give(transaction) }
    try user.setState(0)
    #expect(user.state == 0, "\(row.name)")
  }
}
