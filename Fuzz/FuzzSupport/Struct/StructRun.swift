import CFuzzStructs
import CMigStream

/// One struct, a manifest of it that was used before, and new ones to compare it with.
@safe
struct StructRun {
  let table: UInt32
  let state: UInt32
  let choice: UInt8
  let world: UnsafeMutablePointer<CABIWorld>
  private(set) var violation: FuzzViolation?
  /// Whether the stream was taken.
  private(set) var isTaken = false

  private static let streamMax = 1 << 14
  private static let untouched: Int32 = 0x5a5a_5a5a

  init(table: UInt32, state: UInt32, choice: UInt8, _ world: UnsafeMutablePointer<CABIWorld>) {
    (self.table, self.state, self.choice) = (table, state, choice)
    unsafe self.world = unsafe world
  }

  /// What a status and an error say together.
  struct Answer: Equatable {
    var status: Int32
    var stage: UInt32 = 0
    var offset: UInt64 = 0
    var expected: UInt64 = 0
    var found: UInt64 = 0
    var record: UInt64 = 0
    /// Octets taken, or written.
    var count = 0
  }

  mutating func run(_ input: [UInt8]) {
    fill()
    let used = unsafe manifest(isSilent: true)
    if let used = unsafe used {
      unsafe save(by: used)
      unsafe load(input.isEmpty ? Self.saved(by: UInt64(choice)) : input, by: used)
      unsafe free(used)
    }
    if unsafe world.pointee.live != 0 { fail("C5", "\(unsafe world.pointee.live) pieces of memory were not given back") }
  }

  mutating func fail(_ oracle: String, _ detail: String) {
    if violation == nil { violation = FuzzViolation(oracle, detail) }
  }

  // MARK: Parts

  /// Saves twice, which is what later saves are made of, and once by an encoder; and loads that again and again.
  private mutating func save(by used: OpaquePointer) {
    fill()
    let (first, octets) = unsafe encoded(by: used)
    let (second, again) = unsafe encoded(by: used)
    if first != second || octets != again { return fail("R5", "saved \(first), and again \(second)") }
    guard first.status == 0 else { return fail("R3", "a right struct is not saved: \(first)") }
    let (third, long) = encodedByEncoder()
    if third.status != 0 || long != octets { return fail("R1", "saved by an encoder: \(third), else \(first)") }
    var error = mgs_error()
    let verdict = unsafe octets.withUnsafeBytes { unsafe mgs_verify($0.baseAddress, $0.count, MGS_TIER_DEEP.rawValue, nil, nil, &error) }
    if verdict != 0 { return fail("R1", "what was saved is refused with \(verdict) at \(error.offset)") }
    // The third time is the first that goes the short way.
    for _ in 0..<3 where violation == nil {
      fill()
      let before = copy()
      let loaded = unsafe decode(octets, by: used)
      if loaded.status != 0 { return fail("R3", "what was saved is not loaded: \(loaded)") }
      expect(before, "R3", "what was saved is loaded as something else")
    }
  }

  private mutating func load(_ stream: [UInt8], by used: OpaquePointer) {
    fill()
    let before = copy()
    guard let new = unsafe manifest() else { return }
    let wanted = unsafe decode(stream, by: new)
    unsafe free(new)
    check(wanted, stream.count)
    let after = copy()
    if wanted.status != 0, after != before { fail("I20", "a stream that is refused changes the struct: \(wanted)") }
    if choice & 1 == 1 { unsafe refuseMemory(stream, by: used, before) }
    fill()
    let found = unsafe decode(stream, by: used)
    if found != wanted { fail("R5", "a manifest that was used before: \(found), a new one: \(wanted)") }
    expect(after, "R5", "a manifest that was used before loads something else")
    guard wanted.status == 0, violation == nil else { return }
    isTaken = true
    saveAgain(after)
    unsafe loadPrefix(stream, wanted.count, by: used)
    unsafe loadWithoutRoom(stream, by: used)
  }

