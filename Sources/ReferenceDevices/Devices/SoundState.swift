import MigrationStream

/// The state of a sound card, as migstream.example/sound/surround-card names it.
package struct SoundState: DeviceState {
  enum Piece: String, CaseIterable {
    case pci, mixer, playback, capture
    case levels = "capture/levels"
  }

  /// A stream of frames, out or in.
  package struct Voice: Equatable {
    package var running = false
    package var descriptorsAt: UInt64 = 0
    package var lastDescriptor: UInt8 = 0
    package var cyclicLength: UInt32 = 0
    package var rate: UInt32 = 48000
    package var sampleOctets: UInt8 = 2
    package var interrupts: UInt8 = 0
    package var causes: UInt8 = 0
    package var descriptor: UInt8 = 0
    package var descriptorDone: UInt32 = 0
    package var position: UInt64 = 0
    package var nextFrame = UInt64.max
    package var fifo: [UInt8] = []
  }

  package var command: UInt16 = 0
  package var interruptLine: UInt8 = 0
  package var registersAt: UInt32 = 0
  package var interruptLevel = false

  /// One volume a channel.
  package var volumes: [UInt8]
  package var muted = false
  package var gains: [UInt8] = [0, 0]
  package var inputMuted = false
  package var headphones = false
  package var jackEvent = false

  package var playback = Voice()
  package var capture = Voice()
  package var leftPeak: UInt16 = 0
  package var rightPeak: UInt16 = 0

  init(_ model: ReferenceModel) { volumes = [UInt8](repeating: 0, count: model.number("output-channels")) }

  func count(of piece: Piece, instance: Int) -> Int { 1 }

  mutating func describe<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ piece: Piece, instance: Int, _ archive: inout Archive
  ) throws(StreamError) {
    switch piece {
    case .pci:
      try archive.integer("command", &command)
      try archive.integer("interrupt_line", &interruptLine)
      try archive.integer("registers_at", &registersAt)
      try archive.flag("interrupt_level", &interruptLevel)
    case .mixer:
      try archive.integers("out", &volumes)
      try archive.flag("out_muted", &muted)
      try archive.integers("in", &gains)
      try archive.flag("in_muted", &inputMuted)
      try archive.flag("headphones", &headphones)
      try archive.flag("jack_event", &jackEvent)
    case .playback: try describe(&playback, &archive)
    case .capture: try describe(&capture, &archive)
    case .levels:
      try archive.integer("left", &leftPeak)
      try archive.integer("right", &rightPeak)
    }
  }

  private func describe<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ voice: inout Voice, _ archive: inout Archive
  ) throws(StreamError) {
    try archive.flag("running", &voice.running)
    try archive.integer("descriptors_at", &voice.descriptorsAt)
    try archive.integer("last_descriptor", &voice.lastDescriptor)
    try archive.integer("cyclic_length", &voice.cyclicLength)
    try archive.integer("rate", &voice.rate)
    try archive.integer("sample_octets", &voice.sampleOctets)
    try archive.integer("interrupts", &voice.interrupts)
    try archive.integer("causes", &voice.causes)
    try archive.integer("descriptor", &voice.descriptor)
    try archive.integer("descriptor_done", &voice.descriptorDone)
    // Old streams counted frames in 32 bits.
    var sampleClock: UInt32 = 0
    try archive.outdated("sample_clock", &sampleClock)
    try archive.integer("position", &voice.position)
    if voice.position == 0 { voice.position = UInt64(sampleClock) }
    try archive.integer("next_frame", &voice.nextFrame)
    try archive.octets("fifo", &voice.fifo)
  }
}
