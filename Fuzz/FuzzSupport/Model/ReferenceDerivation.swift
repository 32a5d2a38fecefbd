import DeviceModel

/// A section or subsection that exists with some parameters.
struct DerivedPiece {
  let json: JSONValue
  let name: String
  /// Number of its layout.
  let layout: Int
  /// Of a subsection: the number of what it lies in, among the pieces of the derivation.
  let owner: Int?
  /// Of a subsection: the entry of the owner's layout whose elements it hangs on. Of a section: the entry of its key.
  var entry: Int?
  /// Of a section: how often it may be announced.
  var maximumCount: Int128 = 1
  /// Of a section: numbers of those that come before it, among the sections.
  var predecessors: [Int] = []
  var version: UInt32 = 1
  var versionMin: UInt32 = 1

  var isRequired: Bool { json.text("mark") != "skippable" }
  var since: UInt32 { UInt32(json.whole("since") ?? 1) }
  var cardinality: String { json.text("cardinality") ?? "one" }
}

/// What a definition and the values of all parameters say of a device, from the JSON of the definition: a second deriver,
/// written from the specification, without a look at the product's.
///
/// Slow and simple: names are looked for from the beginning, versions are gone over until none changes.
///
/// Source: Specs/device-models.md section 5.
struct ReferenceDerivation {
  let json: JSONValue
  let settings: DerivationSettings
  let version: UInt32
  /// Sections, each followed by its subsections in preorder.
  private(set) var pieces: [DerivedPiece] = []
  /// Those of the pieces, then those of elements.
  private(set) var layouts: [DerivedLayout] = []
  /// Names of the layouts of elements, which stand behind those of pieces.
  private(set) var elementNames: [String] = []
  private(set) var regions: [(json: JSONValue, byteCount: Int128)] = []

  init(_ document: JSONValue, _ settings: DerivationSettings) throws(DerivationRefusal) {
    json = document
    self.settings = settings
    version = UInt32(document.whole("version") ?? 1)
    for section in document.array("sections") where settings.enables(section) {
      try add(section, in: nil)
    }
    if pieces.isEmpty { throw DerivationRefusal("no section is enabled") }
    try addElements()
    for number in pieces.indices { try settle(number) }
    setVersions()
    for region in document.array("regions") where settings.enables(region) {
      guard let size = region["size"] else { continue }
      regions.append((region, try settings.number(size, in: 1...(1 << 56) - 1, "the size of a region")))
    }
  }

  private mutating func add(_ piece: JSONValue, in owner: Int?) throws(DerivationRefusal) {
    let name = piece.text("name") ?? ""
    let number = pieces.count
    pieces.append(DerivedPiece(json: piece, name: name, layout: number, owner: owner))
    layouts.append(try DerivedLayout(piece, named: name, settings, version: version))
    for subsection in piece.array("subsections") where settings.enables(subsection) { try add(subsection, in: number) }
  }

  /// Layouts that a list names which exists, in the order of the document.
  private mutating func addElements() throws(DerivationRefusal) {
    let known = json.members("layouts")
    var found: [DerivedLayout?] = known.map { _ in nil }
    var open = layouts
    while let layout = open.popLast() {
      for name in layout.entries.flatMap(\.elementNames) {
        guard let place = known.firstIndex(where: { ReferenceNames.areSame($0.key, name) }), found[place] == nil else {
          continue
        }
        let next = try DerivedLayout(known[place].value, named: name, settings, version: version)
        found[place] = next
        open.append(next)
      }
    }
    for (place, layout) in found.enumerated() {
      guard let layout else { continue }
      layouts.append(layout)
      elementNames.append(known[place].key)
    }
  }

  /// Numbers of the layouts that elements of a list may have.
  func elements(of list: DerivedField) -> [Int] {
    list.elementNames.compactMap { name in
      elementNames.firstIndex { ReferenceNames.areSame($0, name) }.map { pieces.count + $0 }
    }
  }

  var sections: [Int] { pieces.indices.filter { pieces[$0].owner == nil } }
  var subsections: [Int] { pieces.indices.filter { pieces[$0].owner != nil } }

  private mutating func settle(_ number: Int) throws(DerivationRefusal) {
    let piece = pieces[number]
    if let owner = piece.owner {
      guard let path = piece.json.text("target") else { return }
      guard let target = layouts[owner].entry(at: path, from: nil) else {
        throw DerivationRefusal("the target \(path) of \(piece.name) does not exist")
      }
      pieces[number].entry = target
      return
    }
    let before = sections.filter { $0 < number }
    for name in piece.json.array("after").compactMap(\.ownText) {
      if let place = before.firstIndex(where: { ReferenceNames.areSame(pieces[$0].name, name) }) {
        pieces[number].predecessors.append(place)
      }
    }
    guard piece.cardinality == "many", let most = piece.json["max_count"] else { return }
    pieces[number].maximumCount = try settings.number(most, in: 1...4096, "the largest number of \(piece.name)")
    let key = piece.json.text("key") ?? ""
    guard let entry = layouts[number].child(key, of: nil) else {
      throw DerivationRefusal("the key \(key) of \(piece.name) does not exist")
    }
    pieces[number].entry = entry
  }
}

// MARK: - Versions

/// Versions of a device and its pieces.
///
/// Source: Specs/device-models.md section 5.2.
extension ReferenceDerivation {
  /// Of the device.
  var deviceVersion: UInt32 { pieces.reduce(UInt32(json.whole("min_version") ?? 1)) { max($0, $1.version) } }

  var deviceVersionMin: UInt32 {
    sections.filter { pieces[$0].isRequired }.reduce(1) { max($0, pieces[$1].versionMin) }
  }

  private mutating func setVersions() {
    var newest: [UInt32] = []
    var oldest: [UInt32] = []
    /// Layouts of elements that each layout leads to, and whether by a required list.
    var leads: [[(layout: Int, isRequired: Bool)]] = []
    for layout in layouts {
      var (version, least): (UInt32, UInt32) = (1, 1)
      leads.append([])
      for (number, entry) in layout.entries.enumerated() {
        let around = layout.around(number)
        let isThere = around.allSatisfy { !$0.hasGone }
        let isNeeded = isThere && around.allSatisfy(\.isRequired)
        version = max(version, entry.since)
        for symbol in entry.symbols { version = max(version, symbol.since) }
        if entry.hasGone { version = max(version, entry.until + 1) }
        if isNeeded { least = max(least, entry.since) }
        if isThere { leads[leads.count - 1] += elements(of: entry).map { ($0, isNeeded) } }
      }
      newest.append(version)
      oldest.append(least)
    }
    var changes = true
    while changes {
      changes = false
      for (number, lead) in leads.enumerated() {
        for (layout, isRequired) in lead {
          let version = max(newest[number], newest[layout])
          let least = isRequired ? max(oldest[number], oldest[layout]) : oldest[number]
          if version != newest[number] || least != oldest[number] { changes = true }
          (newest[number], oldest[number]) = (version, least)
        }
      }
    }
    for number in pieces.indices {
      pieces[number].version = max(pieces[number].since, newest[number])
      pieces[number].versionMin = max(pieces[number].since, oldest[number])
    }
  }
}
