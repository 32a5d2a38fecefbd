internal import ForeignStreams

/// One value of a device, found by going down its tree.
struct QEMUSite {
  let node: QEMUNode
  /// Where the value is, from the start of the stream.
  let offset: Int
  let path: String
  /// All fields of the same struct.
  let siblings: [QEMUNode]
  /// From the first element to this one, for fields of struct arrays.
  let displacement: Int

  /// Goes down by chance, towards kinds that devices check more often than to others.
  static func pick(in device: QEMUDevice, _ chance: inout Chance) -> QEMUSite? {
    var children = device.children
    var subsections = device.subsections
    var displacement = 0
    var path = ""
    while true {
      let total = children.count + subsections.count
      guard total > 0 else { return nil }
      let number = choose(children, total, &chance)
      guard number < children.count else {
        let subsection = subsections[number - children.count]
        path += subsection.name + "/"
        (children, subsections) = (subsection.children, subsection.subsections)
        continue
      }
      var node = children[number]
      path += node.name + (node.index.map { "[\($0)]" } ?? "")
      switch node.shape {
      case .single, .array:
        let element = node.elementCount > 0 ? chance.below(node.elementCount) : 0
        if node.elementCount > 1 { path += "[\(element)]" }
        let offset = Int(node.sourceOffset) + displacement + element * node.width
        guard node.width > 0, node.sourceLength > 0, !isUnused(node) else { return nil }
        return QEMUSite(node: node, offset: offset, path: path, siblings: children, displacement: displacement)
      case .structure: break
      case .structArray(let count):
        let element = chance.below(max(1, count))
        path += "[\(element)]"
        displacement += element * node.width
      case .list:
        guard !node.children.isEmpty else { return nil }
        let element = chance.below(node.children.count)
        path += "[\(element)]"
        node = node.children[element]
      }
      (children, subsections) = (node.children, node.subsections)
      path += "/"
    }
  }

  private static func choose(_ children: [QEMUNode], _ total: Int, _ chance: inout Chance) -> Int {
    var number = chance.below(total)
    for _ in 0..<2 where number < children.count && children[number].children.isEmpty {
      let isWanted = !isUnused(children[number]) && QEMUFieldKind(children[number]).isConstrained
      guard !isWanted, chance.isOne(in: 2) else { break }
      number = chance.below(total)
    }
    return number
  }

  /// Octets that no one reads are no field.
  private static func isUnused(_ node: QEMUNode) -> Bool {
    node.typeName == "unused_buffer" || node.name.hasPrefix("unused")
  }
}

/// What a device has that more than one field takes part in.
struct QEMUSurvey {
  /// A count and the elements that it seems to count.
  struct Counted {
    let count: QEMUNode
    let countPath: String
    let value: UInt64
    /// All elements, and octets of one.
    let elements: Range<Int>
    let width: Int
  }

  /// Elements of equal width side by side.
  struct Elements {
    let path: String
    let range: Range<Int>
    let width: Int

    var count: Int { range.count / width }
    func element(_ number: Int) -> Range<Int> {
      let start = range.lowerBound + number * width
      return start..<(start + width)
    }
  }

  struct Placed {
    let path: String
    let subsection: QEMUSubsection
    /// The subsection behind it in the same struct.
    let next: QEMUSubsection?
  }

  private(set) var counted: [Counted] = []
  private(set) var arrays: [Elements] = []
  private(set) var lists: [(path: String, node: QEMUNode)] = []
  private(set) var subsections: [Placed] = []
  private let octets: [UInt8]
  /// Counts seen so far that may count what comes, innermost last.
  private var counts: [(node: QEMUNode, path: String, value: UInt64)] = []

  init(_ device: QEMUDevice, _ octets: [UInt8]) {
    self.octets = octets
    visit(device.children, device.subsections, path: "")
  }

  private mutating func visit(_ children: [QEMUNode], _ inner: [QEMUSubsection], path: String) {
    let outer = counts.count
    for node in children {
      let here = path + node.name + (node.index.map { "[\($0)]" } ?? "")
      switch node.shape {
      case .single:
        note(node, here)
        if node.type == .bytes { match(node, here, width: 1) }
      case .array: match(node, here, width: node.width)
      case .structArray:
        match(node, here, width: node.width)
        visit(node.children, node.subsections, path: here + "[0]/")
      case .structure: visit(node.children, node.subsections, path: here + "/")
      case .list:
        lists.append((here, node))
        for child in node.children { visit(child.children, child.subsections, path: here + "[]/") }
      }
    }
    for (number, subsection) in inner.enumerated() {
      let next = number + 1 < inner.count ? inner[number + 1] : nil
      subsections.append(Placed(path: path + subsection.name, subsection: subsection, next: next))
      visit(subsection.children, subsection.subsections, path: path + subsection.name + "/")
    }
    counts.removeLast(counts.count - outer)
  }

  private mutating func note(_ node: QEMUNode, _ path: String) {
    let kind = QEMUFieldKind(node)
    guard kind == .count || kind == .length || kind == .equal, node.width <= 8, !node.isLittleEndian,
      let value = octets.bigEndian(at: Int(node.sourceOffset), width: node.width), value > 0
    else { return }
    counts.append((node, path, value))
  }

  private mutating func match(_ node: QEMUNode, _ path: String, width: Int) {
    let range = Int(node.sourceOffset)..<Int(node.sourceOffset + node.sourceLength)
    guard width > 0, range.count >= width, range.upperBound <= octets.count else { return }
    let elements = Elements(path: path, range: range, width: width)
    if elements.count > 1 { arrays.append(elements) }
    guard let count = counts.last(where: { $0.value == UInt64(elements.count) }) else { return }
    counted.append(
      Counted(count: count.node, countPath: count.path, value: count.value, elements: range, width: width))
  }
}
