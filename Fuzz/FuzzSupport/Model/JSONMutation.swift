import DeviceModel
import StreamMutation

/// Changes a JSON value by its tree, so that what comes out is JSON, and mostly still a document.
struct JSONMutation {
  private(set) var root: JSONValue

  init(_ root: JSONValue) { self.root = root }

  mutating func mutate(_ chance: inout Chance) {
    switch chance.below(10) {
    case 0: edit(&chance) { value, chance in Self.removeOne(from: &value, &chance) }
    case 1: edit(&chance) { value, chance in Self.doubleOne(in: &value, &chance) }
    case 2: edit(&chance) { value, chance in Self.swapTwo(in: &value, &chance) }
    case 3: edit(&chance) { value, chance in Self.insertKey(into: &value, &chance) }
    case 4:
      let donor = root
      graft(from: donor, &chance)
    case 5: rename(&chance)
    default: edit(&chance) { value, chance in Self.changeLeaf(&value, &chance) }
    }
  }

  /// Puts a part of another value in the place of one of the same kind.
  mutating func graft(from donor: JSONValue, _ chance: inout Chance) {
    var picked: JSONValue?
    var place = chance.below(Self.count(donor))
    Self.visit(donor, &place) { picked = $0 }
    guard let picked else { return }
    for _ in 0..<8 {
      var place = chance.below(Self.count(root))
      var isDone = false
      Self.edit(&root, &place) { value in
        guard value.kind == picked.kind else { return }
        value = picked
        isDone = true
      }
      if isDone { return }
    }
  }

  // MARK: - Places

  private static func count(_ value: JSONValue) -> Int {
    switch value.content {
    case .array(let elements): elements.reduce(1) { $0 + count($1) }
    case .object(let members): members.reduce(1) { $0 + count($1.value) }
    default: 1
    }
  }

  private mutating func edit(_ chance: inout Chance, _ body: (inout JSONValue, inout Chance) -> Void) {
    var place = chance.below(Self.count(root))
    Self.edit(&root, &place) { body(&$0, &chance) }
  }

  /// Calls `body` with the value number `place`, in preorder.
  private static func edit(_ value: inout JSONValue, _ place: inout Int, _ body: (inout JSONValue) -> Void) {
    if place == 0 { body(&value) }
    place -= 1
    guard place >= 0 else { return }
    switch value.content {
    case .array(var elements):
      for index in elements.indices where place >= 0 { edit(&elements[index], &place, body) }
      value.content = .array(elements)
    case .object(var members):
      for index in members.indices where place >= 0 { edit(&members[index].value, &place, body) }
      value.content = .object(members)
    default: break
    }
  }

  private static func visit(_ value: JSONValue, _ place: inout Int, _ body: (JSONValue) -> Void) {
    if place == 0 { body(value) }
    place -= 1
    guard place >= 0 else { return }
    switch value.content {
    case .array(let elements): for element in elements where place >= 0 { visit(element, &place, body) }
    case .object(let members): for member in members where place >= 0 { visit(member.value, &place, body) }
    default: break
    }
  }

  // MARK: - Containers

  private static func removeOne(from value: inout JSONValue, _ chance: inout Chance) {
    switch value.content {
    case .array(var elements) where !elements.isEmpty:
      elements.remove(at: chance.below(elements.count))
      value.content = .array(elements)
    case .object(var members) where !members.isEmpty:
      members.remove(at: chance.below(members.count))
      value.content = .object(members)
    default: changeLeaf(&value, &chance)
    }
  }

  private static func doubleOne(in value: inout JSONValue, _ chance: inout Chance) {
    switch value.content {
    case .array(var elements) where !elements.isEmpty && elements.count < 64:
      elements.insert(elements[chance.below(elements.count)], at: chance.below(elements.count + 1))
      value.content = .array(elements)
    case .object(var members) where !members.isEmpty && members.count < 64:
      var member = members[chance.below(members.count)]
      // Mostly under a name of its own: the same key twice is refused at once.
      if !chance.isOne(in: 8) { member.key += "2" }
      members.append(member)
      value.content = .object(members)
    default: changeLeaf(&value, &chance)
    }
  }

  private static func swapTwo(in value: inout JSONValue, _ chance: inout Chance) {
    switch value.content {
    case .array(var elements) where elements.count > 1:
      elements.swapAt(chance.below(elements.count), chance.below(elements.count))
      value.content = .array(elements)
    case .object(var members) where members.count > 1:
      let (first, second) = (chance.below(members.count), chance.below(members.count))
      (members[first].value, members[second].value) = (members[second].value, members[first].value)
      value.content = .object(members)
    default: changeLeaf(&value, &chance)
    }
  }

  private static func insertKey(into value: inout JSONValue, _ chance: inout Chance) {
    guard case .object(var members) = value.content, members.count < 64 else { return changeLeaf(&value, &chance) }
    let keys = DocumentKeys.all
    members.append(JSONMember(keys[chance.below(keys.count)], JSONWords.leaf(&chance)))
    value.content = .object(members)
  }

  // MARK: - Leaves

  private static func changeLeaf(_ value: inout JSONValue, _ chance: inout Chance) {
    switch value.content {
    case .bool(let truth): value.content = .bool(!truth)
    case .integer(let number): value.content = .integer(JSONWords.number(near: number, &chance))
    case .string(let text): value.content = .string(JSONWords.text(near: text, &chance))
    case .null: value = JSONWords.leaf(&chance)
    case .array, .object: if chance.isOne(in: 8) { value = JSONWords.leaf(&chance) }
    }
  }

  /// Gives a name another spelling wherever it stands, or in one place less.
  private mutating func rename(_ chance: inout Chance) {
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

extension JSONValue {
  fileprivate var kind: Int {
    switch content {
    case .null: 0
    case .bool: 1
    case .integer: 2
    case .string: 3
    case .array: 4
    case .object: 5
    }
  }
}
