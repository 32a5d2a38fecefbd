import DeviceModel
import Testing

/// One thing of the sample document broken at a time: the fault has its pointer, its line, and says what was expected.
@Suite struct DocumentFaultTests {
  struct Broken: CustomTestStringConvertible, Sendable {
    let part: String
    let spoiled: String
    let pointer: String
    /// Part of the message.
    let message: String
    /// Stands in the line of the fault, in the spoiled text.
    let linePart: String

    /// `part` stands once in the sample, on one line, which is the fault's unless `line` stands in it.
    init(_ part: String, _ spoiled: String, _ pointer: String, _ message: String, line: String? = nil) {
      self.part = part
      self.spoiled = spoiled
      self.pointer = pointer
      self.message = message
      linePart = line ?? spoiled
    }

    var testDescription: String { "\(pointer): \(message)" }
  }

  @Test(arguments: [header, parameters, state, fields, values, paths, outside].flatMap { $0 })
  func refused(_ broken: Broken) throws {
    let parts = SampleDocument.text.split(separator: broken.part, omittingEmptySubsequences: false)
    try #require(parts.count == 2, "`\(broken.part)` stands \(parts.count - 1) times in the sample")
    let text = parts.joined(separator: broken.spoiled)
    let fault = try #require(documentFault(text))
    #expect(fault.pointer == broken.pointer, "\(fault.text)")
    #expect(fault.message.contains(broken.message), "\(fault.text)")
    #expect(fault.line == line(of: broken.linePart, in: text), "\(fault.text)")
  }

  static let header: [Broken] = [
    Broken("\"format_version\": 1", "\"format_version\": 2", "/format_version", "format 1, found 2"),
    Broken("\"format_version\": 1,", "", "", "`format_version` is missing", line: "{"),
    Broken("\"format_version\": 1", "\"format\": 1", "/format", "the key `format` is unknown here"),
    Broken("\"min_version\": 2", "\"min_versoin\": 2", "/min_versoin", "did you mean `min_version`?"),
    Broken("\"min_version\": 2", "\"min_version\": 4", "/min_version", "1 to 3, found 4"),
    Broken("\"min_version\": 2", "\"min_version\": \"2\"", "/min_version", "expected a version, found a string"),
    Broken("\"inPlace\"", "\"inplace\"", "/apply", "expected one of `staged`, `inPlace`, `external`, found `inplace`"),
    Broken("\"version\": 3", "\"version\": 0", "/version", "found 0"),
    Broken("\"A network card.\"", "\"A\\u001b[2J\"", "/description", "control character"),
    Broken("example.org/net/sample", "example/net/sample", "/model", "one label"),
    Broken("example.org/net/sample", "example.org", "/model", "no `/`"),
    Broken("example.org/net/sample", "https://example.org/net", "/model", "one label"),
    Broken("example.org/net/sample", "Example.org/net", "/model", "something other than"),
    Broken("example.org/net/sample", "example.org/Net", "/model", "its path has something other"),
    Broken("example.org/net/sample", "example.org/net/", "/model", "an empty step"),
    Broken("example.org/net/sample", "example.org//net", "/model", "an empty step"),
    Broken("example.org/net/sample", "example.org/net/..", "/model", "the step `.` or `..`"),
    Broken("example.org/net/sample", "-example.org/net", "/model", "begins or ends with `-`"),
    Broken("example.org/net/sample", "example..org/net", "/model", "an empty label"),
    Broken("example.org/net/sample", "ex\u{430}mple.org/net", "/model", "something other than"),
    Broken("example.org/net/sample", "example.org/a\\u0000b", "/model", "something other"),
    Broken("example.org/net/sample", "example.org/a\\nb", "/model", "something other"),
    Broken("example.org/net/sample", "", "/model", "0 octets"),
    Broken("example.org/net/sample", "a.b/" + String(repeating: "c", count: 252), "/model", "256 octets"),
  ]

