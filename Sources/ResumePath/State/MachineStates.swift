internal import MigrationStream

/// The states of a machine's devices, which walk to a goal together.
///
/// Each step of the walk is taken by all devices before the next begins, so that all meet in a state in which none
/// reaches a peer before one of them stops.
///
/// Source: Specs/resume-path.md section 4.
struct MachineStates: ~Copyable {
  /// By device number; never read but through ``state(of:)``.
  private var states: OwnedBuffer<MigrationState>

  init(count: Int, allocator: StreamAllocator) throws(StreamError) {
    states = OwnedBuffer(allocator: allocator)
    try states.append(repeating: .running, count: count)
  }

  func state(of device: Int) -> MigrationState { states[device] }
}
