import Glibc
import MigrationStream
import ReferenceDevices
import ResumeOracle
import ResumePath

/// What an execution of a resume fuzzer costs, part by part: a machine is made and checked, resumes a stream, runs beside
/// a twin, is saved and is reset.
///
///     ResumeCost N [MACHINE]    N executions of each machine, or of one; ns and allocations a part
///
/// Allocations are counted with `libmalloccount.so` in front of the C library (LD_PRELOAD).
@main
enum ResumeCost {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 2, let count = Int(arguments[1]), count > 0 else {
      print("usage: ResumeCost N [MACHINE]")
      exit(2)
    }
    for course in try Course.all() where arguments.count < 3 || arguments[2] == course.name {
      try measure(course, count)
    }
  }

  private static func measure(_ course: Course, _ count: Int) throws {
    var clock = PartClock()
    // What is made once: models, tables.
    for _ in 0..<10 { try course.execute(&clock) }
    clock.forget()
    for _ in 0..<count { try course.execute(&clock) }
    print("\(course.name): \(course.stream.count) octets, \(count) executions")
    var total = PartClock.Sum()
    for part in PartClock.Part.allCases {
      let sum = clock.sums[Int(part.rawValue)]
      total.add(sum)
      print(line(part.name, sum, count))
    }
    print(line("all", total, count))
  }

  private static func line(_ name: String, _ sum: PartClock.Sum, _ count: Int) -> String {
    let padded = name + String(repeating: " ", count: 12 - name.count)
    return "  \(padded) \(sum.nanoseconds / UInt64(count)) ns  \(sum.allocations / UInt64(count)) allocations"
  }
}