  static let parameters: [Broken] = [
    Broken("[\"1-16\", 32]", "[\"5-1\", 32]", "/params/queues/allowed_values/0", "begins above its end"),
    Broken("[\"1-16\", 32]", "[\"1-\", 32]", "/params/queues/allowed_values/0", "expected a range"),
    Broken("[\"1-16\", 32]", "[\"-3--5\", 32]", "/params/queues/allowed_values/0", "begins above its end"),
    Broken("[\"1-16\", 32]", "[\"+1-16\", 32]", "/params/queues/allowed_values/0", "expected a range"),
    Broken("[\"1-16\", 32]", "[\"01-16\", 32]", "/params/queues/allowed_values/0", "expected a range"),
    Broken("[\"1-16\", 32]", "[\"0x1-16\", 32]", "/params/queues/allowed_values/0", "expected a range"),
    Broken("[\"1-16\", 32]", "[\"-0-16\", 32]", "/params/queues/allowed_values/0", "expected a range"),
    Broken("[\"1-16\", 32]", "[\"0-18446744073709551616\"]", "/params/queues/allowed_values/0", "64 bits with sign"),
    Broken("[\"1-16\", 32]", "[\"0-9223372036854775808\"]", "/params/queues/allowed_values/0", "64 bits with sign"),
    Broken("[\"1-16\", 32]", "[9223372036854775808]", "/params/queues/allowed_values/0", "9223372036854775807"),
    Broken("[\"1-16\", 32]", "[true]", "/params/queues/allowed_values/0", "expected an integer, found `true`"),
    Broken("[\"1-16\", 32]", "[]", "/params/queues/allowed_values", "found 0"),
    Broken("[\"1-16\", 32]", "[\"5-16\"]", "/params/queues/init_value", "4 is not among the allowed values"),
    Broken("[\"1-16\", 32]", "[\"2-16\"]", "/params/queues/off_value", "1 is not among the allowed values"),
    Broken("\"init_value\": 4", "\"init_value\": \"4\"", "/params/queues/init_value", "expected an integer, found a string"),
    Broken("\"init_value\": true", "\"init_value\": \"on\"", "/params/offload/init_value", "expected `true` or `false`"),
    Broken("\"init_value\": \"tap\"", "\"init_value\": \"t\\nap\"", "/params/backend/init_value", "control character"),
    Broken("\"type\": \"str\"", "\"type\": \"string\"", "/params/backend/type", "one of `bool`, `int`, `str`"),
    Broken("\"queues\": { \"type\"", "\"que ues\": { \"type\"", "/params/que ues", "white space"),
    Broken("\"queues\": { \"type\"", "\"que=ues\": { \"type\"", "/params/que=ues", "white space, `=` or `/`"),
    Broken("\"queues\": { \"type\"", "\"que/ues\": { \"type\"", "/params/que~1ues", "white space, `=` or `/`"),
    Broken("\"queues\": { \"type\"", "\"\": { \"type\"", "/params/", "0 octets"),
    Broken("\"affects\": [\"stream\"]", "\"affects\": []", "/params/offload/affects", "found 0"),
    Broken("\"affects\": [\"stream\"]", "\"affects\": [\"stream\", \"stream\"]", "/params/offload/affects/1", "second time"),
    Broken("\"param\": \"queues\", \"allowed", "\"param\": \"queus\", \"allowed", "/params/offload/requires/0/param", "did you mean `queues`?"),
    Broken("\"param\": \"queues\", \"allowed", "\"param\": \"offload\", \"allowed", "/params/offload/requires/0/param", "of itself"),
    Broken("\"values\": [true]", "\"values\": [1]", "/params/offload/requires/0/values/0", "expected `true` or `false`"),
    Broken("[\"2-32\"]", "[\"tap\"]", "/params/offload/requires/0/allowed_values/0", "expected a range"),
    Broken("{ \"backend\": \"tap\" }", "{ \"backend\": \"tun\" }", "/versions/1.0/params/backend", "not among"),
    Broken("{ \"backend\": \"tap\" }", "{ \"backend\": \"tap\", \"queues\": 1 }", "/versions/1.0/params/queues", "off value"),
    Broken("{ \"backend\": \"tap\" }", "{ \"queues\": 2 }", "/versions/1.0/params", "`backend` has no off value"),
    Broken("{ \"backend\": \"tap\" }", "{ \"backends\": \"tap\" }", "/versions/1.0/params/backends", "did you mean `backend`?"),
  ]

