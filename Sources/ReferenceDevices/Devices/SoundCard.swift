import MigrationStream
import ResumePath

/// A sound card, which plays and records by the clock, with its driver.
///
/// ```
///  driver's memory:   list out | 128: list in | 4096: 4 buffers of 1024 octets out, 4 in
///  a descriptor, 16 octets:   address (8) | length (4) | flags (4)
/// ```
final class SoundCard: StatefulDevice<SoundState>, ReferenceDevice {
  private static let bufferByteCount = 1024
  private static let bufferCount = 4
  private static let bufferDone: UInt8 = 1
  /// A card that stood longer goes on from now: nobody hears what is long over.
  private static let catchUpMax: UInt64 = 10_000_000

  let channelCount: Int

  init(_ model: ReferenceModel) {
    channelCount = model.number("output-channels")
    super.init(model, SoundState(model))
  }

  private init(like other: SoundCard) {
    channelCount = other.channelCount
    super.init(like: other)
  }

  func freshCopy() -> any ReferenceDevice { SoundCard(like: self) }

  var interruptLevel: Bool {
    state.command & 1024 == 0
      && (state.playback.causes & state.playback.interrupts != 0 || state.capture.causes & state.capture.interrupts != 0)
  }

  func boot(_ number: Int, _ board: inout Board) {
    state.command = 6
    state.registersAt = 0xfeb8_0000
    setUp(&state.playback, number, listAt: 0, buffersAt: 4096, &board)
    setUp(&state.capture, number, listAt: 128, buffersAt: 8192, &board)
  }

  private func setUp(
    _ voice: inout SoundState.Voice, _ number: Int, listAt: UInt64, buffersAt: UInt64, _ board: inout Board
  ) {
    let memory = Board.driverMemory(number)
    voice.descriptorsAt = memory + listAt
    voice.lastDescriptor = UInt8(Self.bufferCount - 1)
    voice.cyclicLength = UInt32(Self.bufferCount * Self.bufferByteCount)
    voice.interrupts = Self.bufferDone
    for buffer in 0..<Self.bufferCount {
      let place = memory + listAt + UInt64(16 * buffer)
      board.memory.store(Board.ram, place, memory + buffersAt + UInt64(buffer * Self.bufferByteCount))
      board.memory.store(Board.ram, place + 8, UInt32(Self.bufferByteCount))
    }
  }

  // MARK: Time

  func advance(_ number: Int, _ board: inout Board) {
    while let now = due(&state.playback, board.now) { play(at: now, &board) }
    while let now = due(&state.capture, board.now) { record(at: now, &board) }
    state.interruptLevel = interruptLevel
  }

  /// When the next frame was due, if it was; the one after it is due later.
  private func due(_ voice: inout SoundState.Voice, _ now: UInt64) -> UInt64? {
    guard voice.running, voice.nextFrame <= now else { return nil }
    let frame = max(voice.nextFrame, now - min(now, Self.catchUpMax))
    voice.nextFrame = frame &+ 1_000_000_000 / UInt64(max(voice.rate, 1))
    return frame
  }

  private func play(at now: UInt64, _ board: inout Board) {
    let frameByteCount = channelCount * Int(state.playback.sampleOctets)
    while state.playback.fifo.count < frameByteCount {
      let run = nextRun(&state.playback, 64, &board)
      guard run.count > 0 else { return }
      state.playback.fifo += board.memory.load(Board.ram, run.address, count: run.count)
    }
    let frame = [UInt8](state.playback.fifo.prefix(frameByteCount))
    state.playback.fifo.removeFirst(frameByteCount)
    state.playback.position &+= 1
    if !state.muted {
      board.effects.add(frame)
      for volume in state.volumes { board.effects.add(volume) }
    }
  }

  private func record(at now: UInt64, _ board: inout Board) {
    let sample = state.inputMuted ? 0 : StateDigest.mix(board.seed ^ state.capture.position)
    state.leftPeak = max(state.leftPeak, UInt16(truncatingIfNeeded: sample))
    state.rightPeak = max(state.rightPeak, UInt16(truncatingIfNeeded: sample >> 16))
    for octet in 0..<(2 * UInt64(state.capture.sampleOctets)) {
      state.capture.fifo.append(UInt8(truncatingIfNeeded: sample >> (octet * 8)))
    }
    state.capture.position &+= 1
    while state.capture.fifo.count >= 64 {
      let run = nextRun(&state.capture, 64, &board)
      guard run.count > 0 else { return state.capture.fifo = [] }
      board.memory.store(Board.ram, run.address, [UInt8](state.capture.fifo.prefix(run.count)))
      state.capture.fifo.removeFirst(run.count)
    }
  }

