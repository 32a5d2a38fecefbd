import DeviceModel
import StreamTestKit

/// A document as a tree of plain values that tests change at will, and its JSON.
indirect enum Draft {
  case text(String)
  case number(Int)
  case flag(Bool)
  case list([Draft])
  case record([(key: String, value: Draft)])

  var json: JSONValue {
    switch self {
    case .text(let text): JSONValue(.string(text))
    case .number(let number): JSONValue(.integer(Int128(number)))
    case .flag(let flag): JSONValue(.bool(flag))
    case .list(let list): JSONValue(.array(list.map(\.json)))
    case .record(let members): JSONValue(.object(members.map { JSONMember($0.key, $0.value.json) }))
    }
  }

  subscript(key: String) -> Draft? {
    get {
      guard case .record(let members) = self else { return nil }
      return members.first { $0.key == key }?.value
    }
    set {
      guard case .record(var members) = self else { return }
      members.removeAll { $0.key == key }
      if let newValue { members.append((key, newValue)) }
      self = .record(members)
    }
  }

  /// Elements of an array, or none.
  var elements: [Draft] {
    get { if case .list(let list) = self { list } else { [] } }
    set { self = .list(newValue) }
  }

  var string: String { if case .text(let text) = self { text } else { "" } }
}

/// Random documents, and what authors do to them, right and wrong.
struct RandomEvolution {
  private var random: SeededGenerator
  private var names = 0
  /// Evolutions that were applied, for messages.
  private(set) var log: [String] = []

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func document() -> Draft {
    let sections = (0..<random.pick(1...2)).map { section($0) }
    var document = Draft.record([
      ("format_version", .number(1)), ("model", .text("example.org/random")), ("version", .number(1)),
      ("sections", .list(sections)),
    ])
    document["layouts"] = .record([("item", .record([("fields", .list([integer(), integer()]))]))])
    document["params"] = .record([
      ("lines", .record([
        ("type", .text("int")), ("init_value", .number(1)), ("off_value", .number(1)),
        ("allowed_values", .list([.text("1-4")])),
      ])),
      ("turbo", .record([("type", .text("bool")), ("init_value", .flag(false)), ("off_value", .flag(false))])),
    ])
    return document
  }

  private mutating func name(_ stem: String) -> String {
    names += 1
    return "\(stem)\(names)"
  }

  private mutating func section(_ number: Int) -> Draft {
    let state = Draft.record([
      ("name", .text("state")), ("type", .text("enum8")),
      ("symbols", .record([("idle", .number(0)), ("busy", .number(1)), ("stuck", .number(2))])),
    ])
    var section = Draft.record([
      ("name", .text("section\(number)")), ("fields", .list([state] + (0..<random.pick(1...4)).map { _ in field(2) })),
    ])
    if number > 0 {
      switch random.pick(0...3) {
      case 0: section["cardinality"] = .text("optional")
      case 1:
        section["cardinality"] = .text("many")
        section["max_count"] = .number(random.pick(1...3))
        section["key"] = .text("id")
        section["fields"]?.elements.append(.record([("name", .text("id")), ("type", .text("u32"))]))
      default: break
      }
    }
    if random.once(in: 2) { section["subsections"] = .list([subsection()]) }
    return section
  }

  private mutating func subsection() -> Draft {
    var subsection = Draft.record([
      ("name", .text(name("sub"))), ("fields", .list((0..<random.pick(1...2)).map { _ in field(1) })),
    ])
    if !random.once(in: 4) { subsection["when"] = .list([term()]) }
    if random.once(in: 3) { subsection["condition"] = .text("now and then") }
    return subsection
  }

  private mutating func term() -> Draft {
    .record([("field", .text("state")), (["equals", "not_equals", "at_least"][random.pick(0...2)], .number(random.pick(0...2)))])
  }