  /// A struct that has lost what a pointer leads to: elements have no place, which is found before one octet changes.
  private mutating func loadWithoutRoom(_ stream: [UInt8], by used: OpaquePointer) {
    fill()
    guard unsafe fuzz_struct_forget(table, structMemory, UInt32(choice)) != 0 else { return }
    let before = copy()
    let answer = unsafe decode(stream, by: used)
    check(answer, stream.count)
    if answer.status != 0 { expect(before, "I20", "without room for elements the struct changes: \(answer)") }
  }

  /// R3 of what came from elsewhere, by a manifest that announces the sections that are there now.
  private mutating func saveAgain(_ loaded: [UInt8]) {
    guard let used = unsafe manifest() else { return }
    defer { unsafe free(used) }
    let (saving, octets) = unsafe encoded(by: used)
    guard saving.status == 0 else { return fail("R3", "what was loaded is not saved: \(saving)") }
    let (long, same) = encodedByEncoder()
    if long.status != 0 || same != octets { return fail("R1", "saved by an encoder: \(long), else \(saving)") }
    fill()
    let loading = unsafe decode(octets, by: used)
    if loading.status != 0 { return fail("R3", "what was loaded and saved is not loaded: \(loading)") }
    expect(loaded, "R3", "loaded, saved and loaded it is something else")
    if unsafe encoded(by: used).octets != octets { fail("R3", "saved again it is something else") }
  }

  /// R8.
  private mutating func loadPrefix(_ stream: [UInt8], _ count: Int, by used: OpaquePointer) {
    fill()
    let before = copy()
    let part = Array(stream.prefix(count * Int(choice >> 1) / 128))
    let answer = unsafe decode(part, by: used)
    if answer.status == 0 { fail("R8", "\(part.count) of \(count) octets are taken") }
    expect(before, "I20", "a stream that is cut changes the struct")
  }

  /// Loads with an allocator that refuses a call.
  private mutating func refuseMemory(_ stream: [UInt8], by used: OpaquePointer, _ before: [UInt8]) {
    fill()
    unsafe world.pointee.refusedIn = Int(choice >> 1)
    let answer = unsafe decode(stream, by: used)
    unsafe world.pointee.refusedIn = -1
    if answer.status != 0 { expect(before, "I20", "without memory the struct changes: \(answer)") }
  }

  // MARK: Calls

  /// Of the streams that are saved; a quarter have none.
  private var uuid: [UInt8] { [UInt8](repeating: choice >> 1 & 3, count: 16) }

  /// - Parameter isSilent: Nobody is told what is stepped over; only then a stream is loaded the short way.
  private func manifest(isSilent: Bool = false) -> OpaquePointer? {
    var (config, topology) = unsafe (CABICallbacks.config(UnsafeMutableRawPointer(world)), mgs_topology())
    if isSilent { unsafe config.log = nil }
    unsafe topology.size = MemoryLayout<mgs_topology>.size
    unsafe topology.producer = CABITemplate.text("fuzz")
    var device = unsafe mgs_device()
    unsafe device.size = MemoryLayout<mgs_device>.size
    unsafe device.path = CABITemplate.text("a")
    var manifest: OpaquePointer?
    var error = mgs_error()
    guard unsafe mgs_manifest_new(&manifest, &topology, &config, &error) == 0 else { return nil }
    guard unsafe mgs_manifest_add_struct(manifest, &device, fuzz_struct_model(table), structMemory, &error) == 0
    else {
      unsafe free(manifest)
      return nil
    }
    return unsafe manifest
  }

  private func free(_ manifest: OpaquePointer?) { _ = unsafe mgs_manifest_free(manifest) }

  private func encoded(by manifest: OpaquePointer) -> (answer: Answer, octets: [UInt8]) {
    var octets = [UInt8](repeating: 0, count: Self.streamMax)
    var (error, written) = (untouched, 0)
    let status = unsafe mgs_encode_struct(manifest, uuid, &octets, octets.count, &written, &error)
    return (answer(status, error, status == 0 ? written : 0), Array(octets.prefix(status == 0 ? written : 0)))
  }

