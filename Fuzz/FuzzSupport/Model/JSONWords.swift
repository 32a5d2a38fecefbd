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

  /// Keys of documents, and those that only information documents have.
  private static let keys =
    DocumentKeys.all + ["host", "models", "devices", "stream", "has_defaults", "path", "version_name"]
  /// What an object may have beside a key that it has.
  private static let companions: [(beside: String, keys: [String])] = [
    ("path", ["model", "mark", "params", "version_name", "version", "min_version", "sections", "subsections"]),
    ("init_value", ["off_value", "allowed_values", "affects", "requires"]),
    ("type", ["count", "max_count", "class", "verify", "mark", "since", "until", "default", "range", "enabled_by"]),
    ("name", ["since", "mark", "enabled_by", "cardinality", "has_defaults", "version", "min_version"]),
    ("sections", ["version", "min_version", "subsections"]),
  ]
  /// Words that a key takes.
  private static let choices: [(key: String, words: [String])] = [
    ("mark", ["required", "skippable"]), ("cardinality", ["one", "optional", "many"]),
    ("verify", ["equal", "superset", "at-most"]), ("apply", ["staged", "inPlace", "external"]),
    ("clock", ["none", "virtual", "monotonic", "realtime"]), ("on_arrival", ["notify", "refuse", "hide"]),
    ("class", ["guest-visible", "internal", "external-migrated", "external-configured"]),
  ]

  static func key(beside present: [String], _ chance: inout Chance) -> String {
    let near = companions.first { present.contains($0.beside) }?.keys ?? keys
    let some = chance.isOne(in: 4) ? keys : near
    return some[chance.below(some.count)]
  }

  static func leaf(for key: String, _ chance: inout Chance) -> JSONValue {
    if chance.isOne(in: 4) { return leaf(&chance) }
    if let words = choices.first(where: { $0.key == key })?.words {
      return JSONValue(.string(words[chance.below(words.count)]))
    }
    switch key {
    case "has_defaults", "open", "secret", "shared", "read_only", "opaque": return JSONValue(.bool(chance.isOne(in: 2)))
    case "version", "min_version", "since", "until": return JSONValue(.integer(Int128(1 + chance.below(4))))
    case "affects": return JSONValue(.array([JSONValue(.string(chance.isOne(in: 2) ? "stream" : "interface"))]))
    default: return leaf(&chance)
    }
  }

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
    return legal(changed) ?? number
  }

  /// nil: not what a document can say.
  static func legal(_ number: Int128) -> Int128? { number < -(1 << 63) || number >= 1 << 64 ? nil : number }

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
