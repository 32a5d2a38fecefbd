public import MigrationStream
public import ResumePath

/// A machine's resume path, as invariants look at it: the real one, or one with a fault.
public protocol ResumeSubject: ~Copyable {
  var deviceCount: Int { get }
  borrowing func capabilities(of device: Int) -> MigrationCapabilities

  mutating func request(_ goal: UInt32) throws(StreamError) -> SessionHandle?
  mutating func reset()
  mutating func recover(to goal: UInt32) -> Bool
  mutating func write(_ octets: RawSpan, _ handle: SessionHandle) throws(StreamError) -> Int
  mutating func finish(_ handle: SessionHandle, exclusive: Bool) throws(StreamError)
  mutating func abort(_ handle: SessionHandle) throws(StreamError)

  borrowing func reportedState(of device: Int) -> UInt32
  borrowing func ownState(of device: Int) -> MigrationState
  var status: SessionStatus { get }
  var compatibility: Compatibility { get }
  var offset: UInt64 { get }

  borrowing func effectDigest() -> UInt64
  borrowing func holds(_ octets: [UInt8]) -> Bool
  /// What devices were asked to do since the last call.
  mutating func takeTouches() -> [DeviceCall]
}

/// The product.
public struct ObservedControl<Base: ObservableDevices & ~Copyable>: ResumeSubject, ~Copyable {
  public var control: MigrationControl<WatchedDevices<Base>>

  public init(
    _ devices: consuming Base, options: ResumeOptions = ResumeOptions(), limits: StreamLimits = StreamLimits(),
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    control = try MigrationControl(WatchedDevices(devices), options: options, limits: limits, allocator: allocator)
  }

  public var deviceCount: Int { control.devices.deviceCount }

  public borrowing func capabilities(of device: Int) -> MigrationCapabilities {
    control.devices.traits(of: device).capabilities
  }

  public mutating func request(_ goal: UInt32) throws(StreamError) -> SessionHandle? { try control.request(goal) }
  public mutating func reset() { control.reset() }
  public mutating func recover(to goal: UInt32) -> Bool { control.recover(to: goal) }

  public mutating func write(_ octets: RawSpan, _ handle: SessionHandle) throws(StreamError) -> Int {
    try control.write(octets, handle)
  }

  public mutating func finish(_ handle: SessionHandle, exclusive: Bool) throws(StreamError) {
    try control.finish(handle, exclusive: exclusive)
  }

  public mutating func abort(_ handle: SessionHandle) throws(StreamError) { try control.abort(handle) }

  public borrowing func reportedState(of device: Int) -> UInt32 { control.state(of: device).rawValue }
  public borrowing func ownState(of device: Int) -> MigrationState { control.devices.ownStates[device] }
  public var status: SessionStatus { control.status }
  public var compatibility: Compatibility { control.compatibility }
  public var offset: UInt64 { control.offset }

  public borrowing func effectDigest() -> UInt64 { control.devices.base.effectDigest() }
  public borrowing func holds(_ octets: [UInt8]) -> Bool { control.devices.base.holds(octets) }

  public mutating func takeTouches() -> [DeviceCall] {
    let touches = control.devices.touches
    control.devices.forgetTouches()
    return touches
  }
}
