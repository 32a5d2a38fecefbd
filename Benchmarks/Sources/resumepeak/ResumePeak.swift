import BenchMachines
import Glibc
import MigrationStream
import ResumePath

/// A machine with a card of much memory, from one process to another over a pipe: what the destination needs besides the
/// memory of its devices. And requests for states, for who counts allocations from outside.
///
///     resumepeak send MIB > STREAM     a byte string of that size, 32 small devices
///     resumepeak receive MIB < STREAM  resumes it, and prints octets: the devices' own, and the most that was resident
///     resumepeak requests N            asks a machine of 32 devices for states N times
@main
enum ResumePeak {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let number = Int(arguments[2]), number > 0 else { usage() }
    switch arguments[1] {
    case "send": try send(byteStringByteCount: number << 20)
    case "receive": try receive(byteStringByteCount: number << 20)
    case "requests": try request(number)
    default: usage()
    }
  }

  private static func usage() -> Never {
    print("usage: resumepeak send MIB | receive MIB | requests N")
    exit(2)
  }

  private static func shape(byteStringByteCount: Int) -> BenchShape {
    BenchShape(deviceCount: 32, stateByteCount: 1024, byteStringByteCount: byteStringByteCount)
  }

  private static func send(byteStringByteCount count: Int) throws {
    let shape = shape(byteStringByteCount: count)
    let chunk = BenchMemory(1 << 20)
    chunk.fill()
    var encoder = try StreamEncoder(preamble: Preamble(uuid: StreamUUID(low: 1, high: 2)))
    write(encoder.preamble)
    write(try encoder.manifest(try BenchMachine.manifest(shape, allocator: .system)))
    let layout = try BenchMachine.layout(shape, allocator: .system)
    write(try encoder.layout(canonical: layout.bytes))
    for start in stride(from: 0, to: count, by: chunk.byteCount) {
      let last = start + chunk.byteCount >= count ? RecordFlags.last : 0
      let octets = chunk.octets.extracting(first: min(chunk.byteCount, count - start))
      write(
        try encoder.bytes(
          device: UInt32(shape.deviceCount), octets: octets,
          flags: RecordFlags.unitFirst | RecordFlags.unitLast | last))
    }
    for device in 0..<shape.deviceCount {
      write(
        try encoder.section(
          device: UInt32(device), section: 0, layout: 0, data: chunk.octets.extracting(first: shape.stateByteCount)))
    }
    write(try encoder.end())
  }

  private static func write(_ list: borrowing GatherList) {
    for index in 0..<list.count { write(list[index]) }
  }

  private static func write(_ octets: RawSpan) {
    unsafe octets.withUnsafeBytes { octets in
      var done = 0
      while done < octets.count {
        let count = unsafe Glibc.write(1, octets.baseAddress.unsafelyUnwrapped + done, octets.count - done)
        guard count > 0 else { exit(2) }
        done += count
      }
    }
  }

  private static func receive(byteStringByteCount count: Int) throws {
    let memory = BenchMemory(count)
    var control = try MigrationControl(BenchMachine(shape(byteStringByteCount: count), byteString: memory))
    guard let handle = try control.request(MigrationState.resuming.rawValue) else { exit(1) }
    let buffer = BenchMemory(1 << 16)
    var isOpen = true
    while isOpen {
      if let placed = try control.writeInPlace(byteCount: 1 << 20, handle, { unsafe $0.withUnsafeMutableBytes { unsafe read(into: $0) } }) {
        isOpen = placed > 0
      } else {
        let wanted = unsafe buffer.buffer(at: 0, byteCount: min(control.wantedByteCount, buffer.byteCount))
        let came = unsafe read(into: wanted)
        _ = try control.write(buffer.octets.extracting(first: came), handle)
        isOpen = came > 0
      }
    }
    try control.finish(handle)
    guard control.state(of: 0) == .stop else { exit(1) }
    print("own=\(count) peak=\(peakResidentByteCount)")
  }

  /// 0 at the end of the input.
  private static func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    unsafe max(Glibc.read(0, buffer.baseAddress, buffer.count), 0)
  }

  private static var peakResidentByteCount: Int {
    var usage = rusage()
    _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }

  private static func request(_ count: Int) throws {
    var control = try MigrationControl(BenchMachine(BenchShape(deviceCount: 32)))
    for number in 0..<count {
      let goal = number & 1 == 0 ? MigrationState.stop : .running
      _ = try control.request(goal.rawValue)
    }
  }
}
