import CPeers
import MigrationStream

/// The C library's allocator, counting calls and octets held.
enum CountingAllocator {
  static var callCount: Int { Int(peer_allocation_count()) }

  /// The most octets that were held at a time while `work` ran.
  static func peak(_ work: () throws -> Void) rethrows -> Int {
    peer_allocation_forget_peak()
    try work()
    return Int(peer_allocation_peak())
  }

  static var allocator: StreamAllocator {
    unsafe StreamAllocator(
      context: nil, allocate: peer_allocate, deallocate: peer_deallocate)
  }
}
