import DeviceModel
import StreamMutation

/// Leaves and names.
extension JSONMutation {
  static func changeLeaf(_ value: inout JSONValue, _ chance: inout Chance) {
    switch value.content {
    case .bool(let truth): value.content = .bool(!truth)
    case .integer(let number): value.content = .integer(JSONWords.number(near: number, &chance))
    case .string(let text): value.content = .string(JSONWords.text(near: text, &chance))
    case .null: value = JSONWords.leaf(&chance)
    case .array, .object: if chance.isOne(in: 8) { value = JSONWords.leaf(&chance) }
    }
  }

  /// Gives a name another spelling wherever it stands, or in one place less.
  mutating func rename(_ chance: inout Chance) {
    var names: [String] = []
    Self.forEachName(root) { names.append($0) }
    guard !names.isEmpty else { return }
    let old = names[chance.below(names.count)]
    let new = chance.isOne(in: 2) ? names[chance.below(names.count)] : JSONWords.text(near: old, &chance)
    Self.rename(&root, from: old, to: new)
  }

  private static func forEachName(_ value: JSONValue, _ body: (String) -> Void) {
    switch value.content {
    case .string(let text): body(text)
    case .array(let elements): for element in elements { forEachName(element, body) }
    case .object(let members):
      for member in members {
        body(member.key)
        forEachName(member.value, body)
      }
    default: break
    }
  }

  private static func rename(_ value: inout JSONValue, from old: String, to new: String) {
    switch value.content {
    case .string(let text): if text == old { value.content = .string(new) }
    case .array(var elements):
      for index in elements.indices { rename(&elements[index], from: old, to: new) }
      value.content = .array(elements)
    case .object(var members):
      for index in members.indices {
        if members[index].key == old { members[index].key = new }
        rename(&members[index].value, from: old, to: new)
      }
      value.content = .object(members)
    default: break
    }
  }
}
