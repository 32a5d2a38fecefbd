import ForeignStreams
import Testing

/// Each expectation was compared with what QEMU 10.0.2's script prints for the same octets.
@Suite struct AnalyzePrinterTests {
  private func printed(payload: [UInt8], members: String) throws -> String {
    let stream = try QEMUStream(
      MemoryOctets(StreamBuilder.oneDevice(payload: payload, members: members)))
    #expect(stream.damage == nil)
    #expect(stream.diagnostics.isEmpty)
    return try analyze(stream)
  }

  @Test func values() throws {
    let text = try printed(
      payload: [0xff, 0xfe, 0x00, 0x02, 0x80, 0x01, 0x02, 0x80, 0x30],
      members: #"""
        "fields": [{"name": "n", "type": "int16", "size": 2}, {"name": "off", "type": "bool", "size": 1},
        {"name": "on", "type": "bool", "size": 1}, {"name": "eq", "type": "uint8 equal", "size": 1},
        {"name": "raw", "type": "buffer", "size": 2}, {"name": "none", "type": "buffer", "size": 0},
        {"name": "u", "type": "uint8", "size": 1}, {"name": "p", "type": "nullptr", "size": 1}]
        """#)
    #expect(
      text == #"""
        {
            "dev (1)": {
                "n": "0xfffe (-2)",
                "off": false,
                "on": true,
                "eq": "0x80 (-128)",
                "raw": "01 02",
                "none": "",
                "u": "0x80",
                "p": "nullptr"
            }
        }

        """#)
  }

  @Test func arraysStructsAndSubsections() throws {
    var builder = StreamBuilder()
    builder.octets = [1, 2, 3, 4, 5]
    builder.subsection("dev/extra", payload: [6])
    let text = try printed(
      payload: builder.octets,
      members: #"""
        "fields": [{"name": "a", "array_len": 2, "type": "uint8", "size": 1},
        {"name": "s", "index": 0, "type": "struct", "struct": {"vmsd_name": "s", "version": 1,
        "fields": [{"name": "x", "type": "uint8", "size": 1}]}, "size": 1},
        {"name": "s", "index": 1, "type": "struct", "struct": {"vmsd_name": "s", "version": 1,
        "fields": [{"name": "x", "array_len": 2, "type": "uint8", "size": 1}]}, "size": 2},
        {"name": "empty", "type": "struct", "struct": {"vmsd_name": "e", "version": 1, "fields": []}, "size": 0}],
        "subsections": [{"vmsd_name": "dev/extra", "version": 1,
        "fields": [{"name": "y", "type": "uint8", "size": 1}]}]
        """#)
    #expect(
      text == #"""
        {
            "dev (1)": {
                "a": [
                    "0x01",
                    "0x02"
                ],
                "s": [
                    {
                        "x": "0x03"
                    },
                    {
                        "x": [
                            "0x04",
                            "0x05"
                        ]
                    }
                ],
                "empty": {},
                "dev/extra": {
                    "y": "0x06"
                }
            }
        }

        """#)
  }

  @Test func namesThatComeAgainAreGatheredWhereTheyCameFirst() throws {
    let text = try printed(
      payload: [1, 2, 3],
      members: #"""
        "fields": [{"name": "a", "type": "uint8", "size": 1}, {"name": "b", "type": "uint8", "size": 1},
        {"name": "a", "type": "uint8", "size": 1}]
        """#)
    #expect(
      text == #"""
        {
            "dev (1)": {
                "a": [
                    "0x01",
                    "0x03"
                ],
                "b": "0x02"
            }
        }

        """#)
  }

  @Test func namesAreEscapedAsPythonDoes() throws {
    let text = try printed(
      payload: [1],
      members:
        #""fields": [{"name": "\u00e9\ud83d\ude00\n\"\\/\u007f\ud800", "type": "uint8", "size": 1}]"#
    )
    #expect(text.contains(#""\u00e9\ud83d\ude00\n\"\\/\u007f\ud800": "0x01""#))
  }

  @Test func weightlessElementsHaveALimit() throws {
    let octets = StreamBuilder.oneDevice(
      payload: [],
      members: #""fields": [{"name": "a", "array_len": 2000000000, "type": "buffer", "size": 0}]"#)
    let stream = try QEMUStream(MemoryOctets(octets))
    #expect(stream.damage == nil)
    #expect(throws: ForeignError.self) {
      try AnalyzeMigrationPrinter.print(stream) { (_) throws(ForeignError) in }
    }
  }
}
