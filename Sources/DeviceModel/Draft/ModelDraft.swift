public import MigrationStream

/// A first document for a device, made from what a stream shows of it.
///
/// Descriptions are left to the author; the layouts that the document resolves to are those of the stream.
public struct ModelDraft: Sendable {
  public var document: ModelDocument
  /// Numbers of the stream's layouts, in the order in which the document's are numbered.
  public var layouts: [UInt32]
  /// What the author has to know, a sentence each.
  public var notes: [String]
}

/// Why a device has no draft.
public struct DraftFault: Error, Equatable, Sendable {
  /// One sentence, and what to do about it.
  public var message: String

  init(_ message: String) { self.message = message }
}

extension StateObserver {
  /// The draft of a device whose stream was read to its end.
  ///
  /// - Parameters:
  ///   - number: Device number.
  ///   - model: Identifier for the document; nil: the manifest's, or one made from the device's path.
  public func draft(
    ofDevice number: Int, model: String? = nil, _ state: borrowing StreamState
  ) throws(DraftFault) -> ModelDraft {
    var builder = DraftBuilder(devices[number], elements, clock: state.manifest.devices[number].clock)
    return try builder.draft(number, model: model, state)
  }
}

/// Makes the document of one device.
struct DraftBuilder {
  private let device: StateObserver.Device
  private let elements: ElementLayouts
  private let clock: ClockDomain
  private var names = UniqueNames()
  private var subsectionNames = UniqueNames()
  private var layouts: [UInt32] = []
  var notes: [String] = []
  /// Element layouts that sections and subsections need, in the order in which they are met, and their names.
  private var elementNumbers: [UInt32] = []
  private var elementNames: [UInt32: String] = [:]
  /// Positions of the observed subsections by what they hang on.
  private var children: [StateObserver.Parent: [Int]] = [:]
  /// Highest version that anything speaks of.
  private var version: UInt32 = 1
  private var tellsOfVersions = false

  init(_ device: StateObserver.Device, _ elements: ElementLayouts, clock: ClockDomain) {
    self.device = device
    self.elements = elements
    self.clock = clock
    for (position, subsection) in device.subsections.enumerated() {
      children[subsection.parent, default: []].append(position)
    }
  }

  mutating func draft(
    _ number: Int, model: String?, _ state: borrowing StreamState
  ) throws(DraftFault) -> ModelDraft {
    let entry = state.manifest.devices[number]
    let path = String(state.manifest.path(of: entry))
    guard entry.sectionCount > 0 else {
      throw DraftFault("\(path) has no sections, and a model needs one; write it by hand")
    }
    var document = ModelDocument(
      model: model ?? identifier(announced: String(state.manifest.model(of: entry)), path: path), version: 1)
    document.apply = entry.apply
    document.clock = clock
    document.parameters = try parameters(of: entry, state)
    document.sections = try sections(of: entry, state)
    document.layouts = try elementLayouts(state)
    document.regions = regions(ofDevice: number, state)
    if device.hasByteString { document.byteString = ModelByteString() }
    document.version = max(version, entry.version)
    // Nothing shows that it would load anything older.
    if !tellsOfVersions { document.versionMin = document.version }
    let came = Set(device.subsections.map(\.number))
    for number in 0..<entry.subsectionCount where !came.contains(number) {
      let name = String(state.manifest.name(of: state.manifest.subsection(number, of: entry)))
      notes.append("subsection \(name) is announced and did not come: it is not in the draft")
    }
    return ModelDraft(document: document, layouts: layouts, notes: notes)
  }

  // MARK: Sections

  private mutating func sections(
    of entry: DeviceEntry, _ state: borrowing StreamState
  ) throws(DraftFault) -> [ModelSection] {
    let groups = try sectionGroups(of: entry, state)
    // The sections come first: an element layout gives way to them.
    let unique = groups.map { names.claim($0.name) }
    var sections: [ModelSection] = []
    for (group, name) in zip(groups, unique) {
      if name != group.name { notes.append("a further section \(group.name) is called \(name)") }
      let announcement = state.manifest.section(group.numbers[0], of: entry)
      var section = ModelSection(try piece(name, announcement, layout: group.layout, state))
      section.piece.subsections = try subsections(of: group.numbers.map { .section($0) }, entry, state)
      if let key = group.key {
        let field = String(state.layouts.table.layout(group.layout).name(of: key))
        section.cardinality = .many(count: .constant(Int128(group.numbers.count)), key: field)
      }
      sections.append(section)
    }
    return sections
  }

  /// Announced sections that are one of the document, because they have one name, one layout, and a key.
  private struct SectionGroup {
    var name: String
    var layout: UInt32
    var numbers: [Int]
    /// The entry that differs in each.
    var key: Int?
  }

  private func sectionGroups(
    of entry: DeviceEntry, _ state: borrowing StreamState
  ) throws(DraftFault) -> [SectionGroup] {
    var groups: [SectionGroup] = []
    var known: [String: [UInt32: Int]] = [:]
    for number in 0..<entry.sectionCount {
      let name = String(state.manifest.name(of: state.manifest.section(number, of: entry)))
      guard let layout = device.sections[number]?.layout else { throw DraftFault("section \(name) did not come") }
      if let group = known[name]?[layout] {
        groups[group].numbers.append(number)
      } else {
        known[name, default: [:]][layout] = groups.count
        groups.append(SectionGroup(name: name, layout: layout, numbers: [number]))
      }
    }
    return groups.flatMap { group in
      if group.numbers.count == 1 { return [group] }
      var whole = group
      whole.key = key(of: group.numbers)
      if whole.key != nil { return [whole] }
      return group.numbers.map { SectionGroup(name: group.name, layout: group.layout, numbers: [$0]) }
    }
  }

