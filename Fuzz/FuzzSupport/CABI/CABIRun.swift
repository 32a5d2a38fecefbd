import CMigStream

/// Runs a program of C calls: any calls in any order, with any handles, and arguments that are wrong in every way that C
/// allows to find out.
///
/// Decoding is total: an octet chooses each call and each argument, and behind its end a program reads zeros.
@safe
struct CABIRun {
  private let input: [UInt8]
  private var position = 0
  let world: UnsafeMutablePointer<CABIWorld>
  /// Two handles of each kind, and the one of each kind that was freed last.
  private var slots = unsafe InlineArray<8, OpaquePointer?>(repeating: nil)
  private var freed = unsafe InlineArray<4, OpaquePointer?>(repeating: nil)
  /// Of the machines in their slots.
  var twins = unsafe InlineArray<2, OpaquePointer?>(repeating: nil)
  private(set) var violation: FuzzViolation?
  /// Where each call of the program begins.
  private(set) var starts: [Int] = []
  /// The number of the latest session that was opened.
  var session: UInt64 = 0

  private static let callMax = 300

  init(_ input: [UInt8], _ world: UnsafeMutablePointer<CABIWorld>) {
    self.input = input
    unsafe self.world = unsafe world
  }

  mutating func run() {
    var calls = 0
    while position < input.count, calls < Self.callMax, violation == nil {
      starts.append(position)
      step(octet())
      calls += 1
    }
    compareTwins()
    for slot in 0..<2 { freeTwin(slot) }
    for kind in 0..<4 {
      for slot in 0..<2 { free(CABIKind(rawValue: kind) ?? .manifest, slot) }
    }
    if unsafe world.pointee.live != 0 { fail("C5", "memory was not given back") }
    if unsafe !world.pointee.guardsStand { fail("C7", "somebody wrote beside what a device lent") }
  }

  mutating func fail(_ oracle: String, _ detail: StaticString) {
    if violation == nil { violation = FuzzViolation(oracle, "\(detail), at octet \(position)") }
  }

  // MARK: Arguments

  mutating func octet() -> UInt8 {
    guard position < input.count else { return 0 }
    defer { position += 1 }
    return input[position]
  }

  mutating func number() -> UInt32 {
    // Small numbers, and some that are out of every range.
    let octet = octet()
    return octet < 240 ? UInt32(octet % 16) : octet < 250 ? UInt32(octet) << 20 : UInt32.max
  }

  /// A size that is right, or one that no octets have.
  mutating func size(_ right: Int) -> Int {
    switch octet() {
    case 250: -1
    case 251: Int.min
    case 252: 0
    case 253: right / 2
    default: right
    }
  }

  /// Octets of a stream that was made, of section data, or none.
  mutating func octets() -> (base: UnsafeRawPointer?, size: Int) {
    let choice = octet()
    let count = unsafe world.pointee.outputCount
    switch choice {
    case 0..<160:
      // Piece by piece, or all of it.
      let start = choice < 80 ? 0 : count * Int(choice - 80) / 80
      return unsafe (UnsafeRawPointer(world.pointee.output + start), size(count - start))
    case 160..<200: return unsafe (UnsafeRawPointer(CABITemplate.counter), size(8))
    case 200..<240: return unsafe (UnsafeRawPointer(world.pointee.memory + CABIWorld.guardCount), size(Int(choice) * 20))
    case 240..<245: return (nil, size(16))
    // Past the end of the address space.
    case 245..<250: return unsafe (UnsafeRawPointer(bitPattern: UInt.max - 3), 16)
    default: return (nil, 0)
    }
  }

  /// A struct with a size that is right, odd, older, newer or none.
  mutating func structSize(_ right: Int) -> Int {
    switch octet() {
    case 0..<200: right
    case 200..<210: right - 8
    case 210..<215: 8
    case 215..<220: right - 3
    case 220..<225: 0
    case 225..<230: -8
    case 230..<235: 4104
    default: right
    }
  }

  // MARK: Calls

  /// Does a call on a handle that the program chooses, and holds the rules against it.
  mutating func call(_ kind: CABIKind, _ body: (OpaquePointer?, UnsafeMutablePointer<mgs_error>?) -> Int32) {
    let choice = octet()
    let slot = kind.rawValue * 2 + Int(choice & 1)
    var (handle, isRight) = unsafe (slots[slot], true)
    switch choice >> 1 & 15 {
    case 13: unsafe (handle, isRight) = (nil, false)
    case 14: unsafe (handle, isRight) = (slots[(slot + 2) % 8], false)
    case 15: unsafe (handle, isRight) = (freed[kind.rawValue], false)
    default: break
    }
    if unsafe handle == nil { isRight = false }
    let others = marks(but: isRight ? slot : -1)
    let mark = unsafe isRight ? self.mark(handle, kind) : 0
    unsafe world.pointee.busy = isRight ? handle : nil
    unsafe world.pointee.busyKind = kind
    var error = Self.untouched
    unsafe world.pointee.hasRefused = false
    let status = choice & 0x80 == 0 ? unsafe body(handle, &error) : unsafe body(handle, nil)
    unsafe world.pointee.busy = nil
    if status >= 0, unsafe world.pointee.hasRefused { fail("C8", "a device refused, and the call did not") }
    check(status, error, isTold: choice & 0x80 == 0)
    if !isRight, status != Self.badHandle, status != Self.badArgument { fail("C3", "a wrong handle was taken") }
    if isRight, status == Self.badHandle { fail("C3", "a right handle was refused") }
    if others != marks(but: isRight ? slot : -1) { fail("C4", "a call changed another handle") }
    if isRight, status == Self.badArgument, unsafe mark != self.mark(handle, kind) {
      fail("C4", "a call with a wrong argument had an effect")
    }
  }