  static let state: [Broken] = [
    Broken("\"name\": \"queue\"", "\"name\": \"common\"", "/sections/1/name", "comes a second time"),
    Broken("\"name\": \"queue\"", "\"name\": \"slot_error\"", "/sections/1/name", "comes a second time"),
    Broken("\"name\": \"queue\"", "\"name\": \"item\"", "/layouts/item", "comes a second time", line: "\"item\": {"),
    Broken("\"name\": \"queue\"", "\"name\": \"\"", "/sections/1/name", "0 octets"),
    Broken("\"name\": \"queue\"", "\"name\": \"a\\u0007\"", "/sections/1/name", "a control character"),
    Broken("\"many\", \"max_count\": 16", "\"many\"", "/sections/1", "`max_count` is missing", line: "},\n        {"),
    Broken("\"cardinality\": \"many\"", "\"cardinality\": \"one\"", "/sections/1/max_count", "cardinality `many`"),
    Broken("\"many\", \"max_count\": 16", "\"many\", \"max_count\": 0", "/sections/1/max_count", "found 0"),
    Broken("\"key\": \"number\"", "\"key\": \"numbr\"", "/sections/1/key", "no field `numbr`"),
    Broken("{ \"name\": \"number\", \"type\": \"u16\" }", "{ \"name\": \"number\", \"type\": \"u128\" }", "/sections/1/key", "is no key", line: "\"key\": \"number\""),
    Broken("[\"common\"]", "[\"queue\"]", "/sections/1/after/0", "does not come earlier"),
    Broken("[\"common\"]", "[\"nothing\"]", "/sections/1/after/0", "no section `nothing`"),
    Broken("[\"common\"]", "[\"common\", \"common\"]", "/sections/1/after/1", "second time"),
    Broken("\"after\": [\"common\"], \"since\": 2", "\"since\": 4", "/sections/1/since", "1 to 3, found 4"),
    Broken("{ \"param\": \"backend\", \"value\": \"tap\" }", "{ \"param\": \"backend\", \"value\": 1 }", "/sections/1/enabled_by/1/value", "expected a string"),
    Broken("{ \"param\": \"backend\", \"value\": \"tap\" }", "{ \"param\": \"back\" }", "/sections/1/enabled_by/1/param", "no parameter `back`"),
    Broken("{ \"param\": \"backend\", \"value\": \"tap\" }", "{ \"param\": \"backend\", \"value\": \"tap\", \"values\": [\"tap\"] }", "/sections/1/enabled_by/1/value", "not both"),
    Broken("\"class\": \"internal\"", "\"class\": \"hidden\"", "/sections/1/class", "expected one of"),
    Broken("[{ \"name\": \"number\", \"type\": \"u16\" }]", "[]", "/sections/1/fields", "found 0"),
    Broken("\"mark\": \"skippable\"", "\"mark\": \"maybe\"", "/sections/0/subsections/0/mark", "`required`, `skippable`"),
    Broken("\"target\": \"slots\"", "\"target\": \"slot\"", "/sections/0/subsections/0/target", "leads to no field"),
    Broken("\"target\": \"slots\"", "\"target\": \"mode\"", "/sections/0/subsections/0/target", "expected a structure, list"),
    Broken("\"size\": { \"param\": \"queues\", \"times\": 65536 }", "\"size\": { \"param\": \"backend\" }", "/regions/0/size/param", "is a `str`"),
    Broken("\"size\": { \"param\": \"queues\", \"times\": 65536 }", "\"size\": 0", "/regions/0/size", "found 0"),
    Broken("\"page_size\": 4096", "\"page_size\": 4095", "/regions/0/page_size", "a power of two"),
    Broken("\"byte_string\": {", "\"byte_string\": { \"size\": 3,", "/byte_string/size", "unknown here"),
  ]

