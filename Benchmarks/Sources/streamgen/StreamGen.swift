import BenchStreams
import MigrationStream

#if canImport(Glibc)
import Glibc
#endif

/// Writes a stream with the given number of MiB of memory to standard output: input for the rows that time processes.
@main
enum StreamGen {
  static func main() throws {
    guard CommandLine.arguments.count == 2, let mebibytes = Int(CommandLine.arguments[1]), mebibytes > 0
    else {
      print("usage: streamgen MEBIBYTES")
      exit(2)
    }
    let chunk = 1 << 20
    let source = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 4096)
    for index in 0..<(chunk / 8) {
      unsafe source.storeBytes(
        of: UInt64(index) &* 0x9e37_79b9_7f4a_7c15 | 1, toByteOffset: index * 8, as: UInt64.self)
    }
    let octets = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(source))
    let total = UInt64(mebibytes) << 20
    var encoder = try BenchStreams.encoder()
    let manifest = try BenchStreams.manifest(regionByteCount: total)
    put(encoder.preamble)
    put(try encoder.manifest(manifest))
    for index in 0..<UInt64(mebibytes) {
      put(try encoder.memory(region: 0, offset: index << 20, octets: octets))
    }
    put(try encoder.end())
  }

  static func put(_ list: borrowing GatherList) {
    for index in 0..<list.count { put(list[index]) }
  }

  static func put(_ span: RawSpan) {
    unsafe span.withUnsafeBytes { octets in
      var done = 0
      while done < octets.count, let base = octets.baseAddress {
        let written = unsafe Glibc.write(1, base + done, octets.count - done)
        guard written > 0 else { exit(1) }
        done += written
      }
    }
  }
}
