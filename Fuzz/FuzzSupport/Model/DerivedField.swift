import DeviceModel

/// A type of a field by its spelling: its number in a layout, and the octets of one element in the block.
///
/// Source: Specs/device-models.md section 5.4, Specs/20-layouts.md section 2.
struct DerivedType {
  /// By the letters of the spelling: the number, and the octets that one unit of its digits stands for (without digits:
  /// 0 and all octets).
  private static let known: [String: (code: UInt8, bits: UInt64, width: UInt64)] = [
    "u": (1, 8, 0), "i": (2, 8, 0), "f": (3, 8, 0), "bool": (4, 0, 1), "enum": (5, 8, 0), "flags": (6, 8, 0),
    "bitmap": (7, 8, 0), "vector": (8, 8, 0), "bytes": (9, 1, 0), "uuid": (10, 0, 16), "mac": (11, 0, 6),
    "pciAddress": (12, 0, 4), "guestAddress": (13, 8, 0), "size": (14, 8, 0), "count": (15, 8, 0),
    "index": (16, 8, 0), "duration": (17, 0, 8), "instant": (18, 0, 8), "padding": (19, 1, 0),
    "countedBytes": (32, 0, 4), "string": (33, 0, 4), "structure": (48, 0, 0), "list": (49, 0, 4),
    "union": (50, 0, 4), "optional": (51, 0, 4),
  ]

  let code: UInt8
  /// 0 of a structure: what its children take.
  let width: UInt64

  init(_ spelling: String) {
    let letters = spelling.prefix { !$0.isNumber }
    let type = Self.known[String(letters)] ?? (0, 0, 0)
    code = type.code
    width = type.bits == 0 ? type.width : (UInt64(spelling.dropFirst(letters.count)) ?? 0) / type.bits
  }

  var isStructure: Bool { code == 48 }
  var isList: Bool { code == 49 }
  var isUnion: Bool { code == 50 }
  var isGroup: Bool { isStructure || isUnion || code == 51 }
  /// `iN` and `duration`.
  var isSigned: Bool { code == 2 || code == 17 }
  var isInstantOrDuration: Bool { code == 17 || code == 18 }
  /// Unsigned, signed, enumerations, flags, and from guest addresses to instants.
  var isInteger: Bool { [1, 2, 5, 6].contains(code) || (13...18).contains(code) }
  var isIndex: Bool { code == 16 }
  var isEnumerationOrFlags: Bool { code == 5 || code == 6 }

  /// What a value, or a number of octets or elements, may be.
  var values: ClosedRange<Int128> {
    if code == 4 { return 0...1 }
    let span = Int128(1) << Int128(8 * min(width, 8))
    return isSigned ? -span / 2...span / 2 - 1 : 0...span - 1
  }
}

/// A field that exists, as the reader's layout has it.
struct DerivedField {
  enum Shape: UInt8 { case one, fixedArray, countedArray }

  let json: JSONValue
  let name: String
  let parent: Int?
  let type: DerivedType
  /// Its own, or that of what is around it.
  let fieldClass: String
  /// Whether it is read from old streams and no longer written.
  let hasGone: Bool
  /// Behind the last that lies in it.
  var end = 0
  var shape = Shape.one
  var count: UInt64 = 0
  var range: ClosedRange<Int128>?
  /// Exist, in ascending order of value.
  var symbols: [(value: UInt64, name: String, since: UInt32)] = []
  /// The entry that `ref` means.
  var reference: Int?

  var isRequired: Bool { json.text("mark") != "skippable" }
  var since: UInt32 { UInt32(json.whole("since") ?? 0) }
  var until: UInt32 { UInt32(json.whole("until") ?? 0) }
  /// Layouts that elements of a list may have.
  var elementNames: [String] { type.isList ? json.array("elements").compactMap(\.ownText) : [] }
  var defaultValue: Int128? {
    switch json["default"]?.content {
    case .bool(let truth)?: truth ? 1 : 0
    case .integer(let number)?: number
    default: nil
    }
  }

  init(_ json: JSONValue, in parent: Int?, class around: String, version: UInt32) {
    self.json = json
    self.parent = parent
    name = json.text("name") ?? ""
    type = DerivedType(json.text("type") ?? "")
    fieldClass = json.text("class") ?? around
    hasGone = json.whole("until").map { $0 < Int128(version) } ?? false
  }

  /// What follows from parameters.
  mutating func settle(_ settings: DerivationSettings) throws(DerivationRefusal) {
    if let number = json["count"] ?? json["max_count"] {
      shape = json["count"] == nil ? .countedArray : .fixedArray
      count = UInt64(try settings.number(number, in: 1...Int128(UInt32.max), "the number of elements of \(name)"))
    }
    let ends = json.array("range")
    if ends.count == 2 {
      let least = try settings.number(ends[0], in: type.values, "the lowest value of \(name)")
      let most = try settings.number(ends[1], in: type.values, "the highest value of \(name)")
      guard least <= most else { throw DerivationRefusal("the range of \(name) is \(least) to \(most)") }
      range = least...most
    }
    for symbol in json.members("symbols") where settings.enables(symbol.value) {
      let value = symbol.value.ownWhole ?? symbol.value.whole("value") ?? 0
      let since = UInt32(symbol.value.whole("since") ?? 0)
      symbols.append((UInt64(value), symbol.value.text("name") ?? symbol.key, since))
    }
    symbols.sort { $0.value < $1.value }
  }
}