  static let fields: [Broken] = [
    Broken("\"name\": \"next_id\", \"type\": \"u32\"", "\"name\": \"next_id\", \"type\": \"u31\"", "/sections/0/fields/6/type", "did you mean `u32`?"),
    Broken("\"name\": \"next_id\"", "\"name\": \"mode\"", "/sections/0/fields/6/name", "the field `mode` comes a second time"),
    Broken("\"aliases\": [\"old_key\"]", "\"aliases\": [\"mode\"]", "/sections/0/fields/10/aliases/0", "`mode` comes a second time"),
    Broken("\"aliases\": [\"old_key\"]", "\"alias\": [\"old_key\"]", "/sections/0/fields/10/alias", "did you mean `aliases`?"),
    Broken("\"max_count\": { \"param\": \"queues\" }", "\"max_count\": 3, \"count\": 3", "/sections/0/fields/5/max_count", "not both"),
    Broken("\"elements\": [\"item\"], \"range\"", "\"elements\": [\"items\"], \"range\"", "/sections/0/fields/7/elements/0", "no layout `items`"),
    Broken("\"elements\": [\"item\"], \"range\"", "\"range\"", "/sections/0/fields/7", "`elements` is missing"),
    Broken("\"name\": \"link\", \"type\": \"u8\"", "\"name\": \"link\", \"type\": \"u8\", \"symbols\": {}", "/sections/0/fields/9/symbols", "belongs to enumerations and flags"),
    Broken("\"name\": \"link\", \"type\": \"u8\"", "\"name\": \"link\", \"type\": \"u8\", \"ref\": \"slots\"", "/sections/0/fields/9/ref", "belongs to `index` and `count`"),
    Broken("\"name\": \"link\", \"type\": \"u8\"", "\"name\": \"link\", \"type\": \"u8\", \"fields\": []", "/sections/0/fields/9/fields", "belongs to `structure`"),
    Broken("\"name\": \"link\", \"type\": \"u8\"", "\"name\": \"link\", \"type\": \"u8\", \"clock\": \"none\"", "/sections/0/fields/9/clock", "`instant`"),
    Broken("\"name\": \"link\", \"type\": \"u8\"", "\"name\": \"link\", \"type\": \"u8\", \"alignment\": 4", "/sections/0/fields/9/alignment", "`guestAddress`"),
    Broken("\"name\": \"link\", \"type\": \"u8\"", "\"name\": \"link\", \"type\": \"u8\", \"none\": 4", "/sections/0/fields/9/none", "no meaning without `in`"),
    Broken("\"secret\": true", "\"unit\": \"octets\"", "/sections/0/fields/10/unit", "belongs to numbers"),
    Broken("\"type\": \"padding4\"", "\"type\": \"padding4\", \"secret\": true", "/sections/0/fields/5/fields/2/secret", "padding has no value"),
    Broken("\"until\": 2", "\"until\": 2, \"since\": 3", "/sections/0/fields/10/until", "below `since` 3"),
    Broken("\"until\": 2", "\"until\": 4", "/sections/0/fields/10/until", "1 to 3, found 4"),
    Broken("\"monotonic\", \"since\": 2", "\"monotonic\", \"since\": 4", "/sections/0/fields/11/since", "1 to 3, found 4"),
    Broken("\"class\": \"external-configured\", \"verify\": \"superset\"", "\"verify\": \"superset\"", "/sections/0/fields/1/verify", "found `guest-visible`"),
    Broken("\"class\": \"external-configured\", \"verify\": \"superset\"", "\"class\": \"external-configured\"", "/sections/0/fields/1/class", "has `verify`"),
    Broken("\"verify\": \"superset\"", "\"verify\": \"at-most\"", "/sections/0/fields/1/verify", "does not fit `flags64`"),
    Broken("\"class\": \"external-migrated\" }", "\"class\": \"external-hidden\" }", "/sections/0/fields/9/class", "expected one of"),
  ]

