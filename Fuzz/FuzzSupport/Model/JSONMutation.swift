import DeviceModel
import StreamMutation

/// Changes a JSON value by its tree, so that what comes out is JSON, and mostly still a document.
struct JSONMutation {
  var root: JSONValue

  init(_ root: JSONValue) { self.root = root }

  mutating func mutate(_ chance: inout Chance) {
    switch chance.below(11) {
    case 10: dependOnParameter(&chance)
    case 0: editContainer(&chance) { value, chance in Self.removeOne(from: &value, &chance) }
    case 1: editContainer(&chance) { value, chance in Self.doubleOne(in: &value, &chance) }
    case 2: editContainer(&chance) { value, chance in Self.swapTwo(in: &value, &chance) }
    case 3: editContainer(&chance) { value, chance in Self.insertKey(into: &value, &chance) }
    case 4: borrow(from: root, &chance)
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

  /// Takes something over from a value that is this one, the other side, or another document.
  mutating func borrow(from donor: JSONValue, _ chance: inout Chance) {
    switch chance.below(4) {
    case 0: graft(from: donor, &chance)
    case 1: level(with: donor, &chance)
    case 2: editNamed(in: donor, &chance)
    default: copyMember(of: donor, &chance)
    }
  }

  /// Makes an integer the same as one of the donor's, or one step less or more: versions and limits meet there.
  private mutating func level(with donor: JSONValue, _ chance: inout Chance) {
    let numbers = Self.values(in: donor) { $0.kind == JSONValue.integerKind }
    let places = Self.places(in: root) { $0.kind == JSONValue.integerKind }
    guard !places.isEmpty, !numbers.isEmpty, case .integer(let number) = numbers[chance.below(numbers.count)].content else {
      return
    }
    let step: Int128 = chance.isOne(in: 2) ? 0 : chance.isOne(in: 2) ? 1 : -1
    var place = places[chance.below(places.count)]
    Self.edit(&root, &place) { $0.content = .integer(JSONWords.legal(number + step) ?? number) }
  }

  /// Makes an integer the value of a parameter times a number plus a number, as it may stand for many of them.
  private mutating func dependOnParameter(_ chance: inout Chance) {
    let names = root.members.first { $0.key == "params" }?.value.members.map(\.key) ?? []
    let places = Self.places(in: root) { $0.kind == JSONValue.integerKind }
    guard !places.isEmpty, !names.isEmpty else { return }
    var members = [JSONMember("param", JSONValue(.string(names[chance.below(names.count)])))]
    for key in ["times", "plus"] where chance.isOne(in: 2) {
      members.append(JSONMember(key, JSONValue(.integer(Int128(chance.below(4) - 1)))))
    }
    var place = places[chance.below(places.count)]
    Self.edit(&root, &place) { $0.content = .object(members) }
  }

  /// Gives another key to an object that has the name of one of the donor's: both sides speak of it.
  private mutating func editNamed(in donor: JSONValue, _ chance: inout Chance) {
    let names = Self.values(in: donor) { $0.name != nil }.compactMap(\.name)
    let places = Self.places(in: root) { $0.name.map { names.contains($0) } ?? false }
    guard !places.isEmpty else { return }
    var place = places[chance.below(places.count)]
    Self.edit(&root, &place) { Self.insertKey(into: &$0, &chance) }
  }

  /// Gives an object a member that one of the donor's has, which is alike: it has a key of it.
  private mutating func copyMember(of donor: JSONValue, _ chance: inout Chance) {
    let donors = Self.values(in: donor) { !$0.members.isEmpty }
    guard !donors.isEmpty else { return }
    let members = donors[chance.below(donors.count)].members
    let member = members[chance.below(members.count)]
    let keys = members.map(\.key)
    let places = Self.places(in: root) { $0.members.contains { keys.contains($0.key) } }
    guard !places.isEmpty else { return }
    var place = places[chance.below(places.count)]
    Self.edit(&root, &place) { object in
      var own = object.members
      own.removeAll { $0.key == member.key }
      object.content = .object(own + [member])
    }
  }

  // MARK: - Places

  private static func values(in value: JSONValue, where isWanted: (JSONValue) -> Bool) -> [JSONValue] {
    var found: [JSONValue] = []
    walk(value) { if isWanted($0) { found.append($0) } }
    return found
  }

  /// Numbers of values, in preorder.
  static func places(in value: JSONValue, where isWanted: (JSONValue) -> Bool) -> [Int] {
    var found: [Int] = []
    var number = 0
    walk(value) {
      if isWanted($0) { found.append(number) }
      number += 1
    }
    return found
  }

  private static func walk(_ value: JSONValue, _ body: (JSONValue) -> Void) {
    body(value)
    switch value.content {
    case .array(let elements): for element in elements { walk(element, body) }
    case .object(let members): for member in members { walk(member.value, body) }
    default: break
    }
  }

  /// Most values are leaves; what has parts is looked for.
  private mutating func editContainer(_ chance: inout Chance, _ body: (inout JSONValue, inout Chance) -> Void) {
    let places = Self.places(in: root) { $0.kind >= JSONValue.arrayKind }
    guard !places.isEmpty else { return edit(&chance, body) }
    var place = places[chance.below(places.count)]
    Self.edit(&root, &place) { body(&$0, &chance) }
  }

  private static func count(_ value: JSONValue) -> Int {
    switch value.content {
    case .array(let elements): elements.reduce(1) { $0 + count($1) }
    case .object(let members): members.reduce(1) { $0 + count($1.value) }
    default: 1
    }
  }

  /// Any value; or one of any key, so that a construct that stands once is changed as often as one that stands everywhere.
  private mutating func edit(_ chance: inout Chance, _ body: (inout JSONValue, inout Chance) -> Void) {
    var place = chance.isOne(in: 2) ? chance.below(Self.count(root)) : placeOfSomeKey(&chance)
    Self.edit(&root, &place) { body(&$0, &chance) }
  }

  private func placeOfSomeKey(_ chance: inout Chance) -> Int {
    var keys: [(key: String, places: [Int])] = []
    var number = 0
    func note(_ value: JSONValue, _ key: String) {
      if let known = keys.firstIndex(where: { $0.key == key }) {
        keys[known].places.append(number)
      } else {
        keys.append((key, [number]))
      }
      number += 1
      switch value.content {
      case .array(let elements): for element in elements { note(element, key) }
      case .object(let members): for member in members { note(member.value, member.key) }
      default: break
      }
    }
    note(root, "")
    let places = keys[chance.below(keys.count)].places
    return places[chance.below(places.count)]
  }

  /// Calls `body` with the value number `place`, in preorder.
  static func edit(_ value: inout JSONValue, _ place: inout Int, _ body: (inout JSONValue) -> Void) {
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
    let key = JSONWords.key(beside: members.map(\.key), &chance)
    // The same key twice is refused at once.
    if !chance.isOne(in: 8) { members.removeAll { $0.key == key } }
    members.append(JSONMember(key, JSONWords.leaf(for: key, &chance)))
    value.content = .object(members)
  }
}

extension JSONValue {
  fileprivate static let integerKind = 2
  /// Of arrays, and less than of objects.
  fileprivate static let arrayKind = 4

  fileprivate var kind: Int {
    switch content {
    case .null: 0
    case .bool: 1
    case .integer: Self.integerKind
    case .string: 3
    case .array: Self.arrayKind
    case .object: 5
    }
  }

  /// Of an object that has one.
  fileprivate var name: String? {
    guard case .string(let name)? = members.first(where: { $0.key == "name" })?.value.content else { return nil }
    return name
  }

  /// Of an object; of everything else none.
  fileprivate var members: [JSONMember] {
    if case .object(let members) = content { members } else { [] }
  }
}
