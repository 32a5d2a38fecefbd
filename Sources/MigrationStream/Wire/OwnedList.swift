/// A growing list of values that cannot be copied, in memory of a ``StreamAllocator``.
///
/// Growth doubles the capacity; it never grows from a claim.
@safe
public struct OwnedList<Element: ~Copyable>: ~Copyable {
  private var base: UnsafeMutablePointer<Element>?
  public private(set) var count: Int
  private var capacity: Int
  public let allocator: StreamAllocator
  private let addressOnly = AddressOnly()

  public init(allocator: StreamAllocator = .system) {
    unsafe base = nil
    count = 0
    capacity = 0
    self.allocator = allocator
  }

  @inline(never)
  deinit {
    if let base = unsafe base {
      unsafe base.deinitialize(count: count)
      unsafe allocator.deallocate(allocator.context, base)
    }
  }

  /// - Throws: `outOfMemory`, with the octets that were refused; the list is then as before.
  public mutating func append(_ element: consuming Element) throws(StreamError) {
    if count == capacity { try grow() }
    // Safe: there is a place behind the initialised part.
    unsafe (base.unsafelyUnwrapped + count).initialize(to: element)
    count &+= 1
  }

  private mutating func grow() throws(StreamError) {
    let target = max(capacity * 2, 4)
    let size = target * MemoryLayout<Element>.stride
    guard let memory = unsafe allocator.allocate(allocator.context, size, max(MemoryLayout<Element>.alignment, 16)) else {
      throw StreamError(.outOfMemory, .use, at: 0, found: UInt64(size))
    }
    let grown = unsafe memory.bindMemory(to: Element.self, capacity: target)
    if let base = unsafe base {
      unsafe grown.moveInitialize(from: base, count: count)
      unsafe allocator.deallocate(allocator.context, base)
    }
    unsafe base = unsafe grown
    capacity = target
  }

  /// Ends all elements and gives the memory back.
  public mutating func release() {
    guard let held = unsafe base else { return }
    unsafe held.deinitialize(count: count)
    unsafe allocator.deallocate(allocator.context, held)
    unsafe base = nil
    (count, capacity) = (0, 0)
  }

  /// Traps when there is no such element.
  public subscript(index: Int) -> Element {
    unsafeAddress {
      // One comparison: a negative index is a huge one.
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index outside")
      // Safe: index lies in the initialised part.
      return unsafe UnsafePointer(base.unsafelyUnwrapped + index)
    }
    unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index outside")
      return unsafe base.unsafelyUnwrapped + index
    }
  }
}
