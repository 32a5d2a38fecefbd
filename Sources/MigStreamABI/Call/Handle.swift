internal import CMigStream
internal import MigrationStream
internal import Synchronization

/// What a handle is of: its first eight octets. Zero once it was freed.
enum HandleKind {
  static var manifest: UInt64 { 0x6d67_735f_6d61_6e69 }
  static var encoder: UInt64 { 0x6d67_735f_656e_636f }
  /// What a device saves to; callers see it as an encoder.
  static var emitter: UInt64 { 0x6d67_735f_656d_6974 }
  static var decoder: UInt64 { 0x6d67_735f_6465_636f }
  static var machine: UInt64 { 0x6d67_735f_6d61_6368 }
}

/// What stands behind a handle.
protocol HandleValue: ~Copyable {
  static var kind: UInt64 { get }
}

/// What all handles begin with, so that one function checks and takes any of them.
@safe
struct HandleHead: ~Copyable {
  var kind: UInt64
  let isBusy = Atomic<Bool>(false)
  let allocator: StreamAllocator
  let log: LogHook
  /// What a callback may look at while the value is in use.
  var lent: UnsafeRawPointer?

  init(_ kind: UInt64, _ settings: Settings) {
    self.kind = kind
    allocator = settings.allocator
    log = settings.log
    unsafe lent = nil
  }

  /// Whether nobody had it.
  func take() -> Bool {
    isBusy.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
  }

  func giveBack() { isBusy.store(false, ordering: .releasing) }
}

/// A value in memory of the caller's allocator, behind an opaque pointer of C.
///
///     | kind | busy | allocator, log | lent | value |
struct Handle<Value: HandleValue & ~Copyable>: ~Copyable {
  var head: HandleHead
  var value: Value

  private init(_ value: consuming Value, _ settings: Settings) {
    head = HandleHead(Value.kind, settings)
    self.value = value
  }

  /// - Throws: `outOfMemory`, also for an allocator that does not align, which is found out here: hashing counts on it.
  static func make(_ value: consuming Value, _ settings: Settings) throws(StreamError) -> UnsafeMutablePointer<Handle> {
    let size = MemoryLayout<Handle>.size
    let allocator = settings.allocator
    let allocated = unsafe allocator.allocate(allocator.context, size, 64)
    guard let memory = unsafe allocated, UInt(bitPattern: memory) % 64 == 0 else {
      if unsafe allocated != nil { unsafe allocator.deallocate(allocator.context, allocated) }
      throw StreamError(.outOfMemory, .use, at: 0, found: UInt64(size))
    }
    let handle = unsafe memory.bindMemory(to: Handle.self, capacity: 1)
    unsafe handle.initialize(to: Handle(value, settings))
    return unsafe handle
  }

  /// The handle behind a pointer of C; nil for NULL, another kind, or one that was freed.
  static func find(_ pointer: OpaquePointer?) -> UnsafeMutablePointer<Handle>? {
    guard let pointer = unsafe pointer, unsafe HandleKinds.kind(of: pointer) == Value.kind else { return nil }
    return unsafe UnsafeMutablePointer<Handle>(pointer)
  }

  /// Ends the value and gives the memory back; a handle that is in use stays.
  static func free(_ pointer: OpaquePointer?) -> Int32 {
    guard unsafe pointer != nil else { return 0 }
    guard let handle = unsafe find(pointer) else { return -Int32(MGS_ERROR_BAD_HANDLE.rawValue) }
    guard unsafe handle.pointee.head.take() else { return -StreamError.Code.sessionBusy.rawValue }
    unsafe destroy(handle)
    return 0
  }

  static func destroy(_ handle: UnsafeMutablePointer<Handle>) {
    let allocator = unsafe handle.pointee.head.allocator
    unsafe handle.deinitialize(count: 1)
    // So that a second use is found as long as nobody else has the memory.
    unsafe UnsafeMutableRawPointer(handle).storeBytes(of: 0, as: UInt64.self)
    unsafe allocator.deallocate(allocator.context, handle)
  }
}

enum HandleKinds {
  /// What a pointer that is not NULL leads to; 0 for an address that no handle has.
  static func kind(of pointer: OpaquePointer) -> UInt64 {
    let address = unsafe UnsafeRawPointer(pointer)
    guard UInt(bitPattern: address) % 64 == 0 else { return 0 }
    return unsafe address.load(as: UInt64.self)
  }
}

/// Does a call on a handle: the one place where handles are checked, taken and given back, and refusals told.
///
/// - Parameter body: Returns the result of the call; a negative one was told already.
func withHandle<Value: HandleValue & ~Copyable>(
  _ pointer: OpaquePointer?, _: Value.Type, _ error: UnsafeMutablePointer<mgs_error>?,
  _ body: (inout Value) throws(StreamError) -> Int32
) -> Int32 {
  let taken = unsafe takeHandle(pointer, Value.kind, error)
  guard taken == 0, let pointer = unsafe pointer else { return taken }
  let handle = unsafe UnsafeMutablePointer<Handle<Value>>(pointer)
  defer { unsafe handle.pointee.head.giveBack() }
  do throws(StreamError) {
    return unsafe try body(&handle.pointee.value)
  } catch let refusal {
    return unsafe tell(refusal, handle.pointee.head.log, error)
  }
}

/// - Returns: 0 when there is such a handle, which is the caller's now; a status that was told.
@inline(never)
private func takeHandle(_ pointer: OpaquePointer?, _ kind: UInt64, _ error: UnsafeMutablePointer<mgs_error>?) -> Int32 {
  guard let pointer = unsafe pointer, unsafe HandleKinds.kind(of: pointer) == kind else {
    return unsafe refuse(MGS_ERROR_BAD_HANDLE, error)
  }
  // Safe: every handle begins with its head.
  guard unsafe UnsafeMutablePointer<HandleHead>(pointer).pointee.take() else {
    return unsafe refuse(StreamError(.sessionBusy, .use, at: 0), error)
  }
  return 0
}

/// Makes a handle and hands it out.
///
/// - Parameters:
///   - slot: Where the caller wants it; NULL is refused, and NULL is what stands there after an error.
///   - body: Returns nil when an argument is wrong.
func makeHandle<Value: HandleValue & ~Copyable>(
  _ slot: UnsafeMutablePointer<OpaquePointer?>?, _: Value.Type, _ config: UnsafePointer<mgs_config>?,
  _ error: UnsafeMutablePointer<mgs_error>?, _ body: (Settings) throws(StreamError) -> Value?
) -> Int32 {
  guard let slot = unsafe slot else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  unsafe slot.pointee = nil
  guard let settings = unsafe Settings(config) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
  do throws(StreamError) {
    guard let value = try body(settings) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    unsafe slot.pointee = OpaquePointer(try Handle.make(value, settings))
    return 0
  } catch let refusal {
    return unsafe tell(refusal, settings.log, error)
  }
}
