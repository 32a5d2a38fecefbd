/// An object in the making: members in the order in which they are added, those without a value left out.
struct JSONObject {
  private(set) var members: [JSONMember] = []

  var value: JSONValue { JSONValue(.object(members)) }

  mutating func add(_ key: String, _ value: JSONValue?) {
    if let value { members.append(JSONMember(key, value)) }
  }

  mutating func add(_ key: String, _ text: String?) { add(key, text.map { JSONValue(.string($0)) }) }

  mutating func add(_ key: String, _ number: (some BinaryInteger)?) {
    add(key, number.map { JSONValue(.integer(Int128($0))) })
  }

  /// Left out when it is empty.
  mutating func add(text: String, _ key: String) { add(key, text.isEmpty ? nil : text) }

  /// Left out when it is false.
  mutating func add(flag: Bool, _ key: String) { add(key, flag ? JSONValue(.bool(true)) : nil) }

  /// Left out when it is empty.
  mutating func add(list: [JSONValue], _ key: String) { add(key, list.isEmpty ? nil : JSONValue(.array(list))) }

  /// Left out when it has no members.
  mutating func add(object: JSONObject, _ key: String) { add(key, object.members.isEmpty ? nil : object.value) }

  /// Left out when it is `usual`.
  mutating func add<Word: Equatable>(_ key: String, _ word: Word, among words: [(String, Word)], usual: Word?) {
    add(key, word == usual ? nil : words.first { $0.1 == word }?.0)
  }
}
