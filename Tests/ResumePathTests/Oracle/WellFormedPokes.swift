import ReferenceDevices

/// A change of a state, and the rule that it breaks first.
struct WellFormedPoke {
  let kind: ReferenceKind
  let rule: String
  /// `(inout State) -> Void` of the kind's state.
  let change: Any

  private init(_ kind: ReferenceKind, _ rule: String, _ change: Any) {
    (self.kind, self.rule, self.change) = (kind, rule, change)
  }

  static var all: [WellFormedPoke] { serial + block + network + sound + graphics + vendor }

  private static func serial(_ rule: String, _ change: @escaping (inout SerialState) -> Void) -> WellFormedPoke {
    WellFormedPoke(.serial, rule) { (state: inout SerialState) in
      // An idle port with its FIFOs on.
      state.receiveFIFO = []
      state.transmitFIFO = []
      (state.timeoutRaised, state.timeoutDue, state.shiftEnds) = (false, UInt64.max, UInt64.max)
      (state.lineStatus, state.fifoControl, state.retries) = (96, 1, 0)
      change(&state)
    }
  }

  private static var serial: [WellFormedPoke] {
    [
      serial("interrupt_enable has four bits") { $0.interruptEnable = 16 },
      serial("modem_control has six bits") { $0.modemControl = 64 },
      serial("modem_lines are bits 4 to 7") { $0.modemLines = 8 },
      serial("modem_changes are bits 0 to 3") { $0.modemChanges = 16 },
      serial("fifo_control says enabled and DMA mode") { $0.fifoControl = 3 },
      serial("there are four triggers") { $0.receiveTrigger = 4 },
      serial("a transmitter that is empty has an empty holding register") { $0.lineStatus = 64 },
      serial("the receive FIFO holds no more than it has room for") {
        ($0.receiveFIFO, $0.lineStatus) = (Array(repeating: SerialState.Received(), count: 17), 97)
      },
      serial("the transmit FIFO holds no more than it has room for") {
        ($0.transmitFIFO, $0.lineStatus) = (Array(repeating: 0, count: 17), 0)
      },
      serial("errors are parity, framing and break") {
        ($0.receiveFIFO, $0.lineStatus) = ([SerialState.Received()], 97)
        $0.receiveFIFO[0].errors = 1
      },
      serial("data is ready while the receive FIFO holds octets") { $0.lineStatus |= 1 },
      serial("the holding register is empty while the transmit FIFO is") { $0.lineStatus = 0 },
      serial("FIFOs that are off hold nothing") { ($0.transmitFIFO, $0.fifoControl) = ([1], 0) },
      serial("a timeout is about octets in the receive FIFO") { $0.timeoutDue = 5 },
      serial("a timeout that was raised is not due") {
        ($0.receiveFIFO, $0.lineStatus, $0.timeoutRaised, $0.timeoutDue) = ([SerialState.Received()], 97, true, 5)
      },
      serial("an empty transmitter shifts nothing") { $0.shiftEnds = 5 },
      serial("an octet was refused at most 4 times") { $0.retries = 5 },
      serial("without an octet none was refused") { $0.retries = 1 },
    ]
  }

  private static func block(_ rule: String, _ change: @escaping (inout BlockState) -> Void) -> WellFormedPoke {
    WellFormedPoke(.blk, rule) { (state: inout BlockState) in
      // One request, half done.
      for number in state.queues.indices { state.queues[number].chainsTaken = 0 }
      state.inFlight = [BlockState.Request()]
      (state.inFlight[0].tag, state.inFlight[0].kind, state.inFlight[0].length, state.inFlight[0].done) = (1, 1, 1024, 512)
      state.nextTag = 2
      state.queues[0].chainsTaken = 1
      for number in state.queues.indices {
        state.queues[number].nextAvailable = state.queues[number].nextUsed &+ state.queues[number].chainsTaken
      }
      change(&state)
    }
  }

  private static var block: [WellFormedPoke] { blockRegisters + blockQueues + blockRequests }

