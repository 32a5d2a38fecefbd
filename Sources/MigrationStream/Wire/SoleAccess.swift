internal import Synchronization

/// A value that one thread at a time may use; another one is told that it is busy, and nobody waits.
///
/// What a thread looks at and what it then changes lies under the same lock. Memory: one piece of the allocator.
@safe
public struct SoleAccess<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
  private let value: UnsafeMutablePointer<Value>
  private let allocator: StreamAllocator
  private let isTaken = Atomic<Bool>(false)

  public init(_ value: consuming sending Value, allocator: StreamAllocator = .system) throws(StreamError) {
    let byteCount = max(MemoryLayout<Value>.size, 1)
    guard
      let memory = unsafe allocator.allocate(allocator.context, byteCount, max(MemoryLayout<Value>.alignment, 16))
    else { throw StreamError(.outOfMemory, .use, at: 0, found: UInt64(byteCount)) }
    let place = unsafe memory.bindMemory(to: Value.self, capacity: 1)
    unsafe place.initialize(to: value)
    unsafe self.value = place
    self.allocator = allocator
  }

  deinit {
    unsafe value.deinitialize(count: 1)
    unsafe allocator.deallocate(allocator.context, value)
  }

  /// Lends the value for the time of a call.
  ///
  /// - Throws: `sessionBusy`, without calling `body`, when it is lent already, to this thread too.
  public func withAccess<Result: ~Copyable>(
    _ body: (inout Value) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    guard isTaken.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else {
      throw StreamError(.sessionBusy, .resume, at: 0)
    }
    defer { isTaken.store(false, ordering: .releasing) }
    return unsafe try body(&value.pointee)
  }
}