  private mutating func integer() -> Draft {
    let types = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "size32", "size64"]
    var field = Draft.record([("name", .text(name("f"))), ("type", .text(types[random.pick(0...(types.count - 1))]))])
    if random.once(in: 2) { field["range"] = .list([.number(random.pick(0...3)), .number(random.pick(10...100))]) }
    if random.once(in: 4) { field["unit"] = .text("ns") }
    return field
  }

  /// - Parameter levels: Of groups below.
  private mutating func field(_ levels: Int) -> Draft {
    var field: Draft
    let children = { (generator: inout RandomEvolution) in
      Draft.list((0..<generator.random.pick(1...2)).map { _ in generator.field(levels - 1) })
    }
    switch random.pick(0...(levels > 0 ? 11 : 6)) {
    case 0...2: field = integer()
    case 3:
      field = .record([("name", .text(name("f"))), ("type", .text("enum8")), ("symbols", symbols([0, 1, 2]))])
      if random.once(in: 3) { field["open"] = .flag(true) }
    case 4: field = .record([("name", .text(name("f"))), ("type", .text("flags16")), ("symbols", symbols([1, 2, 12]))])
    case 5: field = .record([("name", .text(name("f"))), ("type", .text("bool"))])
    case 6:
      field = .record([("name", .text(name("f"))), ("type", .text(["string", "countedBytes"][random.pick(0...1)]))])
      field["range"] = .list([.number(random.pick(0...2)), .number(random.pick(4...20))])
    case 7, 8:
      field = .record([("name", .text(name("f"))), ("type", .text("structure"))])
      field["fields"] = children(&self)
    case 9:
      field = .record([("name", .text(name("f"))), ("type", .text("optional"))])
      field["fields"] = children(&self)
    case 10:
      field = .record([("name", .text(name("f"))), ("type", .text("union"))])
      field["fields"] = children(&self)
    default:
      return .record([
        ("name", .text(name("f"))), ("type", .text("list")), ("range", .list([.number(0), .number(4)])),
        ("elements", .list([.text("item")])),
      ])
    }
    switch random.pick(0...7) {
    case 0: field["count"] = .number(random.pick(1...3))
    case 1: field["max_count"] = .number(random.pick(1...6))
    default: break
    }
    return field
  }

  private mutating func symbols(_ values: [Int]) -> Draft {
    .record(values.map { ("s\($0)", .number($0)) })
  }
}

// MARK: - Evolutions

extension RandomEvolution {
  /// The next definition after one to three changes.
  mutating func evolve(_ document: Draft) -> Draft {
    var next = document
    next["version"] = .number(2)
    for _ in 0..<random.pick(1...3) {
      switch random.pick(0...9) {
      case 0: evolveParameters(&next)
      case 1: evolveDocument(&next)
      case 2, 3: evolveSection(&next)
      default:
        if random.once(in: 8), var layout = next["layouts"]?["item"], var fields = layout["fields"]?.elements {
          evolve(&fields)
          layout["fields"] = .list(fields)
          next["layouts"] = .record([("item", layout)])
        } else {
          change(&next) { generator, section in
            guard var fields = section["fields"]?.elements else { return }
            generator.evolve(&fields)
            section["fields"] = .list(fields)
          }
        }
      }
    }
    return next
  }

  /// Changes one of the sections, or one of its subsections.
  private mutating func change(_ document: inout Draft, _ body: (inout RandomEvolution, inout Draft) -> Void) {
    guard var sections = document["sections"]?.elements, !sections.isEmpty else { return }
    let number = random.pick(0...(sections.count - 1))
    if random.once(in: 4), var subsections = sections[number]["subsections"]?.elements, !subsections.isEmpty {
      body(&self, &subsections[0])
      sections[number]["subsections"] = .list(subsections)
    } else {
      body(&self, &sections[number])
    }
    document["sections"] = .list(sections)
  }

  private mutating func evolve(_ fields: inout [Draft]) {
    guard !fields.isEmpty else { return }
    let position = random.pick(0...(fields.count - 1))
    if random.once(in: 3), var children = fields[position]["fields"]?.elements {
      evolve(&children)
      fields[position]["fields"] = .list(children)
      return
    }
    switch random.pick(0...7) {
    case 0...2: add(&fields)
    case 3:
      log.append("remove \(fields[position]["name"]?.string ?? "")")
      fields.remove(at: position)
    case 4:
      log.append("rename \(fields[position]["name"]?.string ?? "")")
      if random.once(in: 2), let old = fields[position]["name"] { fields[position]["aliases"] = .list([old]) }
      fields[position]["name"] = .text(name("r"))
    case 5:
      log.append("reverse")
      fields.reverse()
    default: alter(&fields[position])
    }
  }

  private mutating func add(_ fields: inout [Draft]) {
    var new = field(1)
    var words = "add \(new["name"]?.string ?? "")"
    if random.once(in: 2) { new["since"] = .number(2) }
    if random.once(in: 2), new["symbols"] == nil, new["fields"] == nil, new["max_count"] == nil {
      let isPlain = !["string", "countedBytes", "list"].contains(new["type"]?.string ?? "")
      if isPlain { new["default"] = new["type"]?.string == "bool" ? .flag(false) : .number(4) }
    }
    switch random.pick(0...3) {
    case 0: new["mark"] = .text("skippable")
    case 1:
      new["enabled_by"] = .record([("param", .text("turbo"))])
      words += " with turbo"
    case 2 where random.once(in: 2): new["enabled_by"] = .record([("param", .text("fresh"))])
    default: break
    }
    log.append(words)
    fields.insert(new, at: random.pick(0...fields.count))
  }

