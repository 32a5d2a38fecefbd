import MigrationStream
import ReferenceReader
import StreamTestKit

/// What a device of a stream announces, and the sections that it sends.
struct RulesStream {
  /// A section that is sent, at its place in the stream.
  struct Sent {
    var position: Int
    var body: [UInt8]
    var base: Int
  }

  /// Number of the device that is judged.
  let number: Int
  let manifest: RawManifest
  /// Where the body of the manifest stands.
  let base: Int
  private(set) var sent: [Sent] = []
  /// Local values of pieces of the table.
  private(set) var locals: [ReferenceRuleTable.Owner: [UInt8]] = [:]

  private let table: ReferenceRuleTable
  private let layouts: RulesLayouts
  private let sections: [RawAnnouncement]
  private let subsections: [RawAnnouncement]

  init(_ program: RulesProgram, _ table: ReferenceRuleTable, _ layouts: RulesLayouts) {
    (self.table, self.layouts) = (table, layouts)
    var announced = RulesAnnouncements(table)
    for number in 1...3 {
      var random = program.choices(.device, number)
      announced.change(&random)
    }
    (sections, subsections) = (announced.sections, announced.subsections)
    var random = program.choices(.device, 0)
    let device = RawDevice {
      $0.version = UInt32(random.pick(1...4))
      $0.versionMin = min($0.version, UInt32(random.pick(0...4)))
      ($0.sections, $0.subsections) = (announced.sections, announced.subsections)
    }
    number = random.pick(0...1)
    base = 8 * random.pick(16...255)
    let first = RawDevice { $0.path = .text("/first") }
    manifest = RawManifest { [number] in $0.devices = number == 1 ? [first, device] : [device] }
    addLocals(program)
    var again = program.choices(.device, 4)
    var positions = Array(sections.indices)
    for _ in 0..<again.pick(0...3) where !positions.isEmpty { positions.append(again.pick(0...15) % sections.count) }
    for (place, position) in positions.enumerated() { send(position, program.choices(.data, 1 + place), at: 4_096 * (1 + place)) }
  }

  private func find(_ name: [UInt8]) -> Int? { table.sections.firstIndex { $0.piece.name == name } }

  private mutating func addLocals(_ program: RulesProgram) {
    var values = RulesValues(layouts.reader, program.choices(.data, 0))
    let pieces =
      table.sections.enumerated().map { (ReferenceRuleTable.Owner.section($0), $1.piece) }
      + table.subsections.enumerated().map { (ReferenceRuleTable.Owner.subsection($0), $1.piece) }
    for (owner, piece) in pieces where values.random.pick(0...2) != 0 {
      guard layouts.reader.indices.contains(piece.layout) else { continue }
      locals[owner] = values.octets(values.values(of: piece.layout), of: piece.layout)
    }
  }

  // MARK: Sections

  private mutating func send(_ position: Int, _ random: SeededGenerator, at place: Int) {
    let number = find(sections[position].name)
    var values = RulesValues(layouts.stream, random)
    let layout = layout(of: number.map { table.sections[$0].piece.layout } ?? 0, &values)
    let made = values.values(of: layout)
    var section = RawSection(
      data: values.octets(made, of: layout), nested(in: number.map { .section($0) }, layout, made, &values, depth: 0))
    (section.position, section.layout) = (UInt16(position), UInt32(layout))
    sent.append(Sent(position: position, body: section.record.body, base: base + place))
  }

  /// The layout of that number, rarely another one.
  private func layout(of number: Int, _ values: inout RulesValues) -> Int {
    let choice = values.random.pick(0...63)
    return choice > 60 ? choice - 61 : number % 3
  }

