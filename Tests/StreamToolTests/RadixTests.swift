import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// Signed fields follow the layout's radix: sign, then the magnitude.
@Suite struct RadixTests {
  private static let fields: [(name: String, type: FieldType, width: UInt32, radix: UInt8, octets: [UInt8], shown: String)] = [
    ("byte", .signed, 1, 16, [0xff], "-0x01"), ("least", .signed, 1, 16, [0x80], "-0x80"),
    ("word", .signed, 2, 16, [0xd4, 0xfe], "-0x012c"), ("positive", .signed, 4, 16, [0x2c, 1, 0, 0], "0x0000012c"),
    ("octal", .signed, 1, 8, [0xf8], "-0o10"), ("bits", .signed, 1, 2, [0xfe], "-0b00000010"),
    ("plain", .signed, 2, 0, [0xd4, 0xfe], "-300"),
    ("time", .duration, 8, 16, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "-0x0000000000000001"),
    ("wide", .signed, 16, 16, [UInt8](repeating: 0xff, count: 16), "-0x" + String(repeating: "0", count: 31) + "1"),
  ]

  @Test func signedFields() throws {
    var recorder = try Recorder()
    var manifest = try ManifestBuilder(
      producer: StaticString("test").octets, producerVersion: RawSpan(), architecture: RawSpan(), guestEndianness: 0,
      pageByteCount: 0)
    try manifest.beginDevice(
      path: StaticString("d").octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
    try manifest.section(name: StaticString("s").octets, version: 1, versionMin: 1)
    try manifest.endDevice()
    try recorder.manifest(manifest)
    try recorder.layout(
      ModelLayout(
        "radix",
        Self.fields.map { field in
          var attributes = FieldAttributes(field.type, width: field.width)
          attributes.radix = field.radix
          return LayoutField(field.name, attributes)
        }))
    let data = Self.fields.flatMap(\.octets)
    try recorder.section(0, 0, layout: 0, data + [UInt8](repeating: 0, count: -data.count & 7))
    try recorder.end()
    let document = try JSONDocument(try ToolRun(["dump", "--json"], input: recorder.octets).output)
    for field in Self.fields {
      let node = document.nodes.first { $0["path"] as? String == "/devices/d/s/\(field.name)" }
      #expect(node?["value"] as? String == field.shown, "\(field.name)")
    }
  }
}
