import DeviceModel
import StreamTestKit
import Testing

/// Strict JSON: what is taken, and each refusal with its pointer and line.
@Suite struct JSONParserTests {
  struct Refused: CustomTestStringConvertible, Sendable {
    let text: String
    let pointer: String
    let line: Int
    /// Part of the message.
    let message: String

    init(_ text: String, _ pointer: String, _ line: Int, _ message: String) {
      self.text = text
      self.pointer = pointer
      self.line = line
      self.message = message
    }

    var testDescription: String { "\(message): \(text.prefix(30))" }
  }

  static func fault(_ octets: [UInt8], firstLine: Int = 1) -> DocumentFault? {
    do throws(DocumentFault) {
      _ = try JSONValue(parsing: octets, firstLine: firstLine)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    Refused("", "", 1, "expected a value, found the end"),
    Refused("\n \n", "", 3, "expected a value"),
    Refused("{} {}", "", 1, "expected the end after the value, found `{`"),
    Refused("{\n\"a\": 1,\n\"a\": 2}", "/a", 3, "the key `a` comes a second time"),
    Refused("{\"a\": {\"b\": [0,\n{\"c/~\": 1,}]}}", "/a/b/1", 2, "expected a key in quotes, found `}`"),
    Refused("[1,2,]", "/2", 1, "expected a value, found `]`"),
    Refused("[1 2]", "", 1, "expected `,` or `]`"),
    Refused("{\"c/~\" 1}", "/c~1~0", 1, "expected `:`"),
    Refused("{a: 1}", "", 1, "expected a key in quotes"),
    Refused("[01]", "/0", 1, "begins with a zero"),
    Refused("[-01]", "/0", 1, "begins with a zero"),
    Refused("-0", "", 1, "a zero has no sign"),
    Refused("-", "", 1, "expected a digit"),
    Refused("+1", "", 1, "expected a value"),
    Refused("1.0", "", 1, "not an integer"),
    Refused("1e3", "", 1, "not an integer"),
    Refused("0E0", "", 1, "not an integer"),
    Refused("0x10", "", 1, "expected the end"),
    Refused("18446744073709551616", "", 1, "not within"),
    Refused("-9223372036854775809", "", 1, "not within"),
    Refused("NaN", "", 1, "expected a value"),
    Refused("tru", "", 1, "expected `true`"),
    Refused("nul\u{0}", "", 1, "expected `null`"),
    Refused("'a'", "", 1, "expected a value, found `'`"),
    Refused("\"a", "", 1, "a string has no end"),
    Refused("\"a\\", "", 1, "a string has no end"),
    Refused("\"a\u{1}\"", "", 1, "a string has the octet 0x01"),
    Refused("\"a\n\"", "", 1, "a string has the octet 0x0a"),
    Refused("\"\\x41\"", "", 1, "after `\\`, found `x`"),
    Refused("\"\\u12g4\"", "", 1, "four hexadecimal digits after `\\u`, found `g`"),
    Refused("\"\\ud800\"", "", 1, "one half of a surrogate pair"),
    Refused("\"\\udc00\\ud800\"", "", 1, "one half of a surrogate pair"),
    Refused("\"\\ud800\\u0041\"", "", 1, "one half of a surrogate pair"),
    Refused("\u{feff}{}", "", 1, "byte order mark"),
    Refused("[]\u{7f}", "", 1, "found the octet 0x7f"),
    Refused("{\"\\u001b[2J\": 1, \"\\u001b[2J\": 1}", "/\u{1b}[2J", 1, "the key `\\u{1b}[2J`"),
    Refused("{\"\u{e9}\": 1, \"e\u{301}\": 1}", "/e\u{301}", 1, "comes a second time"),
  ])
  func refused(_ sample: Refused) throws {
    let fault = try #require(Self.fault(Array(sample.text.utf8)))
    #expect(fault.pointer == sample.pointer)
    #expect(fault.line == sample.line)
    #expect(fault.message.contains(sample.message), "\(fault.message)")
    #expect(!fault.text.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) })
  }

