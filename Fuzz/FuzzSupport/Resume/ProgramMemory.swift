public import ResumeOracle
public import StreamTestKit

extension CountingAllocator {
  /// The memory of a program's sessions, full of a pattern.
  ///
  /// Of long pieces only the first 16 KiB: they hold payload, which comes from the front.
  public static func ofProgram(filling: UInt8) -> CountingAllocator {
    CountingAllocator(filling: filling, filledByteCountMax: 16384)
  }

  /// What the checks of a run ask for.
  public var memoryCount: MemoryCount { MemoryCount(liveByteCount: live, peakByteCount: peak) }
}
