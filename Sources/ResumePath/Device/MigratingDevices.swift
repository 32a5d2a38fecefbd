public import MigrationStream

/// The devices of a machine that are saved and resumed together, as a VMM hands them to the resume path.
///
/// A machine has one such value; its devices are numbered from 0, and the numbers are those of its own manifest.
/// Nothing here is called from two threads at a time. What a device may touch in each state is said in
/// Specs/resume-path.md section 3.
public protocol MigratingDevices: ~Copyable {
  /// What the machine would send as MANIFEST now: its memory regions and its devices, in the order of their numbers.
  ///
  /// A source sends it. A destination compares a stream's with it: devices by path, regions by name and owner.
  borrowing func manifest(allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder

  var deviceCount: Int { get }

  borrowing func traits(of device: Int) -> DeviceTraits

  // MARK: States

  /// Takes one direct arc. An arc that leaves ``MigrationState/resuming`` comes after ``commit(_:)``.
  ///
  /// - Throws: after which the device is as it was before; one that cannot say so is ``DeviceFailure/isBroken``.
  mutating func move(_ device: Int, along arc: MigrationArc) throws(DeviceFailure)

  /// Brings a device to ``MigrationState/running`` from any state, as after power-on: nothing of a stream that did not
  /// become effective is left in it or in its memory.
  mutating func reset(_ device: Int)

  // MARK: Source

  /// The layouts of the device's sections, under the numbers that ``save(_:_:into:)`` uses.
  @_lifetime(borrow self)
  borrowing func writerLayouts(of device: Int) -> LayoutTable

  borrowing func estimate(of device: Int) -> SaveEstimate

  /// Gives a piece of state: about one chunk of bulk, or the device's sections, which come after its bulk and only in
  /// ``SavePhase/stopCopy``.
  mutating func save<Sink: OctetSink & ~Copyable>(
    _ device: Int, _ phase: SavePhase, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) -> SaveAnswer

  // MARK: Destination

  /// Lends what the device demands of a stream's sections. `body` is called once.
  borrowing func withReader<Result>(
    of device: Int,
    _ body: (_ rules: borrowing SectionRules, _ layouts: LayoutTable, _ aliases: AliasTable) throws(StreamError) -> Result
  ) throws(StreamError) -> Result

  /// The device's configuration in the reader's layout of a piece, which fields marked verify are compared with; empty
  /// when it has none.
  @_lifetime(borrow self)
  borrowing func localValues(_ device: Int, _ piece: RulePiece) -> RawSpan

  /// Memory that the octets of a region belong in, from `offset` on: at most `byteCount` octets, at least one.
  ///
  /// - Parameter region: Number in the machine's own manifest.
  /// - Throws: when there is no such memory.
  @_lifetime(&self)
  mutating func memory(region: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan

  /// Makes a run of a region read as zero; `discards`: the guest has given it back.
  mutating func clear(region: Int, offset: UInt64, byteCount: UInt64, discards: Bool) throws(DeviceFailure)

  /// Memory that the byte string of an ``ApplyKind/inPlace`` device belongs in.
  @_lifetime(&self)
  mutating func byteString(_ device: Int, offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan

  /// Forwards octets of the byte string of an ``ApplyKind/external`` device, whose digest is right.
  ///
  /// In strict mode each call is one write unit of the source.
  mutating func write(_ device: Int, _ octets: RawSpan, at offset: UInt64) throws(DeviceFailure)

  /// Looks at everything that came for the device, without effect: what ``commit(_:)`` would not do is refused here.
  mutating func prepare(_ device: Int, _ state: StagedState) throws(DeviceFailure)

  /// Applies what ``prepare(_:_:)`` took. Must not fail; a device that does is in ``MigrationState/error``.
  mutating func commit(_ device: Int) throws(DeviceFailure)

  /// Something was stepped over: the machine does not know it, and its mark allows that. The stream may still be refused.
  /// Nothing need be done.
  ///
  /// - Parameter name: As the stream has it; a record has none.
  borrowing func skipped(_ piece: SkippedPiece, _ name: RawSpan)
}

extension MigratingDevices where Self: ~Copyable {
  @inlinable
  public borrowing func skipped(_ piece: SkippedPiece, _ name: RawSpan) {}
}

/// What a machine does not know of a stream, and need not.
@frozen
public struct SkippedPiece: Equatable, Sendable, BitwiseCopyable {
  @frozen
  public enum Kind: UInt8, Sendable, BitwiseCopyable { case record, device, section, subsection }

  public var kind: Kind
  /// Of a section or subsection the machine's own number of its device, else that of the stream.
  public var device: UInt32
  /// Of the kind of a record, else of the piece in the stream's manifest.
  public var number: UInt32
  /// Sequence number of the record that has it.
  public var record: UInt64
  /// Octets from the start of the stream to it, of sections and subsections to their data.
  public var offset: UInt64

  @inlinable
  public init(_ kind: Kind, _ number: UInt32, of device: UInt32, record: UInt64, at offset: UInt64) {
    self.kind = kind
    self.number = number
    self.device = device
    self.record = record
    self.offset = offset
  }
}

/// What the resume path must know of a device before it asks it anything.
@frozen
public struct DeviceTraits: Equatable, Sendable, BitwiseCopyable {
  public var capabilities: MigrationCapabilities
  public var apply: ApplyKind
  /// Whether it reaches memory of other devices by itself: then all devices meet in a P2P state on their way.
  public var reachesPeers: Bool

  @inlinable
  public init(capabilities: MigrationCapabilities, apply: ApplyKind, reachesPeers: Bool = false) {
    self.capabilities = capabilities
    self.apply = apply
    self.reachesPeers = reachesPeers
  }
}

/// What a device says when it does not do what it was asked to.
@frozen
public struct DeviceFailure: Error, Equatable, Sendable, BitwiseCopyable {
  /// The device's own number for it, shown to people.
  public var reason: UInt32
  /// Whether the device does not know what state it is in.
  public var isBroken: Bool

  @inlinable
  public init(reason: UInt32, isBroken: Bool = false) {
    self.reason = reason
    self.isBroken = isBroken
  }
}
