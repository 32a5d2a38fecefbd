import CPeers
import MigrationStream

/// A network device with 64 queues: saving it, and verify-then-read-all, against other codecs from and to the same C struct.
struct SmallStateRows {
  let size: RunSize
  /// The library that Benchmarks/Peers makes; without it the rows are only those against memcpy and XXH3.
  let peers: String?
  private static let devicesOfMachine = 64

  func run() throws {
    let ours: [(String, Saved)] = [
      ("one section of an open stream", try Saved(deviceCount: Self.devicesOfMachine)),
      ("a single-device stream, layout known to both", try Saved(deviceCount: 1, isExternal: true)),
      ("a single-device stream with its layout", try Saved(deviceCount: 1)),
    ]
    try run(ours, isSaving: true)
    try run(ours, isSaving: false)
  }

  private func run(_ ours: [(String, Saved)], isSaving: Bool) throws {
    var contenders = ours.map { name, saved in
      let streams = max(1, size.savesPerSample / saved.deviceCount)
      return Contest.Contender.withSetUp(name, operations: streams * saved.deviceCount) {
        var setUp: UInt64 = 0
        for _ in 0..<streams { setUp += isSaving ? try saved.save() : try saved.load() }
        return saved.deviceCount > 1 ? setUp : 0
      }
    }
    let plain = ours[0].1
    contenders.append(
      .init("memcpy + XXH3", operations: size.savesPerSample) {
        for _ in 0..<size.savesPerSample { plain.copyAndDigest(isSaving: isSaving) }
      })
    contenders += try peerContenders(isSaving: isSaving)
    let contest = try Contest(rounds: size.rounds, contenders)
    let task = isSaving ? "encode" : "verify and read all"
    for (index, (name, saved)) in ours.enumerated() {
      for peer in contest.names.indices.dropFirst(ours.count) {
        var row = Row("small", "\(task), \(name)")
        row.values(
          ours: contest.median(index), peer: (contest.names[peer], contest.median(peer)), unit: "ns")
        row.number("octets", saved.byteCount / saved.deviceCount)
        // Twice the time of a copy and a digest is allowed.
        row.speed(contest.speed(of: index, against: peer), atLeast: peer == ours.count ? 0.5 : 1)
        row.print()
      }
    }
  }

  /// Each codec bare, and with XXH3 of its message stored beside it and compared.
  private func peerContenders(isSaving: Bool) throws -> [Contest.Contender] {
    var count = 0
    guard let peers, let codecs = unsafe peer_codecs_open(peers, &count) else { return [] }
    let state = UnsafeMutablePointer<net_state>.allocate(capacity: 1)
    let loaded = UnsafeMutablePointer<net_state>.allocate(capacity: 1)
    unsafe net_state_fill(state)
    var contenders: [Contest.Contender] = []
    for index in 0..<count {
      let codec = unsafe codecs[index]
      for hasDigest: Int32 in [0, 1] {
        let octets = unsafe codec.encode(state, hasDigest)
        unsafe loaded.initializeMemory(repeating: 0)
        let isRead = unsafe codec.decode(loaded, hasDigest) != 0
        guard octets > 0, isRead, unsafe isSame(state, loaded) else { throw PeerFailure(codec: index) }
        let name = unsafe String(cString: codec.name)
        contenders.append(
          .init(name + (hasDigest == 1 ? " + XXH3" : ""), operations: size.savesPerSample) {
            for _ in 0..<size.savesPerSample {
              unsafe sink &+= isSaving ? UInt64(codec.encode(state, hasDigest)) : UInt64(codec.decode(loaded, hasDigest))
            }
          })
      }
    }
    return contenders
  }
}

/// A peer does not give back what it was given.
struct PeerFailure: Error {
  let codec: Int
}

extension UnsafeMutablePointer where Pointee == net_state {
  func initializeMemory(repeating octet: UInt8) {
    unsafe UnsafeMutableRawPointer(self).initializeMemory(
      as: UInt8.self, repeating: octet, count: MemoryLayout<net_state>.size)
  }
}

/// Whether both have the same octets.
@unsafe
func isSame(_ left: UnsafeMutablePointer<net_state>, _ right: UnsafeMutablePointer<net_state>) -> Bool {
  let count = MemoryLayout<net_state>.size
  let a = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(left), byteCount: count)
  let b = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(right), byteCount: count)
  return a.compare(to: b) == 0
}

/// Devices, and memory for the stream that holds them.
@safe
final class Saved {
  let deviceCount: Int
  private let device: NetDevice
  private let memory: Memory
  private let copy: Memory
  private(set) var byteCount = 0

  init(deviceCount: Int, isExternal: Bool = false) throws {
    self.deviceCount = deviceCount
    device = try NetDevice(deviceCount: deviceCount, isExternal: isExternal)
    memory = Memory(8192 * deviceCount + 16384, isFilled: false)
    copy = Memory(MemoryLayout<net_state>.size, isFilled: false)
    _ = try save()
    unsafe device.loaded.initializeMemory(repeating: 0)
    _ = try load()
    guard unsafe isSame(device.state, device.loaded) else { throw PeerFailure(codec: -1) }
  }

  /// - Returns: Nanoseconds until the first section.
  func save() throws -> UInt64 {
    var output = Output(copyingTo: memory)
    let setUp = try device.save(to: &output)
    byteCount = output.count
    return setUp
  }

  /// - Returns: Nanoseconds until the first section.
  func load() throws -> UInt64 {
    let memory = memory
    guard let setUp = try device.load(memory.octets(first: byteCount)) else { throw PeerFailure(codec: -1) }
    return setUp
  }

  func copyAndDigest(isSaving: Bool) {
    let count = MemoryLayout<net_state>.size
    unsafe sink &+=
      isSaving ? peer_copy_and_xxh3(copy.address, device.state, count) : peer_copy_and_xxh3(device.loaded, device.state, count)
  }
}
