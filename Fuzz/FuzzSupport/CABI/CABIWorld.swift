import CMigStream
import Glibc
import MigrationStream

/// What the callbacks and the allocator of one execution share.
///
/// Memory that the library gives back stays until the execution ends, so a handle that was freed can still be looked at: the
/// library finds it by its kind mark, which is gone.
@safe
struct CABIWorld {
  // Allocator.
  private(set) var live = 0
  private var arena = CABIArena.take()
  /// The call that is refused, from now on; -1: none is.
  var refusedIn = -1
  /// What was given back last.
  private var gone: UnsafeMutableRawPointer?

  // Callbacks.
  /// The callback that fails, from now on; -1: none does.
  var failingIn = -1
  var reason: Int32 = 7
  /// The handle that the call under way has, which callbacks try to use.
  var busy: OpaquePointer?
  var busyKind = CABIKind.manifest
  var reenters = false
  /// Whether a device refused what came, in the call under way.
  var hasRefused = false
  /// The rule that a callback saw broken.
  var broken: StaticString?
  /// The machine's records so far: what its devices give next.
  var saved = 0

  // Streams that writers made.
  let output: UnsafeMutablePointer<UInt8>
  var outputCount = 0
  // What destinations answered, and nobody has heard.
  let answers: UnsafeMutablePointer<UInt8>
  var answerCount = 0
  // What devices lend: guarded on both sides.
  let memory: UnsafeMutablePointer<UInt8>

  static let outputMax = 1 << 18
  static let answerMax = 4096
  static let memoryCount = 1 << 16
  static let guardCount = 64

  init() {
    unsafe output = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.outputMax)
    unsafe answers = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.answerMax)
    unsafe memory = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.memoryCount + 2 * Self.guardCount)
    unsafe memory.update(repeating: 0xa5, count: Self.memoryCount + 2 * Self.guardCount)
  }

  /// Lends a new one for as long as a call lasts.
  static func withNew<Result>(_ body: (UnsafeMutablePointer<CABIWorld>) -> Result) -> Result {
    let world = UnsafeMutablePointer<CABIWorld>.allocate(capacity: 1)
    unsafe world.initialize(to: CABIWorld())
    defer {
      unsafe world.pointee.end()
      unsafe world.deinitialize(count: 1)
      unsafe world.deallocate()
    }
    return unsafe body(world)
  }

  private func end() {
    arena.giveBack()
    unsafe output.deallocate()
    unsafe answers.deallocate()
    unsafe memory.deallocate()
  }

  /// As it was made, but for memory that the library has: nothing fails, and nothing was written.
  mutating func beginAnew() {
    (refusedIn, failingIn, reenters) = (-1, -1, false)
    (saved, outputCount, answerCount) = (0, 0, 0)
    unsafe busy = nil
    unsafe (memory + Self.guardCount).update(repeating: 0xa5, count: Self.memoryCount)
  }

  /// Of what devices lent.
  var memoryDigest: UInt64 {
    let octets = unsafe Array(UnsafeBufferPointer(start: memory + Self.guardCount, count: Self.memoryCount))
    return Digest.xxh3(octets.span.octets)
  }

  /// Whether nobody wrote beside what devices lend.
  var guardsStand: Bool {
    for index in 0..<Self.guardCount {
      if unsafe memory[index] != 0xa5 || memory[Self.guardCount + Self.memoryCount + index] != 0xa5 { return false }
    }
    return true
  }

  // MARK: Allocator

  mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    if refusedIn >= 0 {
      refusedIn -= 1
      if refusedIn < 0 { return nil }
    }
    guard let memory = unsafe arena.allocate(size) else { return nil }
    live += 1
    return unsafe memory
  }

  mutating func deallocate(_ memory: UnsafeMutableRawPointer?) {
    guard let memory = unsafe memory else { return }
    live -= 1
    unsafe gone = unsafe memory
  }

  /// Whether it is what was given back last. What came of another allocator may be somebody else's by now.
  func gaveBack(_ memory: OpaquePointer) -> Bool { unsafe gone == UnsafeMutableRawPointer(memory) }

  // MARK: Callbacks

  /// Begins a callback: tries the handle that is in use, and says what to return.
  mutating func enter(lends: Bool = false) -> Int32 {
    if reenters, let busy = unsafe busy {
      let status = unsafe CABICalls.probe(busy, busyKind)
      if status != -Int32(MGS_ERROR_SESSION_BUSY.rawValue) { note("a handle in use was used") }
    }
    guard failingIn >= 0 else { return 0 }
    failingIn -= 1
    return failingIn < 0 ? reason : 0
  }

  /// Begins a callback of a device that takes what came: the call that it fails in must say so.
  mutating func enterTaking() -> Int32 {
    let result = enter()
    if result != 0 { hasRefused = true }
    return result
  }

  mutating func note(_ rule: StaticString) { if broken == nil { broken = rule } }

  mutating func write(_ octets: UnsafeRawPointer?, _ size: Int) {
    guard size > 0, let octets = unsafe octets else { return }
    let room = min(size, Self.outputMax - outputCount)
    unsafe UnsafeMutableRawPointer(output + outputCount).copyMemory(from: octets, byteCount: room)
    outputCount += room
  }

  mutating func answer(_ octets: UnsafeRawPointer?, _ size: Int) {
    guard size > 0, let octets = unsafe octets else { return }
    let room = min(size, Self.answerMax - answerCount)
    unsafe UnsafeMutableRawPointer(answers + answerCount).copyMemory(from: octets, byteCount: room)
    answerCount += room
  }

  /// Memory of the devices from `offset` on.
  func lend(_ offset: UInt64, _ size: Int) -> (memory: UnsafeMutableRawPointer?, room: Int) {
    let start = Int(offset % UInt64(Self.memoryCount))
    return unsafe (UnsafeMutableRawPointer(memory + Self.guardCount + start), min(size, Self.memoryCount - start))
  }
}

enum CABIKind: Int { case manifest, encoder, decoder, machine }

enum CABICalls {
  /// A call that every handle of its kind takes, and that changes nothing.
  static func probe(_ handle: OpaquePointer?, _ kind: CABIKind) -> Int32 {
    switch kind {
    case .manifest: return unsafe mgs_manifest_check(handle, nil, 0, nil)
    case .encoder:
      var offset: UInt64 = 0
      return unsafe mgs_encoder_offset(handle, &offset)
    case .decoder:
      var offset: UInt64 = 0
      return unsafe mgs_decoder_offset(handle, &offset)
    case .machine: return unsafe mgs_machine_state(handle, 0)
    }
  }
}
