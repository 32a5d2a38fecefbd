public import MigrationStream

/// Watches a stream go by and keeps what it shows of each device: which layouts its sections and subsections have,
/// where subsections hang, and which layouts the elements of lists have.
///
/// Memory: as much as the manifest and the layouts, and a few words for each place where a subsection was seen.
public struct StateObserver: StreamHandler {
  /// A section of a device, once it came.
  struct Section {
    var layout: UInt32
    /// Top-level integers by entry, of sections that share their name with another one.
    var integers: [Int: UInt64] = [:]
  }

  enum Parent: Hashable {
    case section(Int)
    /// Position among the device's observed subsections.
    case subsection(Int)
  }

  /// A subsection at one place of its parent; however many elements have it, it is one.
  struct Subsection: Hashable {
    var parent: Parent
    /// Position among the announced ones.
    var number: Int
    /// Path in the parent's layout; empty: the parent itself.
    var target: String
    var layout: UInt32
  }

  struct Device {
    /// By announced section.
    var sections: [Section?]
    /// Whether another section has the same name.
    var isRepeated: [Bool]
    /// As they were first met.
    var subsections: [Subsection] = []
    var positions: [Subsection: Int] = [:]
    var hasByteString = false
  }

  private(set) var devices: [Device] = []
  private(set) var elements = ElementLayouts()

  public init() {}

  public mutating func preamble(_ preamble: Preamble) {}
  public mutating func payload(_ octets: RawSpan, at position: UInt64) {}
  public mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {}

  public mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {
    switch record.header.knownKind {
    case .manifest: open(state.manifest)
    case .section: try take(record, state)
    case .bytes: devices[Int(record.header.device)].hasByteString = true
    default: break
    }
  }

  private mutating func open(_ manifest: borrowing Manifest) {
    for number in 0..<manifest.devices.count {
      let device = manifest.devices[number]
      var counts: [String: Int] = [:]
      let names = (0..<device.sectionCount).map { String(manifest.name(of: manifest.section($0, of: device))) }
      for name in names { counts[name, default: 0] += 1 }
      devices.append(
        Device(
          sections: Array(repeating: nil, count: names.count), isRepeated: names.map { counts[$0, default: 0] > 1 }))
    }
  }

  private mutating func take(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {
    let (head, device) = (SectionHead(record.body), Int(record.header.device))
    let number = Int(head.section)
    var section = Section(layout: head.layout)
    let data = head.data(in: record.body)
    if devices[device].isRepeated[number], !state.layouts.table.isExternal(head.layout) {
      section.integers = Self.integers(data, of: state.layouts.table.layout(head.layout))
    }
    devices[device].sections[number] = section
    let entry = state.manifest.devices[device]
    let offset = record.bodyOffset + UInt64(SectionHead.byteCount)
    let subsections = SubsectionReader(
      head.subsections(in: record.body), at: offset + head.dataByteCount,
      leading: SectionHead.byteCount + Int(head.dataByteCount), count: head.subsectionCount,
      numAnnounced: UInt16(entry.subsectionCount), limits: state.limits)
    try take(data, at: offset, layout: head.layout, subsections, of: .section(number), device: device, state)
  }

  /// Looks through the data of a section or subsection, then into its subsections, at most 8 levels.
  private mutating func take(
    _ data: RawSpan, at offset: UInt64, layout: UInt32, _ subsections: SubsectionReader, of parent: Parent,
    device: Int, _ state: borrowing StreamState
  ) throws(StreamError) {
    var walk = ObservingWalk(targets: try Self.targets(subsections), elements: elements)
    elements = ElementLayouts()
    try SectionWalker(data, at: offset, layouts: state.layouts.table, limits: state.limits)
      .walk(layout: layout, visitor: &walk)
    elements = walk.elements
    var rest = subsections
    var index = 0
    while let subsection = try rest.next() {
      let place = Subsection(
        parent: parent, number: Int(subsection.number), target: walk.targets[index].path, layout: subsection.layout)
      index += 1
      let position = devices[device].position(of: place)
      try take(
        subsection.data, at: subsection.dataOffset, layout: subsection.layout, rest.inside(subsection),
        of: .subsection(position), device: device, state)
    }
  }

  private static func targets(_ subsections: SubsectionReader) throws(StreamError) -> [ObservingWalk.Target] {
    var (rest, targets) = (subsections, [ObservingWalk.Target]())
    while let subsection = try rest.next() {
      targets.append(ObservingWalk.Target(steps: (0..<subsection.targetStepCount).map { subsection.targetStep($0) }))
    }
    return targets
  }

  /// The values of top-level integers of shape one, up to 64 bits, by entry.
  private static func integers(_ data: RawSpan, of layout: LayoutView) -> [Int: UInt64] {
    var (values, number, position) = ([Int: UInt64](), 0, 0)
    while number < layout.entries.count {
      let entry = layout.entries[number]
      if entry.shape == .one, entry.type.isInteger, entry.width <= 8 {
        var value: UInt64 = 0
        for octet in (0..<Int(entry.width)).reversed() { value = value << 8 | UInt64(data.octet(at: position + octet)) }
        values[number] = value
      }
      position += entry.blockByteCount
      number = layout.sibling(after: number)
    }
    return values
  }
}

extension StateObserver.Device {
  fileprivate mutating func position(of place: StateObserver.Subsection) -> Int {
    if let position = positions[place] { return position }
    positions[place] = subsections.count
    subsections.append(place)
    return subsections.count - 1
  }
}

/// Which layouts the elements of each list had.
struct ElementLayouts {
  private struct Seen: Hashable {
    var layout: UInt32
    var field: Int
    var element: UInt32
  }