  private static var blockRegisters: [WellFormedPoke] {
    [
      block("the command register has no other bits") { $0.command = 8 },
      block("the status register has no other bits") { $0.status = 1 },
      block("there are four power states") { $0.powerState = 4 },
      block("there are six base addresses") { $0.baseAddresses = [1] },
      block("the driver accepts what the device offers") { $0.driverFeatures |= 1 << 13 },
      block("the device status has no other bits") { $0.deviceStatus = 31 },
      block("the interrupt status has two bits") { $0.interruptStatus = 4 },
      block("the id has 20 octets") { $0.id = [] },
      block("a block has 512 to 65536 octets") { $0.blockSize = 0 },
      block("there are four totals") { $0.statistics = [] },
      block("there are as many vectors as the model says") { $0.vectors.removeLast() },
      block("the configuration's vector is there") { ($0.hasConfigurationVector, $0.configurationVector) = (true, 2) },
    ]
  }

  private static var blockQueues: [WellFormedPoke] {
    [
      block("there are as many queues as the model says") { $0.queues.removeLast() },
      block("queues are in the order of their numbers") { $0.queues.swapAt(0, 1) },
      block("a queue has 1 to queue-size descriptors") { $0.queues[0].size = 0 },
      block("a queue has 1 to queue-size descriptors") { $0.queues[1].size = 129 },
      block("a queue's vector is there") { ($0.queues[0].hasVector, $0.queues[0].vector) = (true, 2) },
      block("no more chains are taken than there are descriptors") { $0.queues[0].chainsTaken = $0.queues[0].size + 1 },
      block("a queue that is off has taken nothing") { $0.queues[0].enabled = false },
      block("a queue is on only when the driver is ready") { $0.deviceStatus = 11 },
      block("the descriptors of a queue that is on lie in guest memory, aligned to 16") { $0.queues[0].descriptorArea = 0 },
      block("the descriptors of a queue that is on lie in guest memory, aligned to 16") {
        $0.queues[0].descriptorArea = (512 << 10) - 496
      },
      block("the driver area of a queue that is on lies in guest memory, aligned to 2") { $0.queues[1].driverArea += 1 },
      block("the device area of a queue that is on lies in guest memory, aligned to 4") { $0.queues[1].deviceArea = 1 << 60 },
      block("chains that are taken are those not given back") { $0.queues[0].nextUsed &-= 1 },
    ]
  }

  private static var blockRequests: [WellFormedPoke] {
    [
      block("tags count from 1") { $0.nextTag = 0 },
      block("no more requests are in flight than the list has room for") {
        $0.inFlight = Array(repeating: $0.inFlight[0], count: 2049)
      },
      block("each chain that is taken is a request in flight") { $0.inFlight = [] },
      block("a tag was given out before") { $0.inFlight[0].tag = 2 },
      block("tags are unique") { $0.inFlight.append($0.inFlight[0]) },
      block("a request came from a queue") { $0.inFlight[0].queue = 2 },
      block("a chain begins in its queue") { $0.inFlight[0].head = $0.queues[0].size },
      block("there is such a request") { $0.inFlight[0].kind = 2 },
      block("no more of a request is done than it is long") { $0.inFlight[0].done = 1536 },
      block("a flush covers no octets") { $0.inFlight[0].kind = 4 },
      block("requests go by sectors") { $0.inFlight[0].done = 1 },
      block("a request lies on the medium") { $0.inFlight[0].sector = $0.capacity - 1 },
      block("a request waits for another in flight") { $0.inFlight[0].waitsFor = 1 },
    ]
  }

  private static func network(_ rule: String, _ change: @escaping (inout NetworkState) -> Void) -> WellFormedPoke {
    WellFormedPoke(.nic, rule) { (state: inout NetworkState) in
      (state.taken, state.gathered) = (0, [])
      change(&state)
    }
  }