  private mutating func alter(_ field: inout Draft) {
    log.append("alter \(field["name"]?.string ?? "")")
    switch random.pick(0...8) {
    case 0:
      let types = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "bool", "size16", "size64"]
      field["type"] = .text(types[random.pick(0...(types.count - 1))])
      field["symbols"] = nil
      field["fields"] = nil
      field["open"] = nil
      if field["type"]?.string == "f32" || field["type"]?.string == "bool" { field["range"] = nil }
    case 1: field["unit"] = random.once(in: 2) ? .text("us") : nil
    case 2 where field["range"] != nil:
      field["range"] = random.once(in: 3) ? nil : .list([.number(random.pick(0...3)), .number(random.pick(5...120))])
    case 3 where field["symbols"] != nil:
      let sets = [[0, 1], [0, 1, 2, 3], [1, 2, 12, 16], [1, 2, 4], [1, 2]]
      field["symbols"] = random.once(in: 3)
        ? .record([("s1", .number(2)), ("s2", .number(1))]) : symbols(sets[random.pick(0...4)])
    case 4 where field["symbols"] != nil: field["open"] = .flag(random.once(in: 2))
    case 5:
      field["count"] = random.once(in: 2) ? .number(random.pick(1...4)) : nil
      field["max_count"] = field["count"] == nil ? .number(random.pick(1...8)) : nil
    case 6: field["mark"] = .text("skippable")
    case 7: field["until"] = .number(1)
    default: field["enabled_by"] = .record([("param", .text("turbo"))])
    }
  }

  private mutating func evolveSection(_ document: inout Draft) {
    guard var sections = document["sections"]?.elements else { return }
    switch random.pick(0...7) {
    case 0:
      log.append("add section")
      var new = section(9)
      new["cardinality"] = nil
      new["max_count"] = nil
      new["key"] = nil
      new["subsections"] = nil
      if random.once(in: 2) { new["since"] = .number(2) }
      if random.once(in: 2) { new["mark"] = .text("skippable") }
      if random.once(in: 2) { new["fields"] = .list([.record([("name", .text("n")), ("type", .text("u8")), ("default", .number(0)), ("since", .number(2))])]) }
      sections.append(new)
    case 1 where sections.count > 1:
      log.append("remove section")
      sections.removeLast()
    case 2 where sections.count > 1:
      log.append("swap sections")
      sections.reverse()
      if random.once(in: 2), let name = sections[0]["name"] { sections[1]["after"] = .list([name]) }
    case 3:
      log.append("cardinality")
      sections[0]["cardinality"] = sections[0]["cardinality"] == nil ? .text("optional") : nil
      sections[0]["max_count"] = nil
      sections[0]["key"] = nil
    case 4:
      log.append("add subsection")
      var new = subsection()
      if random.once(in: 2) { new["since"] = .number(2) }
      if random.once(in: 3) { new["mark"] = .text("skippable") }
      sections[0]["subsections"] = .list((sections[0]["subsections"]?.elements ?? []) + [new])
    case 5:
      log.append("remove subsections")
      sections[0]["subsections"] = nil
    case 6:
      if var subsections = sections[0]["subsections"]?.elements {
        log.append("when")
        subsections[0]["when"] = random.once(in: 3) ? nil : .list([term()])
        sections[0]["subsections"] = .list(subsections)
      }
    default:
      log.append("rule")
      let rule = Draft.record([
        ("name", .text("rule")), ("when", .list([term()])), ("then", .list([term()])),
      ])
      sections[0]["rules"] = .list([rule])
    }
    document["sections"] = .list(sections)
  }

  private mutating func evolveParameters(_ document: inout Draft) {
    guard var params = document["params"] else { return }
    log.append("parameters")
    switch random.pick(0...5) {
    case 0: params["lines"]?["allowed_values"] = .list([.text(["1-2", "1-8", "1-4"][random.pick(0...2)])])
    case 1:
      let off = random.pick(1...2)
      params["lines"]?["off_value"] = .number(off)
    case 2: params["lines"] = nil
    case 3: params["fresh"] = .record([("type", .text("bool")), ("init_value", .flag(false)), ("off_value", .flag(false))])
    case 4: params["fresh"] = .record([("type", .text("bool")), ("init_value", .flag(random.once(in: 2)))])
    default:
      params["turbo"]?["requires"] = .list([.record([("param", .text("lines")), ("allowed_values", .list([.text("2-4")]))])])
    }
    document["params"] = params
  }

  private mutating func evolveDocument(_ document: inout Draft) {
    log.append("document")
    switch random.pick(0...3) {
    case 0: document["min_version"] = .number(random.pick(1...2))
    case 1: document["apply"] = .text("inPlace")
    case 2: document["clock"] = .text("virtual")
    default:
      var region = Draft.record([("name", .text("vram")), ("size", .number(65536)), ("page_size", .number(4096))])
      if random.once(in: 2) { region["enabled_by"] = .record([("param", .text("turbo"))]) }
      document["regions"] = .list([region])
    }
  }
}