  private var seen: Set<Seen> = []
  /// By layout and field, in the order in which they came.
  private var lists: [UInt32: [Int: [UInt32]]] = [:]

  mutating func add(_ element: UInt32, to field: Int, of layout: UInt32) {
    guard seen.insert(Seen(layout: layout, field: field, element: element)).inserted else { return }
    lists[layout, default: [:]][field, default: []].append(element)
  }

  /// By field.
  func lists(of layout: UInt32) -> [Int: [UInt32]] { lists[layout] ?? [:] }
}

/// Finds the names on the way to each target of a section, and the layouts of list elements.
struct ObservingWalk: FieldVisitor {
  struct Target {
    var steps: [TargetStep]
    var path = ""
  }

  /// In the order in which a walk meets the parts.
  private(set) var targets: [Target]
  private(set) var elements: ElementLayouts
  private var next = 0
  private var steps: [TargetStep] = []
  private var names: [String] = []
  /// Lists that stand in an array and that the walk is inside of: nothing in them can be a target.
  private var unreachable = 0

  init(targets: [Target], elements: consuming ElementLayouts) {
    self.targets = targets
    self.elements = elements
    while next < self.targets.count, self.targets[next].steps.isEmpty { next += 1 }
  }

  mutating func enter(_ place: FieldPlace, of layout: LayoutView) { meet(place, layout) }

  mutating func enterElement(
    _ place: FieldPlace, of layout: LayoutView, element: LayoutView, number: UInt32
  ) {
    elements.add(number, to: place.number, of: place.layout)
    meet(place, layout)
  }

  mutating func opaqueElement(
    _ octets: RawSpan, at place: FieldPlace, of layout: LayoutView, number: UInt32
  ) {
    elements.add(number, to: place.number, of: place.layout)
    meet(place, layout)
    leave(place, of: layout)
  }

  mutating func leave(_ place: FieldPlace, of layout: LayoutView) {
    steps.removeLast()
    names.removeLast()
  }

  mutating func beginArray(count: Int, at place: FieldPlace, of layout: LayoutView) {
    if isUnreachable(place, layout) { unreachable += 1 }
  }

  mutating func endArray(at place: FieldPlace, of layout: LayoutView) {
    if isUnreachable(place, layout) { unreachable -= 1 }
  }

  private mutating func meet(_ place: FieldPlace, _ layout: LayoutView) {
    steps.append(
      TargetStep(
        field: UInt32(truncatingIfNeeded: place.number), element: UInt32(truncatingIfNeeded: place.element ?? 0)))
    names.append(String(layout.name(of: place.number)))
    guard unreachable == 0 else { return }
    while next < targets.count, targets[next].steps == steps {
      targets[next].path = ModelPath(names).text
      next += 1
    }
  }

  private func isUnreachable(_ place: FieldPlace, _ layout: LayoutView) -> Bool {
    layout.entries[place.number].type == .list && place.element != nil
  }
}
