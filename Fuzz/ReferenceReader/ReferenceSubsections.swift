/// The octets of a section or subsection whose framing is right: Specs/10-stream-format.md section 6.
struct ReferenceSubsection {
  /// Where its head stands; of a section its body.
  var start: Int
  var layout: Int
  var subsection = 0
  var target: [(field: UInt64, element: UInt64)] = []
  var data: Range<Int>
  var nested: [ReferenceSubsection] = []
  var end: Int

  init(section body: [UInt8]) {
    let length = Int(integer(body, 16, 8))
    (start, layout, data, end) = (0, Int(integer(body, 4, 4)), 24..<(24 + length), body.count)
    readNested(body, Int(integer(body, 2, 2)))
  }

  private init(_ body: [UInt8], at start: Int) {
    let (steps, length) = (Int(integer(body, start + 12, 2)), Int(integer(body, start + 16, 8)))
    let first = start + 24 + 8 * steps
    self.start = start
    (layout, data, end) = (Int(integer(body, start + 8, 4)), first..<(first + length), start + Int(integer(body, start, 4)))
    subsection = Int(integer(body, start + 4, 2))
    for step in 0..<steps {
      target.append((integer(body, start + 24 + 8 * step, 4), integer(body, start + 28 + 8 * step, 4)))
    }
    readNested(body, Int(integer(body, start + 6, 2)))
  }

  private mutating func readNested(_ body: [UInt8], _ count: Int) {
    var at = data.upperBound
    for _ in 0..<count {
      nested.append(ReferenceSubsection(body, at: at))
      at = nested[nested.count - 1].end
    }
  }

  /// The head's field `subsection`, and what the target begins with.
  var numberAt: Int { start + 4 }
  var targetAt: Int { target.isEmpty ? start + 12 : start + 24 }
}

/// One section with what lies in it.
///
/// Source: Specs/60-section-rules.md sections 4 and 5.
struct ReferencePieceJudge {
  typealias Data = ReferenceRuleData

  private(set) var skipped: [Int] = []
  private let rules: ReferenceRules
  private let stream: [ReferenceLayout]
  private let body: [UInt8]
  private let base: Int

  init(_ rules: ReferenceRules, stream: [ReferenceLayout], body: [UInt8], base: Int) {
    (self.rules, self.stream, self.body, self.base) = (rules, stream, body, base)
  }

  /// The data of a piece, its field rules, the heads and conditions of what lies directly in it, then each of these.
  @discardableResult
  mutating func judge(
    _ head: ReferenceSubsection, _ owner: ReferenceRuleTable.Owner, version: UInt64
  ) throws(ReferenceRefusal) -> Data {
    let piece = rules.table.piece(owner)
    var mapping = ReferenceMapping(stream: stream, reader: rules.reader)
    (mapping.wanted, mapping.version, mapping.aliases) = (piece.layout, version, rules.aliases)
    mapping.local = rules.locals[owner]
    let from = base + head.data.lowerBound
    let values = try mapping.values(of: Array(body[head.data]), layout: head.layout, base: UInt64(from))
    let data = Data(values, piece.layout, rules.reader, from: from, left: mapping.left(from: head.layout))
    let fieldRules = ReferenceFieldRules(data: data, layouts: rules.reader, local: localData(mapping, piece.layout))
    try fieldRules.judge(piece.rules)
    var known: [(head: ReferenceSubsection, number: Int, element: Int)] = []
    for inner in head.nested {
      guard let (number, element) = try judgeHead(inner, owner, data) else { continue }
      known.append((inner, number, element))
    }
    try judgeConditions(known, owner, data, from)
    for (inner, number, _) in known {
      try judge(inner, .subsection(number), version: rules.device.subsections[inner.subsection].version)
    }
    return data
  }

  private func localData(_ mapping: ReferenceMapping, _ layout: Int) -> Data? {
    mapping.local.map { octets in
      var taker = PartTaker(octets, rules.reader)
      let own = ReferenceMapping(stream: rules.reader, reader: rules.reader)
      let values = own.asTheyAre(taker.take(layout: layout, at: 0))
      return Data(values, layout, rules.reader, from: 0)
    }
  }

  /// Steps 1 to 6.
  ///
  /// - Returns: Its number in the table, and what it hangs on; nil: it is skipped.
  private mutating func judgeHead(
    _ head: ReferenceSubsection, _ owner: ReferenceRuleTable.Owner, _ data: Data
  ) throws(ReferenceRefusal) -> (Int, Int)? {
    let announced = rules.device.subsections[head.subsection]
    let at = base + head.numberAt
    guard let number = rules.table.subsections.firstIndex(where: { $0.piece.name == announced.name }) else {
      try demand(!announced.isRequired, .unknownRequired, at: at, 0, UInt64(head.subsection))
      skipped.append(base + head.start)
      return nil
    }
    let subsection = rules.table.subsections[number]
    let piece = subsection.piece
    try demand(announced.versionMin <= piece.version, .versionTooNew, at: at, piece.version, announced.versionMin)
    try demand(announced.version >= piece.minimum, .versionTooOld, at: at, piece.minimum, announced.version)
    try demand(piece.isEnabled, .notEnabled, at: at, 0, UInt64(number))
    try demand(subsection.owner == owner, .badTarget, at: at, 0, UInt64(number))
    let element = data.element(at: head.target)
    let wanted = subsection.target.map { ReferenceRuleTable.Field(rules.table.piece(owner).layout, $0) }
    let isRight = element.map { data.elements[$0].field == wanted && data.isOwn($0) } ?? false
    try demand(isRight, .badTarget, at: base + head.targetAt, 0, UInt64(number))
    return element.map { (number, $0) }
  }

  /// The conditions of what this piece owns.
  private func judgeConditions(
    _ known: [(head: ReferenceSubsection, number: Int, element: Int)], _ owner: ReferenceRuleTable.Owner, _ data: Data,
    _ from: Int
  ) throws(ReferenceRefusal) {
    for (number, subsection) in rules.table.subsections.enumerated() {
      guard subsection.owner == owner, subsection.piece.isEnabled, !subsection.condition.isEmpty else { continue }
      let target = subsection.target.map { ReferenceRuleTable.Field(rules.table.piece(owner).layout, $0) }
      for element in data.scopes(target) where data.isOwn(element) {
        let holds = subsection.condition.allSatisfy { data.holds($0, data.leaf($0, element)) }
        if let there = known.first(where: { $0.number == number && $0.element == element }) {
          try demand(holds, .conditionMismatch, at: base + there.head.numberAt, none32, UInt64(number))
        } else if subsection.piece.since <= rules.device.version {
          try demand(!holds, .conditionMismatch, at: from, UInt64(number), none32)
        }
      }
    }
  }
}
