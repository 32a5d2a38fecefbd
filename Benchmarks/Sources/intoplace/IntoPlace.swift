import Glibc
import MigrationStream

/// Sends guest memory over a Unix socket from one process to another, which reads it into place.
///
///     intoplace [--dense] [--copying | --bare | --session] [--size MIB] [--written MIB] [--chunk KIB]
///
///       (default)   sparse memory of 8 GiB, 48 MiB of it written to, in pages at random places
///       --dense     1 GiB, all of it data; both sides' pages are there before the clock starts
///       --copying   the control: both sides copy payloads, as a reader without places has to
///       --bare      the same octets and chunks without a codec; needs --dense
///       --session   a whole resume session loads, not a decoder alone; needs --dense
///
/// Prints a line a side: octets, records, data extents, system calls on the socket, seconds of CPU, seconds of clock,
/// digest of the whole memory. Exits with 1 when the two memories differ.
@main
enum IntoPlace {
  static func main() throws {
    guard let job = Job(CommandLine.arguments) else {
      print("usage: intoplace [--dense] [--copying | --bare | --session] [--size MIB] [--written MIB] [--chunk KIB]")
      exit(2)
    }
    if let number = job.socket {
      try destination(job, Port(number: number))
    } else {
      try source(job)
    }
  }

  private static func source(_ job: Job) throws {
    var ends: [Int32] = [0, 0]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { fail("socketpair") }
    let child = launch(CommandLine.arguments + ["--socket", "\(ends[1])"])
    _ = close(ends[1])
    var source = Source(job, port: Port(number: ends[0]))
    // The destination's memory is mapped.
    _ = answer(&source.port)
    let clock = Clock()
    try source.send()
    let spent = clock.spent
    let calls = source.port.calls
    let digest = source.memory.digest
    print(
      "source octets=\(source.octetCount) records=\(source.recordCount) calls=\(calls) \(spent) digest=\(digest)")
    let reached = answer(&source.port)
    var status: Int32 = 0
    _ = unsafe waitpid(child, &status, 0)
    guard status == 0 else { exit(2) }
    guard reached == digest else {
      print("the memories differ")
      exit(1)
    }
  }

  private static func destination(_ job: Job, _ port: consuming Port) throws {
    var destination = Destination(job, port: port)
    send(1, &destination.port)
    let before = destination.port.calls
    let clock = Clock()
    try destination.receive()
    let spent = clock.spent
    let calls = destination.port.calls - before
    let digest = destination.placer.memory.digest
    print(
      "destination octets=\(destination.octetCount) records=\(destination.placer.recordCount) "
        + "extents=\(destination.placer.extentCount) calls=\(calls) \(spent) digest=\(digest)")
    send(digest, &destination.port)
  }

  private static func send(_ word: UInt64, _ port: inout Port) {
    let octets = (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    port.send(octets.span.octets)
  }

  private static func answer(_ port: inout Port) -> UInt64 {
    var word: UInt64 = 0
    let came = unsafe withUnsafeMutableBytes(of: &word) { unsafe port.receive($0) }
    guard came else { fail("the destination went away") }
    return UInt64(littleEndian: word)
  }

  /// The same program once more, with one end of the socket.
  private static func launch(_ arguments: [String]) -> pid_t {
    var child: pid_t = 0
    let copies = unsafe arguments.map { unsafe strdup($0) } + [nil]
    let status = unsafe posix_spawn(&child, "/proc/self/exe", nil, nil, copies, environ)
    guard status == 0 else { fail("start the destination") }
    return child
  }
}

/// What is asked for.
struct Job {
  enum Kind { case intoPlace, copying, bare, session }

  /// A body stays below 4 KiB, so that a copy of one is not taken for a payload's.
  static let extentsMax = 240

  var kind = Kind.intoPlace
  var isDense = false
  var byteCount = 0
  var writtenByteCount = 48 << 20
  var chunkByteCount = 1 << 20
  /// The destination's end.
  var socket: Int32?

  /// nil when the arguments are wrong.
  init?(_ arguments: [String]) {
    var rest = arguments.dropFirst()
    while let argument = rest.popFirst() {
      switch argument {
      case "--dense": isDense = true
      case "--copying": kind = .copying
      case "--bare": kind = .bare
      case "--session": kind = .session
      case "--size", "--written", "--chunk", "--socket":
        guard let value = rest.popFirst().flatMap({ Int($0) }), value > 0 else { return nil }
        switch argument {
        case "--size": byteCount = value << 20
        case "--written": writtenByteCount = value << 20
        case "--chunk": chunkByteCount = value << 10
        default: socket = Int32(clamping: value)
        }
      default: return nil
      }
    }
    if byteCount == 0 { byteCount = isDense ? 1 << 30 : 8 << 30 }
    guard isDense || kind != .bare && kind != .session else { return nil }
  }
}

/// Seconds of CPU and of the clock.
struct Clock {
  private let start = Self.now

  private static var now: (user: Double, system: Double, wall: Double) {
    var usage = rusage()
    _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    func seconds(_ value: timeval) -> Double { Double(value.tv_sec) + Double(value.tv_usec) / 1e6 }
    return (
      seconds(usage.ru_utime), seconds(usage.ru_stime), Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    )
  }

  var spent: String {
    let end = Self.now
    return "user=\(round4(end.user - start.user)) system=\(round4(end.system - start.system)) "
      + "wall=\(round4(end.wall - start.wall))"
  }

  private func round4(_ value: Double) -> Double { (value * 10000).rounded() / 10000 }
}
