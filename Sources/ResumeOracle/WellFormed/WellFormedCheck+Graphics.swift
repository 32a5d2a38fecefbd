import ReferenceDevices

/// Source: Specs/devices/migstream.example/gpu/large-memory.json.
extension WellFormedCheck {
  mutating func visit(_ state: inout GraphicsState, memoryByteCount: UInt64, ringEntries: Int) {
    demand(bits: state.command, within: 0x0406, "the command register has no other bits")
    demand(state.registersAt % 4096 == 0 && state.memoryAt % 4096 == 0, "windows are aligned to 4096", state.registersAt)
    demand(state.messageAddress % 4 == 0, "a message is written at a multiple of 4", state.messageAddress)
    demand(state.mode <= 2, "the card is in reset, running or hung", UInt64(state.mode))
    demand(bits: state.cause, within: 7, "there are three causes")
    demand(bits: state.mask, within: 7, "the mask is of three causes")
    checkContexts(state, memoryByteCount)
    demand(
      state.firmware.progress.count == state.engines.count, "the firmware knows of each engine",
      UInt64(state.firmware.progress.count))
    for number in state.engines.indices { check(state.engines[number], number, state, memoryByteCount, ringEntries) }
    for number in state.displays.indices { check(state.displays[number], number, memoryByteCount) }
  }

  private mutating func checkContexts(_ state: GraphicsState, _ memoryByteCount: UInt64) {
    demand(state.contexts.count <= 4096, "there are at most 4096 contexts", UInt64(state.contexts.count))
    for index in state.contexts.indices {
      let context = state.contexts[index]
      demand(
        context.id >= 1 && context.id < state.nextContext, "a context's number was given out before", UInt64(context.id),
        in: index)
      demand(
        context.pageTable % 4096 == 0 && context.pageTable <= memoryByteCount - 4096, "a page table lies in local memory",
        context.pageTable, in: index)
      for other in 0..<min(index, Self.pairsMax) {
        demand(state.contexts[other].id != context.id, "contexts are unique", UInt64(context.id), in: index)
      }
      guard index < Self.pairsMax else { continue }
      demand(
        context.parent == 0 || context.parent != context.id && Self.has(context.parent, state), "a context's parent is there",
        UInt64(context.parent), in: index)
    }
  }

  private static func has(_ context: UInt32, _ state: GraphicsState) -> Bool {
    state.contexts.contains { $0.id == context }
  }

  private mutating func check(
    _ engine: GraphicsState.Engine, _ number: Int, _ state: GraphicsState, _ memoryByteCount: UInt64, _ ringEntries: Int
  ) {
    demand(Int(engine.number) == number, "engines are in the order of their numbers", UInt64(engine.number), in: number)
    demand(Int(engine.head) < ringEntries, "the head lies in the ring", UInt64(engine.head), in: number)
    demand(Int(engine.tail) < ringEntries, "the tail lies in the ring", UInt64(engine.tail), in: number)
    demand(engine.ring % 4096 == 0, "a ring is aligned to 4096", engine.ring, in: number)
    demand(
      !engine.running || engine.ring != 0 && isGuestMemory(engine.ring, 8 * UInt64(ringEntries)),
      "a ring that runs lies in guest memory", engine.ring, in: number)
    demand(!engine.running || state.mode == 1, "rings run while the card does", UInt64(state.mode), in: number)
    demand(!engine.busy || engine.running, "an engine that was not started is in the middle of nothing", in: number)
    demand(
      !engine.busy || Self.has(engine.context, state), "an engine works in a context that is there", UInt64(engine.context),
      in: number)
    demand(
      engine.asideResumeAt % 256 == 0 && engine.asideResumeAt < memoryByteCount,
      "registers were saved in local memory, aligned to 256", engine.asideResumeAt, in: number)
    if engine.hasPutAside {
      demand(engine.running && state.hasPreemption, "a batch is put aside by an engine that runs", in: number)
      demand(
        Self.has(engine.asideContext, state), "a batch that was put aside has a context that is there",
        UInt64(engine.asideContext), in: number)
    } else {
      demand(engine.asideContext == 0 && engine.asideResumeAt == 0, "what was put aside is there", in: number)
    }
    demand(engine.pending.count <= 256, "at most 256 commands wait", UInt64(engine.pending.count), in: number)
    for command in engine.pending { check(command, number, state.engines.count, memoryByteCount) }
  }

  private mutating func check(
    _ command: GraphicsState.Command, _ number: Int, _ engineCount: Int, _ memoryByteCount: UInt64
  ) {
    switch command {
    case .batch(_, _, _, let priority):
      demand(priority >= -8 && priority <= 7, "a priority is -8 to 7", UInt64(bitPattern: Int64(priority)), in: number)
    case .copy(let from, let to, let octets):
      demand(
        octets <= memoryByteCount && from <= memoryByteCount - octets && to <= memoryByteCount - octets,
        "a copy stays in local memory", octets, in: number)
    case .wait(_, let engine):
      demand(Int(engine) < engineCount, "an engine waits for one that is there", UInt64(engine), in: number)
    }
  }

  private mutating func check(_ display: GraphicsState.Display, _ number: Int, _ memoryByteCount: UInt64) {
    demand(Int(display.number) == number, "displays are in the order of their numbers", UInt64(display.number), in: number)
    demand(display.edid.count <= 512, "a monitor says at most 512 octets", UInt64(display.edid.count), in: number)
    demand(
      display.width <= 16384 && display.height <= 16384, "a picture has at most 16384 pixels a side", UInt64(display.width),
      in: number)
    demand(!display.enabled || display.width >= 1 && display.height >= 1, "a picture that is put out has a size", in: number)
    demand(
      display.picture % 4096 == 0 && display.picture < memoryByteCount, "a picture begins in local memory, aligned to 4096",
      display.picture, in: number)
    demand(display.format <= 2, "there are three formats", UInt64(display.format), in: number)
    demand(
      display.cursorPicture % 4096 == 0 && display.cursorPicture < memoryByteCount,
      "a cursor begins in local memory, aligned to 4096", display.cursorPicture, in: number)
  }
}
