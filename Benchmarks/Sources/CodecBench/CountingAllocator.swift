import CPeers
import MigrationStream

/// The C library's allocator, counting calls.
enum CountingAllocator {
  static var callCount: Int { Int(peer_allocation_count()) }

  static var allocator: StreamAllocator {
    unsafe StreamAllocator(
      context: nil, allocate: peer_allocate, deallocate: peer_deallocate)
  }
}
