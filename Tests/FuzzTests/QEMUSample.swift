import Foundation

/// QEMU streams for tests of their mutation: one with everything that an operator looks for, and recorded ones.
enum QEMUSample {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Those of the corpus, and recordings where they are at hand: these hold firmware and are not in the repository.
  static let names: [String] = {
    let corpus = files("Corpus/qemu", ".bin")
    let folder = ProcessInfo.processInfo.environment["MIGSTREAM_QEMU_STREAMS"]
    return ["made up"] + corpus + (folder.map { files($0, ".bin.gz") } ?? [])
  }()

  private static func files(_ folder: String, _ suffix: String) -> [String] {
    let url = URL(filePath: folder, relativeTo: root)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.filter { $0.hasSuffix(suffix) }.sorted().map { url.appending(path: $0).path }
  }

  static func octets(_ name: String) throws -> [UInt8] {
    if name == "made up" { return madeUp }
    guard name.hasSuffix(".gz") else { return [UInt8](try Data(contentsOf: URL(filePath: name))) }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", name]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return [UInt8](data)
  }

  /// Guest memory, a count with its array, subsections, a list, two devices of one type and one in a package.
  static let madeUp: [UInt8] = {
    var octets: [UInt8] = Array("QEVM".utf8) + number(3, 4) + [7] + number(4, 4) + Array("test".utf8)
    octets += section(1, 2, "ram", 0, 4, number(1_024 | 4, 8) + name("r0") + number(1_024, 8) + number(0x10, 8))
    let page = [UInt8](repeating: 0xa1, count: 256)
    octets += [2] + number(2, 4) + number(8, 8) + name("r0") + page + number(0x100 | 0x22, 8) + [0] + number(0x10, 8)
    octets += footer(2)
    octets += [3] + number(2, 4) + number(0x10, 8) + footer(2)
    let options = [5] + name("fifo/a") + number(1, 4) + number(7, 4) + [5] + name("fifo/b") + number(1, 4) + number(9, 2)
    octets += section(4, 5, "fifo", 0, 1, number(3, 4) + [1, 0, 2, 0, 3, 0] + number(1, 1) + [0xaa, 0xbb] + options)
    octets += section(4, 6, "list", 0, 1, [1] + number(5, 2) + [1] + number(6, 2) + [0])
    octets += section(4, 7, "line", 0, 2, number(1, 4) + number(0x1000, 8))
    octets += section(4, 8, "line", 1, 2, number(2, 4) + number(0x2000, 8))
    let packed = section(4, 9, "late", 0, 1, number(4, 2) + [UInt8](repeating: 0x5c, count: 4))
    octets += [8] + number(7, 2) + number(4, 2) + number(UInt64(packed.count), 4) + packed
    let text = Array(description.utf8)
    return octets + [0, 6] + number(UInt64(text.count), 4) + text
  }()

  private static func number(_ value: UInt64, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (width - 1 - $0))) }
  }

  private static func name(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

  private static func footer(_ id: UInt64) -> [UInt8] { [0x7e] + number(id, 4) }

  private static func section(
    _ type: UInt8, _ id: UInt64, _ title: String, _ instance: UInt64, _ version: UInt64, _ payload: [UInt8]
  ) -> [UInt8] {
    [type] + number(id, 4) + name(title) + number(instance, 4) + number(version, 4) + payload + footer(id)
  }

  private static let description =
    #"{"page_size": 256, "devices": [{"name": "fifo", "instance_id": 0, "vmsd_name": "fifo", "version": 1, "fields": "#
    + #"[{"name": "num", "type": "uint32", "size": 4}, {"name": "data", "array_len": 3, "type": "uint16", "size": 2}, "#
    + #"{"name": "full", "type": "bool", "size": 1}, {"name": "rest", "type": "buffer", "size": 2}], "subsections": "#
    + #"[{"vmsd_name": "fifo/a", "version": 1, "fields": [{"name": "head", "type": "uint32", "size": 4}]}, "#
    + #"{"vmsd_name": "fifo/b", "version": 1, "fields": [{"name": "mode", "type": "int16", "size": 2}]}]}, "#
    + #"{"name": "list", "instance_id": 0, "vmsd_name": "list", "version": 1, "fields": [{"name": "items", "type": "#
    + #""qtailq", "vmsd_name": "item", "version": 1, "fields": [{"name": "id", "type": "uint16", "size": 2}], "#
    + #""vmsd_name": "item", "version": 1, "fields": [{"name": "id", "type": "uint16", "size": 2}], "size": 7}]}, "#
    + line(0) + ", " + line(1)
    + #", {"name": "late", "instance_id": 0, "vmsd_name": "late", "version": 1, "fields": [{"name": "size", "type": "#
    + #""uint16", "size": 2}, {"name": "octets", "type": "buffer", "size": 4}]}]}"#

  private static func line(_ instance: Int) -> String {
    #"{"name": "line", "instance_id": \#(instance), "vmsd_name": "line", "version": 2, "fields": [{"name": "state", "#
      + #""type": "int32", "size": 4}, {"name": "base_addr", "type": "uint64", "size": 8}]}"#
  }
}
