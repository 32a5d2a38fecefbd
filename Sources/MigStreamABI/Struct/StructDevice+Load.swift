internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// A section or subsection that came for a struct.
@unsafe
struct ArrivedStruct: BitwiseCopyable {
  /// Position among the pieces of the table.
  let index: Int
  /// Position of what it lies in among what came; -1: a section.
  let owner: Int
  /// Which element of the owner's array it hangs on.
  let element: UInt32
  let offset: UInt64
  /// In the session's private memory.
  let data: mgs_octets
  /// The struct of the piece.
  var memory: UnsafeMutableRawPointer?
}

extension StructDevice {
  /// Notes what came, and looks whether there is memory for it; nothing is changed.
  ///
  /// - Throws: `deviceFailed`, at the section, when elements came and a pointer is NULL; `outOfMemory`.
  mutating func prepare(_ state: StagedState) throws(StreamError) {
    forgetArrivals()
    for index in state.pieces.indices {
      let piece = state.pieces[index]
      let steps = piece.targetStepCount
      unsafe try arrivals.append(
        ArrivedStruct(
          index: position(of: piece.piece), owner: piece.owner,
          element: steps > 0 ? state.element(steps - 1, of: piece) : 0, offset: piece.offset,
          data: mgs_octets(state.data(of: piece)), memory: nil))
    }
    try lookForMemory()
  }

  mutating func forgetArrivals() { unsafe arrivals.removeAll() }

  /// Notes a section that came.
  ///
  /// - Throws: `outOfMemory`.
  mutating func arrived(_ data: RawSpan, at index: Int) throws(StreamError) {
    unsafe try arrivals.append(
      ArrivedStruct(index: index, owner: -1, element: 0, offset: 0, data: mgs_octets(data), memory: nil))
  }

  /// - Throws: `deviceFailed`, when there is none for what came.
  mutating func lookForMemory() throws(StreamError) { try load(.check) }

  /// Puts into the struct what came, when there was memory for it.
  mutating func commit() throws(StreamError) { try load(.apply) }

  private mutating func load(_ purpose: StructLoader.Purpose) throws(StreamError) {
    for index in 0..<pieces.count { counts[index] = 0 }
    if purpose == .apply {
      for index in 0..<sectionCount { unsafe clear(index, in: place.state) }
    }
    for number in unsafe 0..<arrivals.count {
      var arrived = unsafe arrivals[number]
      let index = unsafe arrived.index
      guard let memory = unsafe memory(for: arrived) else {
        throw unsafe StreamError(.deviceFailed, .resume, at: arrived.offset)
      }
      unsafe arrived.memory = unsafe memory
      unsafe arrivals[number] = unsafe arrived
      let octets = unsafe UnsafeRawBufferPointer(start: arrived.data.octets, count: arrived.data.size)
      guard unsafe load(octets.bytes, index, memory, purpose) else {
        throw unsafe StreamError(.deviceFailed, .resume, at: arrived.offset)
      }
      counts[index] += 1
      guard purpose == .apply else { continue }
      unsafe announce(arrived)
      for inner in sectionCount..<max(pieces.count, sectionCount) where pieces[inner].owner == index {
        unsafe clear(inner, in: memory)
      }
    }
  }

  private func load(
    _ data: RawSpan, _ index: Int, _ memory: UnsafeMutableRawPointer, _ purpose: StructLoader.Purpose
  ) -> Bool {
    var loader = StructLoader(
      steps.span, elements: elements.span, elementSteps.span, layoutBase: elementBase, data, purpose)
    return unsafe loader.load(pieces[index].steps, memory)
  }

  /// The struct that an arrived piece belongs in; nil: there is none.
  private func memory(for arrived: ArrivedStruct) -> UnsafeMutableRawPointer? {
    let piece = unsafe pieces[arrived.index]
    let given = unsafe piece.table.pointee
    guard unsafe arrived.owner >= 0 else {
      return unsafe place.state + Int(given.offset) + Int(counts[arrived.index]) * Int(given.stride)
    }
    guard let owner = unsafe arrivals[arrived.owner].memory else { return nil }
    guard piece.targetEntry != nil else { return unsafe owner + Int(given.offset) }
    // How many there are was judged: in the stream, and against what the table says at most.
    let memory = unsafe target(piece.target, in: owner)
    guard let memory = unsafe memory, unsafe arrived.element < piece.target.count else { return nil }
    return unsafe memory + Int(arrived.element) * Int(piece.target.stride) + Int(given.offset)
  }

  private func target(_ target: FieldStep, in owner: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    unsafe UnsafeMutableRawPointer(mutating: Self.elements(of: target, UnsafeRawPointer(owner)).memory)
  }

  /// Says in the struct of its owner that a piece is there.
  private func announce(_ arrived: ArrivedStruct) {
    let piece = unsafe pieces[arrived.index]
    let given = unsafe piece.table.pointee
    guard let memory = unsafe arrived.memory else { return }
    if piece.isMany {
      unsafe (place.state + Int(given.has_offset)).storeBytes(of: counts[arrived.index], as: UInt32.self)
    } else if piece.isOptional, unsafe given.needed == nil {
      let owner = unsafe piece.isSubsection ? memory - Int(given.offset) : place.state
      unsafe (owner + Int(given.has_offset)).storeBytes(of: 1, as: UInt8.self)
    }
  }

  /// Says in an owner's struct that a piece is absent, until it comes.
  private func clear(_ index: Int, in owner: UnsafeMutableRawPointer) {
    let piece = pieces[index]
    if piece.isMany {
      return unsafe (owner + Int(piece.table.pointee.has_offset)).storeBytes(of: 0, as: UInt32.self)
    }
    guard piece.isOptional else { return }
    guard piece.targetEntry != nil else { return unsafe clearOne(piece, index, in: owner) }
    let (count, memory) = unsafe Self.elements(of: piece.target, UnsafeRawPointer(owner))
    guard let memory = unsafe UnsafeMutableRawPointer(mutating: memory) else { return }
    for element in 0..<count { unsafe clearOne(piece, index, in: memory + element * Int(piece.target.stride)) }
  }

  private func clearOne(_ piece: StructPiece, _ index: Int, in owner: UnsafeMutableRawPointer) {
    let given = unsafe piece.table.pointee
    if unsafe given.needed == nil { unsafe (owner + Int(given.has_offset)).storeBytes(of: 0, as: UInt8.self) }
    guard piece.presetCount > 0 else { return }
    let data = presets.bytes.extracting(piece.presetStart..<(piece.presetStart + piece.presetCount))
    // Presets have no elements, so there is room.
    _ = unsafe load(data, index, owner + Int(given.offset), .apply)
  }
}
