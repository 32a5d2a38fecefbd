/// Applies one operation of a history to the JSON of a document.
///
/// Source: Specs/device-models.md section 7.
struct UndoOperation {
  private let operation: HistoryEntry.Operation
  private let path: String
  private let steps: [String]

  /// Levels of values that a document may have.
  private static var nestingMax: Int { 64 }

  /// - Throws: ``Mistake`` when the path is no pointer to something that a history may change.
  init(_ operation: HistoryEntry.Operation) throws(Mistake) {
    self.operation = operation
    path =
      switch operation {
      case .remove(let path), .replace(let path, _), .add(let path, _, _): path
      }
    guard let steps = JSONPointer.steps(of: path), let first = steps.first else {
      throw Mistake("\(path) is no JSON pointer to a part of the document; expected /KEY or /KEY/NAME...")
    }
    guard !["model", "format_version", "version", "history"].contains(first) else {
      throw Mistake("\(path) is not changed by operations: it is the same in every definition, or follows from the history")
    }
    guard steps.count <= Self.nestingMax else { throw Mistake("\(path) has more than \(Self.nestingMax) steps") }
    self.steps = steps
  }

  /// What is wrong with an operation, as one sentence.
  struct Mistake: Error {
    let message: String
    init(_ message: String) { self.message = message }
  }

  func apply(to document: inout JSONValue) throws(Mistake) {
    if case .replace(_, let value) = operation { try checkDepth(value) }
    if case .add(_, let value, _) = operation { try checkDepth(value) }
    try change(&document, at: 0)
  }

  /// Finds the parent of what is changed. The value is taken out while it is changed, so nothing of it is copied.
  private func change(_ value: inout JSONValue, at depth: Int) throws(Mistake) {
    let content = value.content
    value.content = .null
    switch consume content {
    case .object(var members):
      let place = members.firstIndex { $0.key.hasSameOctets(as: steps[depth]) }
      if depth + 1 < steps.count {
        guard let place else { throw missing(depth) }
        try change(&members[place].value, at: depth + 1)
      } else {
        try change(&members, place)
      }
      value.content = .object(members)
    case .array(var elements):
      let place = elements.firstIndex { $0.isNamed(steps[depth]) }
      if depth + 1 < steps.count {
        guard let place else { throw missing(depth) }
        try change(&elements[place], at: depth + 1)
      } else {
        try change(&elements, place)
      }
      value.content = .array(elements)
    default:
      throw Mistake("\(path): \(pointer(depth)) has no parts; replace it as a whole")
    }
  }

  private func change(_ members: inout [JSONMember], _ place: Int?) throws(Mistake) {
    switch operation {
    case .remove:
      members.remove(at: try found(place))
    case .replace(_, let value):
      members[try found(place)].value = value
    case .add(_, let value, let before):
      guard place == nil else { throw Mistake("\(path) is there already; replace it") }
      guard before == nil else { throw Mistake("\(path) is a member of an object, which has no order; leave out before") }
      members.append(JSONMember(steps[steps.count - 1], value))
    }
  }

  private func change(_ elements: inout [JSONValue], _ place: Int?) throws(Mistake) {
    switch operation {
    case .remove:
      elements.remove(at: try found(place))
    case .replace(_, let value):
      elements[try found(place)] = value
    case .add(_, let value, let before):
      guard place == nil else { throw Mistake("\(path) is there already; replace it") }
      guard value.isNamed(steps[steps.count - 1]) else {
        throw Mistake("\(path) ends with another name than the value has; expected \"name\": \"\(steps[steps.count - 1])\"")
      }
      guard let before else {
        elements.append(value)
        return
      }
      guard let position = elements.firstIndex(where: { $0.isNamed(before) }) else {
        throw Mistake("\(path): there is no \(before) before which it could be added")
      }
      elements.insert(value, at: position)
    }
  }

  private func found(_ place: Int?) throws(Mistake) -> Int {
    guard let place else { throw missing(steps.count - 1) }
    return place
  }

  private func missing(_ depth: Int) -> Mistake {
    Mistake("\(path): there is no \(pointer(depth + 1)); members that have their default are left out")
  }

  private func pointer(_ count: Int) -> String {
    var pointer = ""
    for step in steps.prefix(count) { JSONPointer.append(step, to: &pointer) }
    return pointer
  }

  private func checkDepth(_ value: JSONValue) throws(Mistake) {
    guard value.isNested(atMost: Self.nestingMax - steps.count) else {
      throw Mistake("\(path): the result would be nested above \(Self.nestingMax) levels")
    }
  }
}

extension JSONValue {
  /// Whether it is an object with that `name`.
  fileprivate func isNamed(_ name: String) -> Bool {
    guard case .string(let own)? = self["name"]?.content else { return false }
    return own.hasSameOctets(as: name)
  }

  /// Whether it has at most `levels` levels of values, itself included.
  fileprivate func isNested(atMost levels: Int) -> Bool {
    guard levels > 0 else { return false }
    return switch content {
    case .array(let elements): elements.allSatisfy { $0.isNested(atMost: levels - 1) }
    case .object(let members): members.allSatisfy { $0.value.isNested(atMost: levels - 1) }
    default: true
    }
  }

  /// The number of values that it consists of, itself included.
  var valueCount: Int {
    switch content {
    case .array(let elements): elements.reduce(1) { $0 + $1.valueCount }
    case .object(let members): members.reduce(1) { $0 + $1.value.valueCount }
    default: 1
    }
  }
}