  /// Makes a handle in a slot, whose former one is freed.
  ///
  /// - Returns: The slot.
  @discardableResult
  mutating func make(
    _ kind: CABIKind, _ body: (UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<mgs_error>?) -> Int32
  ) -> Int {
    let choice = octet()
    let slot = Int(choice & 1)
    free(kind, slot)
    var made: OpaquePointer?
    var error = Self.untouched
    let status = choice < 240 ? unsafe body(&made, &error) : unsafe body(nil, &error)
    check(status, error, isTold: true)
    if unsafe (status == 0) != (made != nil) { fail("C3", "a handle without success, or the reverse") }
    unsafe slots[kind.rawValue * 2 + slot] = made
    return slot
  }

  func machine(_ slot: Int) -> OpaquePointer? { unsafe slots[CABIKind.machine.rawValue * 2 + slot] }

  mutating func free(_ kind: CABIKind, _ slot: Int) {
    guard let handle = unsafe slots[kind.rawValue * 2 + slot] else { return }
    if unsafe free(handle, kind) != 0 { fail("C3", "a handle could not be freed") }
    unsafe slots[kind.rawValue * 2 + slot] = nil
    guard unsafe world.pointee.gaveBack(handle) else { return }
    unsafe freed[kind.rawValue] = unsafe handle
    if unsafe free(handle, kind) != Self.badHandle { fail("C3", "a handle was freed twice") }
  }

  /// A manifest for calls that want one beside their own handle.
  mutating func manifest() -> OpaquePointer? {
    let choice = octet()
    switch choice {
    case 0..<240: return unsafe slots[Int(choice & 1)]
    case 240..<248: return unsafe slots[2]
    default: return nil
    }
  }

  private func free(_ handle: OpaquePointer?, _ kind: CABIKind) -> Int32 {
    switch kind {
    case .manifest: unsafe mgs_manifest_free(handle)
    case .encoder: unsafe mgs_encoder_free(handle)
    case .decoder: unsafe mgs_decoder_free(handle)
    case .machine: unsafe mgs_machine_free(handle)
    }
  }

  // MARK: Rules

  private static let badHandle = -Int32(bitPattern: MGS_ERROR_BAD_HANDLE.rawValue)
  private static let badArgument = -Int32(bitPattern: MGS_ERROR_BAD_ARGUMENT.rawValue)

  private static let untouched: mgs_error = {
    var error = mgs_error()
    error.code = 0x5a5a_5a5a
    return error
  }()

  mutating func check(_ status: Int32, _ error: mgs_error, isTold: Bool) {
    if status < 0, unsafe mgs_code_name(status)?.pointee == CChar(UInt8(ascii: "u")), !Self.isKnown(status) {
      fail("C1", "a status that is none")
    }
    if isTold, (status < 0) != (error.code != Self.untouched.code) { fail("C2", "an error was told, and there was none") }
    if isTold, status < 0, error.code != -status { fail("C2", "an error is not its status") }
    if let broken = unsafe world.pointee.broken { fail("C6", broken) }
  }

  /// Names that begin as `unknown` does.
  private static func isKnown(_ status: Int32) -> Bool {
    unsafe mgs_code_name(status) != mgs_code_name(9999)
  }

  /// What can be seen of all handles but one.
  private func marks(but slot: Int) -> UInt64 {
    var sum: UInt64 = 0
    for other in 2..<8 where other != slot {
      sum = unsafe sum &* 31 &+ mark(slots[other], CABIKind(rawValue: other / 2) ?? .manifest)
    }
    return sum
  }

  /// What can be seen of a handle, as one number.
  private func mark(_ handle: OpaquePointer?, _ kind: CABIKind) -> UInt64 {
    guard unsafe handle != nil else { return 0 }
    switch kind {
    case .manifest: return 0
    case .encoder:
      var offset: UInt64 = 0
      _ = unsafe mgs_encoder_offset(handle, &offset)
      return offset
    case .decoder:
      var (offset, wanted) = (UInt64(0), 0)
      _ = unsafe mgs_decoder_offset(handle, &offset)
      _ = unsafe mgs_decoder_wanted(handle, &wanted)
      return offset &* 1000 &+ UInt64(wanted)
    case .machine:
      var status = mgs_machine_status()
      status.size = MemoryLayout<mgs_machine_status>.size
      _ = unsafe mgs_machine_status_get(handle, &status)
      let state = unsafe mgs_machine_state(handle, 0)
      return (status.offset &+ status.save_offset) &* 4096 &+ UInt64(status.session &* 512 &+ status.verdict &* 128)
        &+ UInt64(status.save &* 16) &+ UInt64(bitPattern: Int64(state))
    }
  }
}