  /// The next octets of the list of buffers, at most to the end of the buffer at hand.
  private func nextRun(
    _ voice: inout SoundState.Voice, _ byteCountMax: Int, _ board: inout Board
  ) -> (address: UInt64, count: Int) {
    let place = voice.descriptorsAt &+ 16 &* UInt64(voice.descriptor)
    // A buffer is no longer than all together.
    let length = min(board.memory.load(Board.ram, place &+ 8, as: UInt32.self), voice.cyclicLength)
    let done = min(voice.descriptorDone, length)
    let count = min(byteCountMax, Int(length - done))
    let address = board.memory.load(Board.ram, place, as: UInt64.self) &+ UInt64(done)
    voice.descriptorDone = done + UInt32(count)
    if voice.descriptorDone >= length {
      voice.descriptorDone = 0
      voice.descriptor = voice.descriptor >= voice.lastDescriptor ? 0 : voice.descriptor + 1
      voice.causes |= Self.bufferDone
    }
    return (address, count)
  }

  // MARK: Driver

  func operate(_ number: Int, _ board: inout Board) -> StaticString {
    defer { state.interruptLevel = interruptLevel }
    let memory = Board.driverMemory(number)
    switch board.random.below(10) {
    case 0...2:
      let buffer = board.random.below(Self.bufferCount)
      let octets = board.random.octets(128)
      let place = memory + 4096 + UInt64(buffer * Self.bufferByteCount + 128 * board.random.below(8))
      board.memory.store(Board.ram, place, octets)
      return "driver fills a buffer"
    case 3...4:
      toggle(&state.playback, board)
      return "driver starts or stops the stream out"
    case 5:
      toggle(&state.capture, board)
      return "driver starts or stops the stream in"
    case 6:
      state.volumes[board.random.below(channelCount)] = UInt8(board.random.below(128))
      if board.random.below(4) == 0 { state.muted.toggle() }
      return "driver sets a volume"
    case 7:
      (state.playback.causes, state.capture.causes) = (0, 0)
      board.setNote(number, 0, board.note(number, 0) &+ 1)
      return "driver acknowledges"
    case 8:
      guard !state.playback.running else { return "driver waits" }
      state.playback.rate = [8000, 44100, 48000, 96000][board.random.below(4)]
      state.playback.sampleOctets = UInt8(1 + board.random.below(4))
      state.playback.fifo = []
      return "driver chooses a rate"
    default:
      state.headphones.toggle()
      state.jackEvent = true
      return "headphones are plugged or pulled"
    }
  }

  /// A stream starts only when it has a list of buffers.
  private func toggle(_ voice: inout SoundState.Voice, _ board: borrowing Board) {
    voice.running = !voice.running && hasList(voice, board)
    voice.nextFrame = voice.running ? board.now &+ 20_000 : UInt64.max
  }

  private func hasList(_ voice: SoundState.Voice, _ board: borrowing Board) -> Bool {
    voice.descriptorsAt != 0 && voice.cyclicLength > 0
      && board.hasGuestMemory(voice.descriptorsAt, 16 * (UInt64(voice.lastDescriptor) + 1))
  }

  // MARK: Migration

  override func check(_ state: SoundState, _ board: borrowing Board) throws(DeviceFailure) {
    for voice in [state.playback, state.capture] {
      guard voice.descriptor <= voice.lastDescriptor else { throw DeviceReason.indexOutOfRange.failure }
      guard !voice.running || hasList(voice, board) else { throw DeviceReason.ringOutsideMemory.failure }
      guard voice.descriptorDone <= voice.cyclicLength else { throw DeviceReason.positionOutsideBuffer.failure }
      guard voice.running == (voice.nextFrame != UInt64.max) else { throw DeviceReason.timerWithoutCause.failure }
    }
  }
}
