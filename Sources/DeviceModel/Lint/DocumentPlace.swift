/// A value in a document, with the way to it.
///
/// What is not in the document (a key that has its default) has the line of what is around it.
struct DocumentPlace {
  /// JSON pointer (RFC 6901).
  let pointer: String
  let line: Int
  let value: JSONValue?

  /// The whole document.
  init(_ value: JSONValue) { self.init(pointer: "", line: value.line, value: value) }

  private init(pointer: String, line: Int, value: JSONValue?) {
    self.pointer = pointer
    self.line = line
    self.value = value
  }

  subscript(key: String) -> DocumentPlace { inside(key, value?[key]) }

  subscript(index: Int) -> DocumentPlace {
    guard case .array(let elements) = value?.content, elements.indices.contains(index) else {
      return inside(String(index), nil)
    }
    return inside(String(index), elements[index])
  }

  /// The places of all members, in the order of the document.
  var members: [DocumentPlace] {
    guard case .object(let members) = value?.content else { return [] }
    return members.map { inside($0.key, $0.value) }
  }

  /// The places of all elements.
  var elements: [DocumentPlace] {
    guard case .array(let elements) = value?.content else { return [] }
    return elements.indices.map { inside(String($0), elements[$0]) }
  }

  private func inside(_ step: String, _ value: JSONValue?) -> DocumentPlace {
    var inner = pointer
    JSONPointer.append(step, to: &inner)
    return DocumentPlace(pointer: inner, line: value?.line ?? line, value: value)
  }
}
