import MigrationStream
import ResumePath

/// A device of a reference machine: what it does, and what it gives away and takes.
///
/// Guest and outside world are part of it: ``operate(_:_:)`` does one thing that its driver, its line or its disk would do.
protocol ReferenceDevice: AnyObject {
  var model: ReferenceModel { get }
  /// The level of its interrupt; the guest handles each rise.
  var interruptLevel: Bool { get }
  /// A digest of all state that travels.
  var digest: UInt64 { get }

  /// Another one, at power-on.
  func freshCopy() -> any ReferenceDevice

  /// Power-on: nothing of before is left.
  func powerOn()

  func resetByDriver()

  /// The driver sets the device up, which was just reset.
  func boot(_ number: Int, _ board: inout Board)

  /// Does one thing, which the board's random numbers choose, and says what.
  func operate(_ number: Int, _ board: inout Board) -> StaticString

  /// Lets the time pass up to the board's.
  func advance(_ number: Int, _ board: inout Board)

  func hasEqualState(as other: any ReferenceDevice) -> Bool

  func show<Visitor: StateVisitor>(to visitor: inout Visitor)

  /// Whether octets of a stream that did not become effective could be in it.
  func holds(_ pattern: [UInt8]) -> Bool

  // MARK: Migration

  /// Instances of sections by name.
  var sectionCounts: [String: Int] { get }

  func localValues() -> [[UInt8]]

  /// A save begins: everything is to be given.
  func beginSaving()

  /// Octets of the byte string that are left.
  var byteStringEstimate: SaveEstimate { get }

  /// Gives about a chunk of the byte string; nil when the device has none, or none is left.
  func giveByteString<Sink: OctetSink & ~Copyable>(
    _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer?

  func giveSections<Sink: OctetSink & ~Copyable>(
    _ layouts: LayoutTable, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError)

  /// A resume begins.
  func beginResuming()

  /// Octets of the byte string that are complete and in order; of `inPlace` and `external` devices.
  func takeByteString(_ octets: RawSpan, at offset: UInt64) throws(DeviceFailure)

  func prepare(_ staged: StagedState, _ board: borrowing Board) throws(DeviceFailure)

  func commit() throws(DeviceFailure)
}

/// What most devices do not have.
extension ReferenceDevice {
  func beginSaving() {}
  func beginResuming() {}
  var byteStringEstimate: SaveEstimate { SaveEstimate() }

  func giveByteString<Sink: OctetSink & ~Copyable>(
    _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer? { nil }

  func takeByteString(_ octets: RawSpan, at offset: UInt64) throws(DeviceFailure) {
    throw DeviceReason.outsideRegion.failure
  }
}

/// State that can be had, set aside and swapped: what all reference devices are built on.
class StatefulDevice<State: DeviceState> {
  let model: ReferenceModel
  let codec: StateCodec<State>
  /// What it has at power-on.
  final let initial: State
  final var state: State { didSet { knownDigest = nil } }
  /// Of the state as it is, once somebody has asked for it.
  final private var knownDigest: UInt64?
  /// What `prepare` took and `commit` swaps in.
  final private(set) var staged: State?

  init(_ model: ReferenceModel, _ initial: State) {
    self.model = model
    self.initial = initial
    codec = StateCodec(model)
    state = initial
  }

  /// Another one with the same model, at power-on.
  init(like other: StatefulDevice) {
    model = other.model
    codec = other.codec
    initial = other.initial
    state = other.initial
  }

  final var digest: UInt64 {
    if let knownDigest { return knownDigest }
    let digest = makeDigest()
    knownDigest = digest
    return digest
  }

  /// Of what sections hold; a device adds what does not travel in them.
  func makeDigest() -> UInt64 { codec.digest(state) }

  final var sectionCounts: [String: Int] { codec.counts(state) }
  final func localValues() -> [[UInt8]] { codec.localValues(initial) }

  func powerOn() {
    state = initial
    staged = nil
  }

  /// A driver that finds a device begins with a reset of its registers.
  final func resetByDriver() { state = initial }

  final func hasEqualState(as other: any ReferenceDevice) -> Bool {
    (other as? StatefulDevice<State>)?.state == state
  }

  func holds(_ pattern: [UInt8]) -> Bool { staged != nil }

  final func giveSections<Sink: OctetSink & ~Copyable>(
    _ layouts: LayoutTable, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) {
    try codec.write(state, layouts: layouts, into: &emitter)
  }

  final func prepare(_ sections: StagedState, _ board: borrowing Board) throws(DeviceFailure) {
    staged = nil
    var fresh = initial
    try codec.read(sections, into: &fresh)
    try complete(&fresh)
    try check(fresh, board)
    staged = fresh
  }

  /// Adds what did not come in sections.
  func complete(_ fresh: inout State) throws(DeviceFailure) {}

  /// What section rules cannot say: refuses state that the device could not be in.
  func check(_ state: State, _ board: borrowing Board) throws(DeviceFailure) {}

  /// Only swaps.
  func commit() throws(DeviceFailure) {
    guard let fresh = staged else { return }
    state = fresh
    staged = nil
  }
}