  /// The entry of the first integer that differs in each of the sections, which have one layout.
  private func key(of numbers: [Int]) -> Int? {
    let observed = numbers.compactMap { device.sections[$0] }
    return observed.first?.integers.keys.sorted().first { field in
      Set(observed.compactMap { $0.integers[field] }).count == numbers.count
    }
  }

  private mutating func piece(
    _ name: String, _ announcement: Announcement, layout number: UInt32, _ state: borrowing StreamState
  ) throws(DraftFault) -> StatePiece {
    guard !state.layouts.table.isExternal(number) else {
      throw DraftFault("the layout of \(name) is not in the stream, so nothing is known of its fields")
    }
    let layout = state.layouts.table.layout(number)
    meetElements(of: number, state)
    var piece = StatePiece(name: name, fields: fields(of: number, state))
    let layoutName = String(layout.name)
    if layoutName != name { piece.layout = layoutName }
    piece.mark = announcement.mark == .skippable ? .skippable : .required
    let newest = newest(of: layout)
    // The fields explain the version, or the piece as a whole is as new as it says.
    piece.since = max(1, newest == announcement.version ? announcement.versionMin : announcement.version)
    version = max(version, piece.since, newest)
    layouts.append(number)
    return piece
  }

  /// Highest version that a field of the layout came with; notes the last ones of those that have gone.
  private mutating func newest(of layout: LayoutView) -> UInt32 {
    var newest: UInt32 = 0
    for number in 0..<layout.entries.count {
      let attributes = layout.attributes(of: number)
      newest = max(newest, attributes.since)
      version = max(version, attributes.until)
      if attributes.since > 1 || attributes.until > 0 { tellsOfVersions = true }
    }
    return newest
  }

  // MARK: Subsections

  /// Subsections that hang on any of `parents`, which are one piece in the document.
  private mutating func subsections(
    of parents: [StateObserver.Parent], _ entry: DeviceEntry, _ state: borrowing StreamState
  ) throws(DraftFault) -> [ModelSubsection] {
    var subsections: [ModelSubsection] = []
    var groups: [[Int]] = []
    var known: [SubsectionPlace: Int] = [:]
    for parent in parents {
      for position in children[parent] ?? [] {
        let place = SubsectionPlace(device.subsections[position])
        if let group = known[place] {
          groups[group].append(position)
        } else {
          known[place] = groups.count
          groups.append([position])
        }
      }
    }
    for group in groups {
      let observed = device.subsections[group[0]]
      let announcement = state.manifest.subsection(observed.number, of: entry)
      let name = String(state.manifest.name(of: announcement))
      let unique = subsectionNames.claim(name)
      if unique != name {
        notes.append("subsection \(name) has several places or layouts; a further one is called \(unique)")
      }
      var subsection = ModelSubsection(
        try piece(unique, announcement, layout: observed.layout, state))
      subsection.target = observed.target.isEmpty ? nil : observed.target
      subsection.piece.subsections = try self.subsections(of: group.map { .subsection($0) }, entry, state)
      subsections.append(subsection)
    }
    return subsections
  }

  /// What two observed subsections have in common when the document has one for both.
  private struct SubsectionPlace: Hashable {
    var number: Int
    var target: String
    var layout: UInt32

    init(_ subsection: StateObserver.Subsection) {
      (number, target, layout) = (subsection.number, subsection.target, subsection.layout)
    }
  }

  // MARK: Layouts

  private func fields(of number: UInt32, _ state: borrowing StreamState) -> [ModelField] {
    let lists = elements.lists(of: number).mapValues { $0.compactMap { elementNames[$0] } }
    return LayoutFields(state.layouts.table.layout(number), clock: clock, elements: lists).fields(of: nil)
  }

  /// Gives names to the layouts that elements of this layout's lists had.
  private mutating func meetElements(of number: UInt32, _ state: borrowing StreamState) {
    for (_, layouts) in elements.lists(of: number).sorted(by: { $0.key < $1.key }) {
      for element in layouts where elementNames[element] == nil && !state.layouts.table.isExternal(element) {
        elementNames[element] = names.claim(String(state.layouts.table.layout(element).name))
        elementNumbers.append(element)
      }
    }
  }

  private mutating func elementLayouts(_ state: borrowing StreamState) throws(DraftFault) -> [ElementLayout] {
    var made: [ElementLayout] = []
    // Elements may have lists of further ones.
    while made.count < elementNumbers.count {
      let number = elementNumbers[made.count]
      let layout = state.layouts.table.layout(number)
      meetElements(of: number, state)
      let (name, own) = (elementNames[number] ?? "", String(layout.name))
      var element = ElementLayout(name: name, fields: fields(of: number, state))
      if own != name { element.layout = own }
      let newest = newest(of: layout)
      version = max(version, newest)
      layouts.append(number)
      made.append(element)
    }
    return made
  }
}
