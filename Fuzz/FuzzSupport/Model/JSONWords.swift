import DeviceModel
import StreamMutation

/// Leaves that device model documents give a meaning to.
enum JSONWords {
  private static let texts = [
    "", "u8", "u16", "u32", "u64", "i8", "i64", "f64", "bool", "enum8", "flags32", "bytes16", "countedBytes", "string",
    "uuid", "index16", "count16", "size64", "guestAddress64", "structure", "list", "union", "optional", "padding4",
    "instant", "duration", "required", "skippable", "one", "zeroOrOne", "many", "staged", "inPlace", "external", "virtual",
    "int", "str", "stream", "interface", "equal", "superset", "external-configured", "external-hidden", "internal",
    "guest-visible", "notify", "refuse", "hide", "add", "remove", "replace", "/sections/0/fields/0", "1-16", "0-0",
    "18446744073709551615", "-9223372036854775808--1", "a/b", "../a", "é", "e\u{301}", "\u{0}", "\u{202e}", "\u{1f600}",
  ]
  private static let numbers: [Int128] = [
    0, 1, 2, 3, 4, 7, 8, 9, 16, 63, 64, 65, 255, 256, 1_024, 4_096, 65_535, 65_536, 1 << 31, (1 << 32) - 1, 1 << 32, 1 << 63,
    (1 << 64) - 1, -1, -(1 << 63), (1 << 63) - 1,
  ]

  static func leaf(_ chance: inout Chance) -> JSONValue {
    switch chance.below(6) {
    case 0: JSONValue(.bool(chance.isOne(in: 2)))
    case 1: JSONValue(.array([]))
    case 2: JSONValue(.object([]))
    case 3: JSONValue(.string(texts[chance.below(texts.count)]))
    default: JSONValue(.integer(numbers[chance.below(numbers.count)]))
    }
  }

  static func number(near number: Int128, _ chance: inout Chance) -> Int128 {
    let changed: Int128 =
      switch chance.below(6) {
      case 0: number + 1
      case 1: number - 1
      case 2: number * 2
      case 3: -number
      default: numbers[chance.below(numbers.count)]
      }
    // What a document can say.
    return changed < -(1 << 63) || changed >= 1 << 64 ? number : changed
  }

  static func text(near text: String, _ chance: inout Chance) -> String {
    switch chance.below(5) {
    case 0: return text + "x"
    case 1: return String(String.UnicodeScalarView(text.unicodeScalars.dropLast()))
    case 2: return String(String.UnicodeScalarView(text.unicodeScalars.reversed()))
    case 3:
      // `u32` becomes `u43`: widths, versions and ranges are spelled in texts.
      return String(decoding: text.utf8.map { (0x30..<0x39).contains($0) ? $0 + 1 : $0 }, as: UTF8.self)
    default: return texts[chance.below(texts.count)]
    }
  }
}
