import ReferenceDevices

/// Source: Specs/devices/migstream.example/sound/surround-card.json.
extension WellFormedCheck {
  mutating func visit(_ state: inout SoundState, channelCount: Int) {
    demand(bits: state.command, within: 0x0406, "the command register has no other bits")
    demand(state.volumes.count == channelCount, "each channel out has a volume", UInt64(state.volumes.count))
    demand(state.gains.count == 2, "there are two channels in", UInt64(state.gains.count))
    for index in state.volumes.indices {
      demand(state.volumes[index] <= 127, "a volume is at most 127", UInt64(state.volumes[index]), in: index)
    }
    for index in state.gains.indices {
      demand(state.gains[index] <= 127, "a gain is at most 127", UInt64(state.gains[index]), in: index)
    }
    check(state.playback, 0)
    check(state.capture, 1)
  }

  private mutating func check(_ voice: SoundState.Voice, _ number: Int) {
    demand(voice.descriptorsAt % 128 == 0, "a list of buffers is aligned to 128", voice.descriptorsAt, in: number)
    demand(voice.descriptor <= voice.lastDescriptor, "the descriptor lies in the list", UInt64(voice.descriptor), in: number)
    demand(
      voice.descriptorDone <= voice.cyclicLength, "no more of a buffer is done than all are long",
      UInt64(voice.descriptorDone), in: number)
    demand(voice.sampleOctets >= 1 && voice.sampleOctets <= 4, "a sample has 1 to 4 octets", UInt64(voice.sampleOctets), in: number)
    demand(Self.isRate(voice.rate), "there is such a rate", UInt64(voice.rate), in: number)
    demand(bits: voice.interrupts, within: 7, "there are three reasons to interrupt", in: number)
    demand(bits: voice.causes, within: 7, "there are three causes", in: number)
    demand(voice.fifo.count <= 4096, "a FIFO holds at most 4096 octets", UInt64(voice.fifo.count), in: number)
    demand(voice.running == (voice.nextFrame != UInt64.max), "a frame is due while the stream runs", voice.nextFrame, in: number)
    guard voice.running else { return }
    demand(
      voice.descriptorsAt != 0 && isGuestMemory(voice.descriptorsAt, 16 * (UInt64(voice.lastDescriptor) + 1)),
      "the list of a stream that runs lies in guest memory", voice.descriptorsAt, in: number)
    demand(voice.cyclicLength >= 1, "a stream that runs has buffers", in: number)
  }

  private static func isRate(_ rate: UInt32) -> Bool {
    switch rate {
    case 8000, 16000, 32000, 44100, 48000, 96000: true
    default: false
    }
  }
}