  private mutating func encodedByEncoder() -> (answer: Answer, octets: [UInt8]) {
    guard let new = unsafe manifest() else { return (Answer(status: 1), []) }
    defer { unsafe free(new) }
    unsafe world.pointee.outputCount = 0
    var (config, options) = unsafe (CABICallbacks.config(UnsafeMutableRawPointer(world)), mgs_stream_options())
    (options.size, options.flags) = (MemoryLayout<mgs_stream_options>.size, MGS_SINGLE_DEVICE)
    unsafe withUnsafeMutableBytes(of: &options.uuid) { unsafe $0.copyBytes(from: uuid) }
    var encoder: OpaquePointer?
    var error = untouched
    var status = unsafe mgs_encoder_new(
      &encoder, new, &options, CABICallbacks.writer, UnsafeMutableRawPointer(world), &config, &error)
    if status == 0 { status = unsafe mgs_encoder_struct(encoder, 0, &error) }
    if status == 0 { status = unsafe mgs_encoder_end(encoder, &error) }
    _ = unsafe mgs_encoder_free(encoder)
    let octets = unsafe Array(UnsafeBufferPointer(start: world.pointee.output, count: world.pointee.outputCount))
    return (answer(status, error, octets.count), octets)
  }

  private func decode(_ stream: [UInt8], by manifest: OpaquePointer) -> Answer {
    var (error, taken) = (untouched, 0)
    let status = unsafe stream.withUnsafeBytes {
      unsafe mgs_decode_struct(manifest, $0.baseAddress, $0.count, &taken, &error)
    }
    return answer(status, error, status == 0 ? taken : 0)
  }

  private var untouched: mgs_error {
    var error = mgs_error()
    error.code = Self.untouched
    return error
  }

  private func answer(_ status: Int32, _ error: mgs_error, _ count: Int) -> Answer {
    guard status < 0 else { return Answer(status: status, count: count) }
    return Answer(
      status: error.code == -status ? status : Int32.min, stage: error.stage, offset: error.offset,
      expected: error.expected, found: error.found, record: error.record)
  }

  /// A9.
  private mutating func check(_ answer: Answer, _ count: Int) {
    if answer.status == Int32.min { fail("A9", "an error is not its status") }
    if answer.status > 0 || answer.count > count { fail("A6", "\(answer) of \(count) octets") }
    if answer.status < 0, answer.offset > UInt64(count) { fail("A9", "refused at \(answer.offset) of \(count) octets") }
  }

  // MARK: Memory

  private var structMemory: UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(world.pointee.memory + CABIWorld.guardCount)
  }

  private func fill() { unsafe fuzz_struct_fill(table, structMemory, state) }

  private mutating func expect(_ wanted: [UInt8], _ oracle: String, _ detail: String) {
    let found = copy()
    guard let place = found.indices.first(where: { found[$0] != wanted[$0] }) else { return }
    fail(oracle, "\(detail), from octet \(place): \(found[place]), expected \(wanted[place])")
  }

  private mutating func copy() -> [UInt8] {
    if unsafe !world.pointee.guardsStand || fuzz_struct_stands(table, structMemory) == 0 {
      fail("C7", "something was written beside the struct")
    }
    return unsafe Array(UnsafeRawBufferPointer(start: structMemory, count: Int(FUZZ_STRUCT_MEMORY)))
  }

  /// What the struct of a table saves.
  static func saved(by seed: UInt64) -> [UInt8] {
    unsafe CABIWorld.withNew { world in
      let run = unsafe StructRun(
        table: UInt32(seed % UInt64(FUZZ_STRUCTS)), state: UInt32(seed >> 3 & 255), choice: 0, world)
      guard let manifest = unsafe run.manifest() else { return [] }
      defer { unsafe run.free(manifest) }
      run.fill()
      return unsafe run.encoded(by: manifest).octets
    }
  }
}
