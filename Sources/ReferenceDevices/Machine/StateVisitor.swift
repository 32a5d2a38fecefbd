/// Looks at the states of devices where they lie, without a copy; oracles only look, and tests bring a device into states
/// that it never reaches by itself.
///
/// What its model's parameters make of a device comes with its state.
package protocol StateVisitor {
  mutating func visit(_ state: inout SerialState, fifoSize: Int)
  mutating func visit(_ state: inout BlockState, queueSizeMax: Int)
  mutating func visit(_ state: inout NetworkState, ringSize: Int)
  mutating func visit(_ state: inout SoundState, channelCount: Int)
  mutating func visit(_ state: inout GraphicsState, memoryByteCount: UInt64, ringEntries: Int)
  mutating func visit(_ state: inout VendorState, pageCount: Int)
}

extension ReferenceMachine {
  /// Shows the state of a device that is effective: not what a session has staged.
  package borrowing func show<Visitor: StateVisitor>(_ device: Int, to visitor: inout Visitor) {
    devices[device].show(to: &visitor)
  }

  /// The guest writes to its memory.
  package mutating func pokeGuestMemory(_ address: UInt64, _ octet: UInt8) {
    board.memory.store(Board.ram, address, octet)
  }
}

extension SerialPort {
  func show<Visitor: StateVisitor>(to visitor: inout Visitor) { visitor.visit(&state, fifoSize: fifoSize) }
}

extension BlockDevice {
  func show<Visitor: StateVisitor>(to visitor: inout Visitor) { visitor.visit(&state, queueSizeMax: queueSizeMax) }
}

extension NetworkCard {
  func show<Visitor: StateVisitor>(to visitor: inout Visitor) { visitor.visit(&state, ringSize: Int(ringSize)) }
}

extension SoundCard {
  func show<Visitor: StateVisitor>(to visitor: inout Visitor) { visitor.visit(&state, channelCount: channelCount) }
}

extension GraphicsCard {
  func show<Visitor: StateVisitor>(to visitor: inout Visitor) {
    visitor.visit(&state, memoryByteCount: memoryByteCount, ringEntries: Int(ringEntries))
  }
}

extension VendorCard {
  func show<Visitor: StateVisitor>(to visitor: inout Visitor) { visitor.visit(&state, pageCount: pageCount) }
}