  static let values: [Broken] = [
    Broken("\"default\": false", "\"default\": 0", "/sections/0/fields/0/default", "expected `true` or `false`, found the integer 0"),
    Broken("\"default\": 1,", "\"default\": 2,", "/sections/0/fields/2/default", "has no symbol"),
    Broken("\"default\": 1,", "\"default\": 256,", "/sections/0/fields/2/default", "0 to 255, found 256"),
    Broken("\"default\": 10 }", "\"default\": 9 }", "/sections/0/fields/3/default", "below the range"),
    Broken("\"default\": -1", "\"default\": -32769", "/sections/0/fields/8/fields/1/fields/0/default", "-32768 to 32767"),
    Broken("\"alignment\": 4096", "\"alignment\": 3", "/sections/0/fields/4/fields/0/alignment", "a power of two"),
    Broken("\"alignment\": 4096", "\"alignment\": 4096, \"default\": 1", "/sections/0/fields/4/fields/0/default", "no multiple"),
    Broken("\"range\": [0, 100]", "\"range\": [100, 0]", "/sections/0/fields/7/range", "begins above its end"),
    Broken("\"range\": [0, 100]", "\"range\": [0]", "/sections/0/fields/7/range", "two numbers, found 1"),
    Broken("\"range\": [0, 100]", "\"range\": [0, 4294967296]", "/sections/0/fields/7/range/1", "4294967295"),
    Broken("\"radix\": 16", "\"radix\": 3", "/sections/0/fields/2/radix", "2, 8, 10 or 16, found 3"),
    Broken("{ \"off\": 0, \"on\": 1 }", "{ \"off\": 1, \"on\": 1 }", "/sections/0/fields/2/symbols/on", "has a symbol already"),
    Broken("{ \"off\": 0, \"on\": 1 }", "{ \"off\": 0, \"on\": 256 }", "/sections/0/fields/2/symbols/on", "found 256"),
    Broken("{ \"off\": 0, \"on\": 1 }", "{}", "/sections/0/fields/2/symbols", "found none"),
    Broken("\"symbols\": { \"off\": 0, \"on\": 1 }, \"default\": 1, ", "", "/sections/0/fields/2", "without either it has no legal value", line: "\"mode\""),
    Broken("\"csum\": 1", "\"csum\": 0", "/sections/0/fields/1/symbols/csum", "one bit or more"),
    Broken("\"value\": 2, \"since\": 2", "\"value\": 2, \"since\": 5", "/sections/0/fields/1/symbols/tso/since", "found 5"),
  ]

  static let paths: [Broken] = [
    Broken("\"index16\", \"ref\": \"slots\"", "\"index16\", \"ref\": \"slot\"", "/sections/0/fields/4/fields/1/ref", "leads to no field"),
    Broken("\"index16\", \"ref\": \"slots\"", "\"index16\", \"ref\": \"base\"", "/sections/0/fields/4/fields/1/ref", "neither an array nor a list"),
    Broken("\"in\": \"id\", \"none\": 4294967295", "\"in\": \"id\", \"none\": 4294967296", "/sections/0/fields/5/fields/1/none", "4294967295"),
    Broken("\"in\": \"id\", \"none\"", "\"in\": \"idx\", \"none\"", "/sections/0/fields/5/fields/1/in", "leads to no field"),
    Broken("\"in\": \"id\", \"none\"", "\"in\": \"parent\", \"none\"", "/sections/0/fields/5/fields/1/in", "is no key"),
    Broken("\"in\": \"id\", \"none\"", "\"in\": \"items/id\", \"none\"", "/sections/0/fields/5/fields/1/acyclic", "in the same elements"),
    Broken("\"above\": \"slots/id\"", "\"above\": \"slots/parent\"", "/sections/0/fields/6/above", "is no key"),
    Broken("\"above\": \"slots/id\"", "\"in\": \"slots/id\", \"acyclic\": true", "/sections/0/fields/6/acyclic", "in the same elements"),
    Broken("\"equals\": 1 }]", "\"equals\": 2 }]", "/sections/0/rules/0/when/0/equals", "0 to 1, found 2"),
    Broken("\"equals\": 1 }]", "\"any_bits\": 1 }]", "/sections/0/rules/0/when/0/any_bits", "without sign, found `bool`"),
    Broken("\"equals\": 1 }]", "\"equals\": 1, \"at_most\": 1 }]", "/sections/0/rules/0/when/0", "exactly one of"),
    Broken("\"equals\": 1 }]", "\"equal\": 1 }]", "/sections/0/rules/0/when/0/equal", "did you mean `equals`?"),
    Broken("\"ring/base\"", "\"ring/bas\"", "/sections/0/rules/0/then/0/field", "leads to no field"),
    Broken("\"ring/base\"", "\"slots/id\"", "/sections/0/rules/0/then/0/field", "leads to no field"),
    Broken("\"ring/base\"", "\"slots\"", "/sections/0/rules/0/then/0/field", "is not compared"),
    Broken("\"any_bits\": 3", "\"any_bits\": 0", "/sections/0/fields/5/rules/0/then/1/any_bits", "one bit or more"),
    Broken("\"field\": \"id\", \"at_most\"", "\"field\": \"code\", \"at_most\"", "/sections/0/subsections/0/when/0/field", "leads to no field"),
    Broken("[{ \"field\": \"running\", \"equals\": 1 }]", "[]", "/sections/0/rules/0/when", "found 0"),
  ]

