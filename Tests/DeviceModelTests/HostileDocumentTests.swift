import DeviceModel
import StreamTestKit
import Testing

/// Documents of somebody who means harm: no trap, no hang, and a fault with a place.
@Suite struct HostileDocumentTests {
  private static let small = """
    {"format_version":1,"model":"a.b/c","version":2,"params":{"p":{"type":"int","init_value":1,"allowed_values":["1-3"]}},
    "sections":[{"name":"s","fields":[{"name":"f","type":"enum8","symbols":{"x":1},"default":1},
    {"name":"q","type":"structure","max_count":{"param":"p"},"fields":[{"name":"id","type":"u32","unique":true}]},
    {"name":"r","type":"u32","in":"q/id","none":0}],"rules":[{"name":"r","then":[{"field":"f","at_least":0}]}]}],
    "history":[{"version":1,"description":"","undo":[{"op":"remove","path":"/a"}]}]}
    """

  @Test func everyPrefix() throws {
    let octets = Array((LongTests.areOn ? try SampleDocument.text() : Self.small).utf8)
    let end = octets.lastIndex(of: UInt8(ascii: "}")) ?? 0
    for count in 0...end { #expect(documentFault(Array(octets[..<count])) != nil, "\(count) octets") }
    #expect(documentFault(Array(octets[...end])) == nil)
  }

  /// Each octet replaced by all others: a fault, or a document whose text gives it again.
  @Test func everyOctetChanged() throws {
    var octets = Array(Self.small.utf8)
    #expect(documentFault(octets) == nil)
    let step = LongTests.areOn ? 1 : 31
    for position in octets.indices {
      let original = octets[position]
      for change in stride(from: 1, through: 255, by: step) {
        octets[position] = original ^ UInt8(change)
        guard documentFault(octets) == nil else { continue }
        let document = try ModelDocument(json: JSONValue(parsing: octets))
        let again = try ModelDocument(json: JSONValue(parsing: Array(document.json.text.utf8)))
        #expect(again == document, "octet \(position) changed to \(octets[position])")
      }
      octets[position] = original
    }
  }

  /// Words, punctuation and values of a document shuffled, repeated and left out.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func scrambled(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var value = try JSONValue(parsing: Array(SampleDocument.text().utf8))
    let parts = value.parts
    for _ in 0..<generator.pick(1...3) {
      value.replacePart(generator.pick(1...(parts.count - 1)), with: parts[generator.pick(0...(parts.count - 1))])
    }
    do throws(DocumentFault) {
      let document = try ModelDocument(json: value)
      #expect(try ModelDocument(json: document.json) == document, "seed \(seed)")
    } catch {
      #expect(!error.message.isEmpty)
    }
  }

  /// Time is linear: each of these has thousands of pieces that name one another.
  @Test(.timeLimit(.minutes(1)))
  func manyPieces() throws {
    let count = 5000
    func sample(_ fields: [String], _ more: String = "") -> [UInt8] {
      let text =
        "{\"format_version\":1,\"model\":\"a.b/c\",\"version\":1,"
        + "\"sections\":[{\"name\":\"s\",\"fields\":[\(fields.joined(separator: ","))]}]\(more)}"
      return Array(text.utf8)
    }
    let keys = (0..<count).map {
      "{\"name\":\"k\($0)\",\"type\":\"u32\",\"unique\":true,\"in\":\"k\(count - 1 - $0)\"}"
    }
    #expect(documentFault(sample(keys)) == nil)
    let children = keys.joined(separator: ",")
    let outside = (0..<count).map { "{\"name\":\"o\($0)\",\"type\":\"u32\",\"above\":\"g/k\($0)\"}" }
    #expect(
      documentFault(sample(["{\"name\":\"g\",\"type\":\"structure\",\"fields\":[\(children)]}"] + outside)) == nil)
    let layouts = (0..<256).map { "\"l\($0)\":{\"fields\":[{\"name\":\"k\($0)\",\"type\":\"u32\",\"unique\":true}]}" }
    let elements = (0..<256).map { "\"l\($0)\"" }.joined(separator: ",")
    let far = (0..<1000).map { "{\"name\":\"o\($0)\",\"type\":\"u32\",\"in\":\"list/k255\"}" }
    let list = "{\"name\":\"list\",\"type\":\"list\",\"elements\":[\(elements)]}"
    #expect(documentFault(sample([list] + far, ",\"layouts\":{\(layouts.joined(separator: ","))}")) == nil)
    let values = (0..<1024).map { "\"\($0)-\($0)\"" }.joined(separator: ",")
    let aliases = (0..<count).map { "\"v\($0)\":{\"params\":{\"p\":1023}}" }.joined(separator: ",")
    let parameter = "\"p\":{\"type\":\"int\",\"init_value\":0,\"off_value\":0,\"allowed_values\":[\(values)]}"
    #expect(
      documentFault(
        sample(["{\"name\":\"f\",\"type\":\"u8\"}"], ",\"params\":{\(parameter)},\"versions\":{\(aliases)}")) == nil)
    let symbols = (0..<count).map { "\"s\($0)\":\($0)" }.joined(separator: ",")
    #expect(
      documentFault(sample(["{\"name\":\"f\",\"type\":\"enum32\",\"symbols\":{\(symbols)},\"default\":4999}"])) == nil)
  }

  @Test func nestedGroups() {
    func sample(_ levels: Int) -> [UInt8] {
      let open = String(repeating: "{\"name\":\"f\",\"type\":\"structure\",\"fields\":[", count: levels)
      let close = String(repeating: "]}", count: levels)
      let text =
        "{\"format_version\":1,\"model\":\"a.b/c\",\"version\":1,"
        + "\"sections\":[{\"name\":\"s\",\"fields\":[\(open){\"name\":\"f\",\"type\":\"u8\"}\(close)]}]}"
      return Array(text.utf8)
    }
    #expect(documentFault(sample(8)) == nil)
    #expect(documentFault(sample(9))?.message == "groups nest more than 8 levels deep")
    #expect(documentFault(sample(40))?.message.contains("64 levels") == true)
  }
}

extension JSONValue {
  /// The value and all that is in it, in order.
  fileprivate var parts: [JSONValue] {
    switch content {
    case .array(let elements): [self] + elements.flatMap(\.parts)
    case .object(let members): [self] + members.flatMap(\.value.parts)
    default: [self]
    }
  }

  /// Replaces one of ``parts``, if it is still there.
  fileprivate mutating func replacePart(_ number: Int, with value: JSONValue) {
    var left = number
    replace(&left, value)
  }

  private mutating func replace(_ left: inout Int, _ value: JSONValue) {
    guard left >= 0 else { return }
    if left == 0 { self = value }
    left -= 1
    guard left >= 0 else { return }
    switch content {
    case .array(var elements):
      for number in elements.indices { elements[number].replace(&left, value) }
      content = .array(elements)
    case .object(var members):
      for number in members.indices { members[number].value.replace(&left, value) }
      content = .object(members)
    default: break
    }
  }
}
