import DeviceModel
import StreamMutation

/// What of a document is there since when, until when, by which parameters, and for whom: what derivation depends on.
extension JSONMutation {
  /// Gives some sections, subsections, fields and groups another age, mark or condition, such as a document may have.
  mutating func age(_ chance: inout Chance) {
    guard case .object(var members) = root.content,
      let place = members.firstIndex(where: { $0.key == "version" }),
      case .integer(var version) = members[place].value.content, (1..<(1 << 20)).contains(version)
    else { return }
    // The history of a document counts down from its version.
    if !members.contains(where: { $0.key == "history" }) || chance.isOne(in: 2) {
      members.removeAll { $0.key == "history" }
      version += Int128(chance.below(3))
    }
    for index in members.indices where members[index].key == "version" {
      members[index].value.content = .integer(version)
    }
    root.content = .object(members)
    let names = Self.names(of: root["params"])
    let all = Self.places(in: root) { $0["name"] != nil && ($0["type"] != nil || $0["fields"] != nil) }
    // Groups and lists are few, and much depends on them.
    let around = Self.places(in: root) { $0["name"] != nil && ($0["fields"] != nil || $0["elements"] != nil) }
    guard !all.isEmpty, !around.isEmpty else { return }
    for _ in 0...chance.below(8) {
      let places = chance.isOne(in: 2) ? all : around
      var place = places[chance.below(places.count)]
      Self.edit(&root, &place) { Self.age(&$0, version, names, &chance) }
    }
  }

  private static func age(_ piece: inout JSONValue, _ version: Int128, _ names: [String], _ chance: inout Chance) {
    guard case .object(var members) = piece.content else { return }
    func set(_ key: String, _ content: JSONValue.Content?) {
      members.removeAll { $0.key == key }
      if let content { members.append(JSONMember(key, JSONValue(content))) }
    }
    let definition = 1 + Int128(chance.below(Int(version)))
    switch chance.below(5) {
    case 0: set("mark", chance.isOne(in: 4) ? nil : .string("skippable"))
    case 1 where piece["type"] != nil:
      set("since", nil)
      set("until", .integer(definition))
    case 2 where !names.isEmpty:
      let term = JSONMember("param", JSONValue(.string(names[chance.below(names.count)])))
      set("enabled_by", chance.isOne(in: 4) ? nil : .object([term]))
    default:
      set("until", nil)
      set("since", .integer(definition))
    }
    piece.content = .object(members)
  }

  private static func names(of parameters: JSONValue?) -> [String] {
    if case .object(let members)? = parameters?.content { members.map(\.key) } else { [] }
  }
}