  private static var network: [WellFormedPoke] {
    [
      network("the command register has no other bits") { $0.command = 1 },
      network("a message waits for nothing but the mask") { $0.messagePending = true },
      network("a message is written at a multiple of 4") { $0.messageAddress = 2 },
      network("an address has 6 octets") { $0.address = [] },
      network("there are five causes") { $0.cause = 32 },
      network("the mask is of five causes") { $0.mask = 32 },
      network("the head lies in the ring") { $0.receive.head = 64 },
      network("the tail lies in the ring") { $0.transmit.tail = 64 },
      network("a ring is aligned to 16") { $0.transmit.address += 8 },
      network("a ring that runs lies in guest memory") { $0.receive.address = (512 << 10) - 1008 },
      network("accept has four bits") { $0.accept = 16 },
      network("at most 16 frames wait") { $0.waiting = Array(repeating: Array(repeating: 0, count: 14), count: 17) },
      network("a frame has 14 to 9216 octets") { $0.waiting = [Array(repeating: 0, count: 13)] },
      network("the filter holds no more addresses than it has room for") {
        $0.filter = (0..<33).map { [1, 2, 3, 4, 5, UInt8($0)] }
      },
      network("the filter's addresses are unique") { $0.filter = Array(repeating: [1, 2, 3, 4, 5, 6], count: 2) },
      network("an address has 6 octets") { $0.filter = [[1]] },
      network("an unfinished frame lies in at most 16 descriptors") { ($0.taken, $0.gathered) = (17, [1]) },
      network("a ring that is off has no frame half taken") {
        ($0.taken, $0.gathered, $0.transmit.running) = (1, [1], false)
      },
      network("octets are gathered of descriptors that were taken") { $0.gathered = [1] },
      network("an unfinished frame has at most 9216 octets") { ($0.taken, $0.gathered) = (1, Array(repeating: 0, count: 9217)) },
      network("an interrupt waits at most a second") { $0.interval = 1_000_000_001 },
      network("an interrupt is held back by a limit that was not reached") {
        ($0.framesHeld, $0.interval, $0.framesMax) = (3, 0, 3)
      },
    ]
  }

  private static func sound(_ rule: String, _ change: @escaping (inout SoundState) -> Void) -> WellFormedPoke {
    WellFormedPoke(.sound, rule) { (state: inout SoundState) in
      for voice in [\SoundState.playback, \SoundState.capture] {
        (state[keyPath: voice].running, state[keyPath: voice].nextFrame) = (false, UInt64.max)
      }
      change(&state)
    }
  }

  private static var sound: [WellFormedPoke] {
    [
      sound("the command register has no other bits") { $0.command = 1 },
      sound("each channel out has a volume") { $0.volumes.append(0) },
      sound("there are two channels in") { $0.gains = [] },
      sound("a volume is at most 127") { $0.volumes[1] = 128 },
      sound("a gain is at most 127") { $0.gains[1] = 128 },
      sound("a list of buffers is aligned to 128") { $0.capture.descriptorsAt += 16 },
      sound("the descriptor lies in the list") { $0.playback.descriptor = $0.playback.lastDescriptor + 1 },
      sound("no more of a buffer is done than all are long") { $0.capture.descriptorDone = $0.capture.cyclicLength + 1 },
      sound("a sample has 1 to 4 octets") { $0.playback.sampleOctets = 0 },
      sound("there is such a rate") { $0.playback.rate = 1 },
      sound("there are three reasons to interrupt") { $0.capture.interrupts = 8 },
      sound("there are three causes") { $0.capture.causes = 8 },
      sound("a FIFO holds at most 4096 octets") { $0.capture.fifo = Array(repeating: 0, count: 4097) },
      sound("a frame is due while the stream runs") { $0.playback.nextFrame = 5 },
      sound("the list of a stream that runs lies in guest memory") {
        ($0.playback.running, $0.playback.nextFrame, $0.playback.descriptorsAt) = (true, 5, 512 << 10)
      },
      sound("a stream that runs has buffers") {
        ($0.playback.running, $0.playback.nextFrame, $0.playback.cyclicLength, $0.playback.descriptorDone) = (true, 5, 0, 0)
      },
    ]
  }

  private static func graphics(_ rule: String, _ change: @escaping (inout GraphicsState) -> Void) -> WellFormedPoke {
    WellFormedPoke(.gpu, rule, change)
  }