  static let outside: [Broken] = [
    Broken("\"common/link\"", "\"common/mode\"", "/externals/0/field", "has the class `guest-visible`"),
    Broken("\"common/link\"", "\"common/nothing\"", "/externals/0/field", "leads to no field"),
    Broken("\"common/link\"", "\"commons/link\"", "/externals/0/field", "expected `SECTION/FIELD`"),
    Broken(", \"field\": \"common/link\"", "", "/externals/0", "`field` is missing", line: "carrier"),
    Broken("\"on_arrival\": \"hide\"", "\"on_arrival\": \"notify\"", "/externals/2/on_arrival", "expected one of `hide`"),
    Broken("\"on_arrival\": \"hide\"", "\"on_arrival\": \"hide\", \"param\": \"queues\"", "/externals/2/param", "belongs to the class"),
    Broken("\"param\": \"backend\" },", "\"param\": \"front\" },", "/externals/1/param", "no parameter `front`"),
    Broken("\"name\": \"port\"", "\"name\": \"carrier\"", "/externals/2/name", "second time"),
    Broken("\"version\": 1, \"description\"", "\"version\": 2, \"description\"", "/history/1/version", "expected the definition 1, found 2"),
    Broken("{ \"version\": 1, \"description\": \"First.\", \"undo\": [] }", "{ \"version\": 1, \"description\": \"First.\", \"undo\": [] }, { \"version\": 1, \"description\": \"\", \"undo\": [] }", "/history/2/version", "no older one"),
    Broken("\"remove\", \"path\": \"/sections/common/fields/mode\"", "\"move\", \"path\": \"/a\"", "/history/0/undo/0/op", "one of `remove`, `replace`, `add`"),
    Broken("\"remove\", \"path\": \"/sections/common/fields/mode\"", "\"remove\", \"path\": \"sections\"", "/history/0/undo/0/path", "a JSON pointer"),
    Broken("\"remove\", \"path\": \"/sections/common/fields/mode\"", "\"remove\", \"path\": \"/a~2\"", "/history/0/undo/0/path", "a JSON pointer"),
    Broken("\"remove\", \"path\": \"/sections/common/fields/mode\"", "\"remove\", \"path\": \"/model\"", "/history/0/undo/0/path", "not changed by operations"),
    Broken("\"remove\", \"path\": \"/sections/common/fields/mode\"", "\"remove\", \"path\": \"/a\", \"value\": 1", "/history/0/undo/0/value", "takes no value"),
    Broken("\"unit\", \"value\": \"octets\" }", "\"unit\" }", "/history/0/undo/1", "`value` is missing"),
    Broken("\"unit\", \"value\": \"octets\" }", "\"unit\", \"value\": \"octets\", \"before\": \"x\" }", "/history/0/undo/1/before", "belongs to `add`"),
  ]
}
