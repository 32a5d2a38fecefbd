/// How long a run takes: all of it, or a few seconds that only show that everything works.
struct RunSize {
  let rounds: Int
  /// Far above the last-level cache, and inside it.
  let memoryByteCount: Int
  let cacheByteCount: Int
  let octetsPerSample: Int
  let recordCount: Int
  let savesPerSample: Int
  let growthRounds: Int
  let growthByteCountMax: Int
  let growthCountMax: Int

  static let full = RunSize(
    rounds: 21, memoryByteCount: 512 << 20, cacheByteCount: 8 << 20, octetsPerSample: 256 << 20,
    recordCount: 1_000_000, savesPerSample: 2000, growthRounds: 5, growthByteCountMax: 8 << 30, growthCountMax: 1_000_000)
  static let quick = RunSize(
    rounds: 3, memoryByteCount: 16 << 20, cacheByteCount: 4 << 20, octetsPerSample: 4 << 20,
    recordCount: 10_000, savesPerSample: 20, growthRounds: 3, growthByteCountMax: 1 << 20, growthCountMax: 100)
}

/// Rows of the codec in memory, one JSON object a line; Benchmarks/run.py makes tables of them.
@main
enum CodecBench {
  static func main() throws {
    var arguments = Array(CommandLine.arguments.dropFirst())
    var size = RunSize.full
    var peers: String?
    while let argument = arguments.first, argument.hasPrefix("--") {
      arguments.removeFirst()
      if argument == "--quick" {
        size = .quick
      } else if argument == "--peers", !arguments.isEmpty {
        peers = arguments.removeFirst()
      } else {
        return usage()
      }
    }
    let known = ["bulk", "place", "resume", "record", "small", "growth"]
    guard arguments.allSatisfy(known.contains) else { return usage() }
    let groups = arguments.isEmpty ? known : arguments
    if groups.contains("bulk") { try BulkRows(size: size).run() }
    if groups.contains("place") { try PlaceRows(size: size).run() }
    if groups.contains("resume") { try ResumeRows(size: size).run() }
    if groups.contains("record") { try RecordRows(size: size).run() }
    if groups.contains("small") { try SmallStateRows(size: size, peers: peers).run() }
    if groups.contains("growth") { try GrowthRows(size: size).run() }
  }

  static func usage() {
    print("usage: CodecBench [--quick] [--peers LIBRARY] [bulk] [place] [resume] [record] [small] [growth]")
  }
}