  /// What lies directly in a piece: by the table, or anywhere.
  private func nested(
    in owner: ReferenceRuleTable.Owner?, _ layout: Int, _ data: [ModelValue], _ values: inout RulesValues, depth: Int
  ) -> [RawSubsection] {
    guard depth < 3 else { return [] }
    let places = [RulesPlace()] + values.places(in: data, of: layout)
    var heads: [RawSubsection] = []
    for position in subsections.indices {
      let number = table.subsections.firstIndex { $0.piece.name == subsections[position].name }
      let own = number.map { table.subsections[$0] }
      let isOwn = own.map { $0.owner == owner } ?? (depth == 0)
      for place in places where isOwn ? isPlace(place, of: own) : false {
        guard values.random.pick(0...1) == 1 else { continue }
        heads.append(head(position, number, place, &values, depth))
      }
    }
    let strange = values.random.pick(0...255)
    if strange > 239, !subsections.isEmpty {
      let position = strange % subsections.count
      let number = table.subsections.firstIndex { $0.piece.name == subsections[position].name }
      heads.append(head(position, number, places[values.random.pick(0...15) % places.count], &values, depth))
    }
    return RulesPlace.sorted(heads)
  }

  /// Whether the table has the subsection there, as far as names say.
  private func isPlace(_ place: RulesPlace, of subsection: ReferenceRuleTable.Subsection?) -> Bool {
    guard let subsection, let target = subsection.target else { return place.steps.isEmpty }
    let own = table.layout(of: subsection.owner)
    guard layouts.reader.indices.contains(own), let name = place.name else { return false }
    if layouts.reader[own].entry(named: name) == target { return true }
    return layouts.aliases.contains { Int($0.layout) == own && Int($0.entry) == target && $0.name == .text(name) }
  }

  private func head(
    _ position: Int, _ number: Int?, _ place: RulesPlace, _ values: inout RulesValues, _ depth: Int
  ) -> RawSubsection {
    let layout = layout(of: number.map { table.subsections[$0].piece.layout } ?? 0, &values)
    let made = values.values(of: layout)
    return RawSubsection(
      UInt16(position), target: place.steps, data: values.octets(made, of: layout),
      nested(in: number.map { .subsection($0) }, layout, made, &values, depth: depth + 1)
    ) { $0.layout = UInt32(layout) }
  }
}

/// What a device announces: what the table asks for, and a few changes.
struct RulesAnnouncements {
  private(set) var sections: [RawAnnouncement] = []
  private(set) var subsections: [RawAnnouncement] = []

  init(_ table: ReferenceRuleTable) {
    // One that is not enabled now and then.
    for section in table.sections where section.piece.isEnabled || section.piece.since == 4 {
      let isMany = if case .many(let maximum, _) = section.cardinality { maximum > 1 } else { false }
      for _ in 0..<(isMany ? 2 : 1) { sections.append(Self.announced(section.piece)) }
    }
    subsections = table.subsections.map { Self.announced($0.piece) }
  }

  private static func announced(_ piece: ReferenceRuleTable.Piece) -> RawAnnouncement {
    var announced = RawAnnouncement(String(decoding: piece.name, as: UTF8.self))
    announced.version = UInt32(max(piece.version, piece.minimum))
    announced.versionMin = min(announced.version, 1)
    return announced
  }

  mutating func change(_ random: inout SeededGenerator) {
    let kind = random.pick(0...15)
    guard kind > 3 else { return }
    if random.pick(0...1) == 0 { Self.change(&sections, kind, &random) } else { Self.change(&subsections, kind, &random) }
  }

  private static func change(_ announced: inout [RawAnnouncement], _ kind: Int, _ random: inout SeededGenerator) {
    if kind > 13, announced.count < 6 {
      let unknown = RawAnnouncement("unknown", flags: random.pick(0...3) == 0 ? RawFlag.required : RawFlag.skippable)
      return announced.insert(unknown, at: random.pick(0...15) % (announced.count + 1))
    }
    guard !announced.isEmpty else { return }
    let place = random.pick(0...15) % announced.count
    switch kind {
    case 6: announced.remove(at: place)
    case 7 where announced.count < 6: announced.insert(announced[place], at: random.pick(0...15) % (announced.count + 1))
    case 4, 5, 8, 9: announced.swapAt(place, random.pick(0...15) % announced.count)
    case 10:
      announced[place].version = UInt32(random.pick(0...5))
      announced[place].versionMin = min(announced[place].versionMin, announced[place].version)
    case 11: announced[place].versionMin = UInt32(random.pick(0...Int(announced[place].version)))
    case 12: announced[place].flags = RawFlag.skippable
    default: announced[place].name = .text("unknown")
    }
  }
}
