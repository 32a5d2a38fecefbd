/// What two lists of named things have in common.
struct NamedPairs<Element> {
  enum Pair {
    case same(Element, Element)
    /// The new one has another name.
    case renamed(Element, Element)
    case removed(Element)
    case added(Element)

    /// What both have.
    var both: (Element, Element)? {
      switch self {
      case .same(let old, let new), .renamed(let old, let new): (old, new)
      case .removed, .added: nil
      }
    }
  }

  private(set) var pairs: [Pair] = []

  /// - Parameters:
  ///   - names: The name, then names that it had before.
  ///   - isAlike: Whether one that went and one that came in its place are the same under another name.
  init(
    _ old: [Element], _ new: [Element], names: (Element) -> [String], isAlike: (Element, Element) -> Bool = { _, _ in false }
  ) {
    let oldNames = Self.positions(old) { names($0).prefix(1) }
    let newNames = Self.positions(new) { names($0).prefix(1) }
    var partners: [Int?] = Array(repeating: nil, count: old.count)
    var isTaken = Array(repeating: false, count: new.count)
    for (position, element) in new.enumerated() {
      for name in names(element) {
        guard let other = oldNames[ExactName(name)], partners[other] == nil else { continue }
        // An alias does not take what still has the name itself.
        let isOwn = name == names(element).first
        if !isOwn, newNames[ExactName(name)] != nil { continue }
        (partners[other], isTaken[position]) = (position, true)
        break
      }
    }
    for position in old.indices where partners[position] == nil && position < new.count && !isTaken[position] {
      guard isAlike(old[position], new[position]) else { continue }
      (partners[position], isTaken[position]) = (position, true)
    }
    for (position, element) in old.enumerated() {
      guard let partner = partners[position] else {
        pairs.append(.removed(element))
        continue
      }
      let isSame = names(element)[0].hasSameOctets(as: names(new[partner])[0])
      pairs.append(isSame ? .same(element, new[partner]) : .renamed(element, new[partner]))
    }
    for (position, element) in new.enumerated() where !isTaken[position] { pairs.append(.added(element)) }
  }

  private static func positions(
    _ elements: [Element], _ names: (Element) -> some Sequence<String>
  ) -> [ExactName: Int] {
    var positions: [ExactName: Int] = [:]
    for (position, element) in elements.enumerated() {
      for name in names(element) where positions[ExactName(name)] == nil { positions[ExactName(name)] = position }
    }
    return positions
  }
}