  private static var graphics: [WellFormedPoke] {
    [
      graphics("the command register has no other bits") { $0.command = 1 },
      graphics("windows are aligned to 4096") { $0.memoryAt = 8 },
      graphics("a message is written at a multiple of 4") { $0.messageAddress = 2 },
      graphics("the card is in reset, running or hung") { $0.mode = 3 },
      graphics("there are three causes") { $0.cause = 8 },
      graphics("the mask is of three causes") { $0.mask = 8 },
      graphics("there are at most 4096 contexts") { $0.contexts = Array(repeating: $0.contexts[0], count: 4097) },
      graphics("a context's number was given out before") { $0.nextContext = 1 },
      graphics("a page table lies in local memory") { $0.contexts[0].pageTable = 64 << 30 },
      graphics("contexts are unique") { $0.contexts.append($0.contexts[0]) },
      graphics("a context's parent is there") { $0.contexts[0].parent = 4000 },
      graphics("the firmware knows of each engine") { $0.engines.removeLast() },
      graphics("engines are in the order of their numbers") { $0.engines.swapAt(0, 1) },
      graphics("the head lies in the ring") { $0.engines[1].head = 256 },
      graphics("the tail lies in the ring") { $0.engines[1].tail = 256 },
      graphics("a ring is aligned to 4096") { $0.engines[0].ring += 8 },
      graphics("a ring that runs lies in guest memory") { $0.engines[0].ring = 512 << 10 },
      graphics("rings run while the card does") { $0.mode = 2 },
      graphics("an engine that was not started is in the middle of nothing") {
        ($0.engines[0].busy, $0.engines[0].running) = (true, false)
      },
      graphics("an engine works in a context that is there") { ($0.engines[0].busy, $0.engines[0].context) = (true, 4000) },
      graphics("registers were saved in local memory, aligned to 256") { $0.engines[0].asideResumeAt = 8 },
      graphics("a batch is put aside by an engine that runs") {
        ($0.engines[0].hasPutAside, $0.engines[0].running, $0.engines[0].busy) = (true, false, false)
      },
      graphics("a batch that was put aside has a context that is there") {
        ($0.engines[0].hasPutAside, $0.engines[0].asideContext) = (true, 4000)
      },
      graphics("what was put aside is there") { ($0.engines[0].hasPutAside, $0.engines[0].asideContext) = (false, 1) },
      graphics("at most 256 commands wait") {
        $0.engines[0].pending = Array(repeating: .wait(fence: 0, engine: 0), count: 257)
      },
      graphics("a priority is -8 to 7") {
        $0.engines[0].pending = [.batch(context: 1, address: 0, octets: 0, priority: 8)]
      },
      graphics("a copy stays in local memory") { $0.engines[0].pending = [.copy(from: 64 << 30, to: 0, octets: 1)] },
      graphics("an engine waits for one that is there") { $0.engines[0].pending = [.wait(fence: 0, engine: 2)] },
      graphics("displays are in the order of their numbers") { $0.displays.swapAt(0, 1) },
      graphics("a monitor says at most 512 octets") { $0.displays[0].edid = Array(repeating: 0, count: 513) },
      graphics("a picture has at most 16384 pixels a side") { $0.displays[1].height = 16385 },
      graphics("a picture that is put out has a size") { ($0.displays[1].enabled, $0.displays[1].width) = (true, 0) },
      graphics("a picture begins in local memory, aligned to 4096") { $0.displays[0].picture = 64 << 30 },
      graphics("there are three formats") { $0.displays[0].format = 3 },
      graphics("a cursor begins in local memory, aligned to 4096") { $0.displays[0].cursorPicture = 1 },
    ]
  }

  private static func vendor(_ rule: String, _ change: @escaping (inout VendorState) -> Void) -> WellFormedPoke {
    WellFormedPoke(.external, rule, change)
  }

  private static var vendor: [WellFormedPoke] {
    [
      vendor("the command register has no other bits") { $0.command = 1 },
      vendor("the register window is aligned to 4096") { $0.registersAt = 8 },
      vendor("each page has a count of writes") { $0.writes.removeLast() },
      vendor("card and driver agree on what was written") { $0.writes[0] &+= 1 },
      vendor("the driver has all pages") { $0.driver.pages.removeLast() },
      vendor("a page has 1024 octets") { $0.driver.pages[0].removeLast() },
      vendor("the driver has 16 registers") { $0.driver.registers.removeLast() },
      vendor("the queue holds at most 64 octets") { $0.driver.queue = Array(repeating: 0, count: 65) },
    ]
  }
}