  @Test(arguments: [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]] as [[UInt8]])
  func octetsThatAreNoText(_ octets: [UInt8]) {
    let quote = Array("\"".utf8)
    #expect(Self.fault(quote + octets + quote)?.message == "a string is not valid UTF-8")
    #expect(Self.fault(quote + Array("\\n".utf8) + octets + quote)?.message == "a string is not valid UTF-8")
    #expect(Self.fault(octets) != nil)
  }

  @Test func everyKindOfValue() throws {
    let text = " {\"a\":[null,true,false,0,-1,18446744073709551615,-9223372036854775808],\n\r\t\"b\":{\"\":\"x\"}}\n"
    let value = try JSONValue(parsing: Array(text.utf8), firstLine: 7)
    #expect(value.line == 7)
    #expect(value["b"]?.line == 8)
    let numbers: [JSONValue.Content] = [
      .null, .bool(true), .bool(false), .integer(0), .integer(-1), .integer(Int128(UInt64.max)),
      .integer(Int128(Int64.min)),
    ]
    #expect(value["a"]?.content == .array(numbers.map { JSONValue($0) }))
    #expect(value["b"]?[""]?.content == .string("x"))
  }

  @Test func escapes() throws {
    let text = #""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\u0000é""#
    #expect(
      try JSONValue(parsing: Array(text.utf8)).content
        == .string("\"\\/\u{8}\u{c}\n\r\t\u{e9}\u{1f600}\u{0}\u{e9}"))
  }

  @Test func nesting() {
    let nested = { (levels: Int) in
      Array(repeating: UInt8(ascii: "["), count: levels) + Array(repeating: UInt8(ascii: "]"), count: levels)
    }
    #expect(Self.fault(nested(64)) == nil)
    #expect(Self.fault(nested(65))?.message == "values nest more than 64 levels deep")
    #expect(Self.fault(Array(repeating: UInt8(ascii: "["), count: 1_000_000))?.message.contains("64 levels") == true)
  }

  @Test func size() {
    let blanks = [UInt8](repeating: 0x20, count: (16 << 20) - 2)
    #expect(Self.fault(blanks + Array("{}".utf8)) == nil)
    #expect(Self.fault(blanks + Array("{ }".utf8))?.message.contains("at most 16777216") == true)
    #expect(
      Self.fault(Array(("[" + String(repeating: "0,", count: 1 << 20) + "0]").utf8))?.message.contains("1048576 values")
        == true)
    let digits = [UInt8](repeating: 0x39, count: 1_000_000)
    #expect(Self.fault(digits)?.message.contains("not within") == true)
  }

  /// Many keys are found to differ, or not, in time that is linear.
  @Test func manyKeys() throws {
    let keys = (0..<300_000).map { "\"k\($0)\":0" }.joined(separator: ",")
    guard case .object(let members) = try JSONValue(parsing: Array("{\(keys)}".utf8)).content else { return }
    #expect(members.count == 300_000)
    #expect(
      Self.fault(Array("{\(keys),\n\"k0\":1}".utf8))
        == DocumentFault("the key `k0` comes a second time in its object", pointer: "/k0", line: 2))
    let same = String(repeating: "\"a\":0,", count: 1_000_000)
    #expect(Self.fault(Array("{\(same)\"a\":0}".utf8))?.pointer == "/a")
  }

  /// The text of any value is JSON, gives the value again, and is the same then.
  @Test func textComesBack() throws {
    for seed in 0..<500 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let value = RandomJSON.value(&generator, levels: 5)
      let text = value.text
      let again = try JSONValue(parsing: Array(text.utf8))
      #expect(again == value, "seed \(seed)")
      #expect(again.text == text, "seed \(seed)")
      #expect(text.split(separator: "\n").allSatisfy { !$0.hasSuffix(" ") })
    }
  }
}

enum RandomJSON {
  static func value(_ generator: inout SeededGenerator, levels: Int) -> JSONValue {
    switch generator.pick(0...(levels > 0 ? 7 : 4)) {
    case 0: return JSONValue(.null)
    case 1: return JSONValue(.bool(generator.once(in: 2)))
    case 2: return JSONValue(.integer(Int128(generator.next())))
    case 3: return JSONValue(.integer(Int128(Int64(truncatingIfNeeded: generator.next()))))
    case 4: return JSONValue(.string(text(&generator)))
    case 5, 6:
      return JSONValue(.array((0..<generator.pick(0...8)).map { _ in value(&generator, levels: levels - 1) }))
    default:
      return JSONValue(
        .object(
          (0..<generator.pick(0...20)).map {
            JSONMember("\($0)\(text(&generator))", value(&generator, levels: levels - 1))
          }))
    }
  }

  static func text(_ generator: inout SeededGenerator) -> String {
    let scalars: [Unicode.Scalar] = [
      "a", "b", "\"", "\\", "/", "\n", "\u{0}", "\u{1b}", "\u{7f}", "é", "\u{202e}", "\u{1f600}", "\u{feff}", " ",
    ]
    var text = ""
    for _ in 0..<generator.pick(0...(generator.once(in: 20) ? 150 : 8)) {
      text.unicodeScalars.append(scalars[generator.pick(0...(scalars.count - 1))])
    }
    return text
  }
}
