import DeviceModel
import MigrationStream
import Testing

/// Parameter sets: complete ones from listed values, aliases, initial values and texts; and everything that is none.
@Suite struct ParameterSetTests {
  private static func model() throws -> ModelDocument {
    try document(
      """
      {
        "format_version": 1, "model": "example.org/a", "version": 1,
        "params": {
          "rx-filter-size": { "type": "int", "init_value": 0, "off_value": 0, "allowed_values": [0, 32, "64-127", 128] },
          "queues": { "type": "int", "init_value": 4, "off_value": 1, "allowed_values": ["1-16"] },
          "turbo": {
            "type": "bool", "init_value": false, "off_value": false,
            "requires": [{ "param": "queues", "allowed_values": ["2-16"] }]
          },
          "backend": { "type": "str", "init_value": "tap" },
          "shift": {
            "type": "int", "init_value": 0, "off_value": 0,
            "requires": [{ "values": ["-3--1"], "param": "turbo", "allowed_values": [false] }]
          }
        },
        "versions": {
          "2.0": { "params": { "rx-filter-size": 32, "queues": 4, "backend": "tap" } }
        },
        "sections": [{ "name": "one", "fields": [{ "name": "x", "type": "u8" }] }]
      }
      """)
  }

  private static func spelled(_ set: ParameterSet) -> (listed: String, complete: String) {
    func text(_ settings: [ParameterSetting]) -> String {
      settings.map { "\($0.name)=\($0.value.text)" }.joined(separator: " ")
    }
    return (text(set.listed), text(set.complete))
  }

  /// One configuration has one list: octet order of names, off values left out.
  @Test func listed() throws {
    let model = try Self.model()
    let set = try ParameterSet(
      listed: [
        ParameterSetting("turbo", .bool(true)), ParameterSetting("queues", .int(2)), ParameterSetting("backend", .str("é")),
      ], of: model)
    let spelled = Self.spelled(set)
    #expect(spelled.listed == "backend=é queues=2 turbo=on")
    #expect(spelled.complete == "rx-filter-size=0 queues=2 turbo=on backend=é shift=0")
    #expect(set.value(of: "queues") == .int(2))
    #expect(set.value(of: "rx-filter-size") == .int(0))
    #expect(set.value(of: "unknown") == nil)
    #expect(try ParameterSet(listed: set.listed, of: model) == set)
  }

  @Test func initialAliasAndChanges() throws {
    let model = try Self.model()
    #expect(Self.spelled(try ParameterSet(initialOf: model)).listed == "backend=tap queues=4")
    let changes = try ParameterSet.settings(["queues=1", "shift=-9", "backend=a=b"], of: model)
    #expect(Self.spelled(try ParameterSet(initialOf: model, but: changes)).listed == "backend=a=b shift=-9")
    #expect(Self.spelled(try ParameterSet(alias: "2.0", of: model)).listed == "backend=tap queues=4 rx-filter-size=32")
    let less = try ParameterSet(alias: "2.0", of: model, but: [ParameterSetting("rx-filter-size", .int(0))])
    #expect(Self.spelled(less).listed == "backend=tap queues=4")
  }

  /// M69, M70, M73.
  @Test(arguments: [
    ([("unknown", ParameterValue.int(1))], ParameterFault.Reason.unknownParameter, "unknown"),
    ([("backend", .str("tap")), ("backend", .str("tap"))], .duplicate, "backend"),
    ([("backend", .int(1))], .wrongType, "backend"),
    ([("backend", .str("tap")), ("turbo", .int(1))], .wrongType, "turbo"),
    ([("backend", .str("a\nb"))], .badSpelling, "backend"),
    ([("backend", .str(String(repeating: "x", count: 1025)))], .badSpelling, "backend"),
    ([("backend", .str("tap")), ("rx-filter-size", .int(31))], .notAllowed, "rx-filter-size"),
    ([("backend", .str("tap")), ("rx-filter-size", .int(33))], .notAllowed, "rx-filter-size"),
    ([("backend", .str("tap")), ("rx-filter-size", .int(63))], .notAllowed, "rx-filter-size"),
    ([("backend", .str("tap")), ("rx-filter-size", .int(129))], .notAllowed, "rx-filter-size"),
    ([("backend", .str("tap")), ("queues", .int(17))], .notAllowed, "queues"),
    ([("backend", .str("tap")), ("queues", .int(0))], .notAllowed, "queues"),
    ([("backend", .str("tap")), ("queues", .int(1))], .offValueListed, "queues"),
    ([("backend", .str("tap")), ("turbo", .bool(false))], .offValueListed, "turbo"),
    ([("queues", .int(2))], .notListed, "backend"),
    ([], .notListed, "backend"),
    ([("backend", .str("tap")), ("turbo", .bool(true))], .requirement, "queues"),
    (
      [("backend", .str("tap")), ("queues", .int(2)), ("turbo", .bool(true)), ("shift", .int(-1))], .requirement, "turbo"
    ),
  ])
  func refused(_ listed: [(String, ParameterValue)], _ reason: ParameterFault.Reason, _ name: String) throws {
    let model = try Self.model()
    let settings = listed.map { ParameterSetting($0.0, $0.1) }
    let fault = try #require(throws: ParameterFault.self) { try ParameterSet(listed: settings, of: model) }
    #expect(fault.reason == reason && fault.parameter == name, "\(fault)")
    #expect(fault.message.contains(name))
  }

  /// Allowed values by one: the ends of ranges are in them.
  @Test(arguments: [32, 64, 127, 128, -3] as [Int64])
  func ends(_ value: Int64) throws {
    let model = try Self.model()
    let name = value < 0 ? "shift" : "rx-filter-size"
    let set = try ParameterSet(
      listed: [ParameterSetting("backend", .str("")), ParameterSetting(name, .int(value))], of: model)
    #expect(set.value(of: name) == .int(value))
  }

  @Test func allowedIsSaid() throws {
    let model = try Self.model()
    let fault = try #require(throws: ParameterFault.self) {
      try ParameterSet(initialOf: model, but: [ParameterSetting("rx-filter-size", .int(129))])
    }
    #expect(fault.allowed == "0, 32, 64-127, 128" && fault.value == "129")
  }

  /// M71.
  @Test(arguments: [
    "queues=+1", "queues=01", "queues=0x10", "queues=-0", "queues=9223372036854775808", "queues= 1", "queues=", "queues",
    "turbo=true", "turbo=ON", "turbo=1", "=1", "", "backend=a\u{7}b", "queues=\u{0661}",
  ])
  func badTexts(_ text: String) throws {
    let model = try Self.model()
    let fault = try #require(throws: ParameterFault.self) { try ParameterSet.settings([text], of: model) }
    #expect(fault.reason == .badSpelling)
  }

  @Test func unknownNames() throws {
    let model = try Self.model()
    let name = try #require(throws: ParameterFault.self) { try ParameterSet.settings(["unknown=1"], of: model) }
    #expect(name.reason == .unknownParameter && name.allowed.contains("queues"))
    let alias = try #require(throws: ParameterFault.self) { try ParameterSet(alias: "1.0", of: model) }
    #expect(alias.reason == .unknownAlias && alias.allowed == "2.0, broken")
    let broken = try #require(throws: ParameterFault.self) { try ParameterSet(alias: "broken", of: model) }
    #expect(broken.reason == .notAllowed)
  }
}
