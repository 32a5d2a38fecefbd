import CFuzzShim
import Glibc

/// Runs libFuzzer when it is linked in; otherwise replays the files named as arguments.
public enum Harness {
  public typealias OneInput = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32

  @unsafe
  public static func run(_ oneInput: @escaping OneInput) -> Never {
    if fuzz_have_driver() != 0 {
      var count = CommandLine.argc
      // Safe: the process's own argument vector lives for ever.
      var vector = unsafe CommandLine.unsafeArgv
      unsafe exit(fuzz_run_driver(&count, &vector, oneInput))
    }
    for path in CommandLine.arguments.dropFirst() where !path.hasPrefix("-") {
      guard let octets = contents(of: path) else {
        print("cannot open \(path)")
        exit(2)
      }
      unsafe octets.withUnsafeBufferPointer { octets in
        _ = unsafe oneInput(octets.baseAddress, octets.count)
      }
      print("ok \(path) (\(octets.count) octets)")
    }
    exit(0)
  }

  private static func contents(of path: String) -> [UInt8]? {
    guard let file = unsafe fopen(path, "rb") else { return nil }
    defer { _ = unsafe fclose(file) }
    var octets: [UInt8] = []
    while true {
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        unsafe count = fread(buffer.baseAddress, 1, 1 << 16, file)
      }
      if piece.isEmpty { return octets }
      octets += piece
    }
  }
}
