/// One way to break a QEMU stream. Raw values are stable; new operators take new numbers.
public enum QEMUOperator: UInt8, CaseIterable, Sendable {
  /// A field becomes a limit of its kind: none, all, the greatest, the least.
  case fieldLimit = 1
  /// A field becomes the value beside its own, or a power of two away.
  case fieldNeighbour
  /// A field becomes a value that another field of its struct forbids: an array's count as index, a sum that wraps.
  case fieldRelation
  case fieldBit
  /// A count and what it counts grow or shrink together.
  case countAndTail
  case elementsSwapped
  /// An element of a list, with its mark, is sent twice or left out.
  case listElement
  case subsectionRenamed
  case subsectionDropped
  case subsectionDoubled
  case subsectionsSwapped
  case subsectionVersion
  case sectionVersion
  case sectionInstance
  case sectionRenamed
  case sectionDropped
  case sectionDoubled
  case sectionsSwapped
  /// A device gets the state of another device of its type.
  case payloadMoved
  /// A page, or a block's length, is somewhere else.
  case memoryAddress
  case memoryBlock
  case memoryOctets
  case description
  case configuration

  /// A count without what it counts.
  case countAlone = 64
  case footer
  case recordType
  case truncated
  case nameLength
  case octetsInserted
  case octetsRemoved
  /// A subsection where its name does not belong.
  case subsectionMoved
  /// A device gets the state of a device of another type.
  case payloadMisplaced
  case memoryFlags

  /// Whether sections are expected to begin and end elsewhere than a reader of the format thinks.
  public var breaksFraming: Bool { rawValue >= 64 }

  /// `field-limit` for ``fieldLimit``.
  public var name: String {
    "\(self)".reduce(into: "") { text, letter in
      if letter.isUppercase { text += "-" }
      text += letter.lowercased()
    }
  }

  /// How often each is tried beside the others. One in sixteen breaks the framing; what a reader is known to step over
  /// without a word (order, doubled or missing state, the description) is rare, and what devices judge in nearly every
  /// case (versions and names of subsections, where memory lies) is frequent.
  static let weights: [(QEMUOperator, Int)] = [
    (.fieldLimit, 100), (.fieldNeighbour, 32), (.fieldRelation, 64), (.fieldBit, 20), (.countAndTail, 24),
    (.elementsSwapped, 16), (.listElement, 6), (.subsectionRenamed, 44), (.subsectionDropped, 6),
    (.subsectionDoubled, 1), (.subsectionsSwapped, 1), (.subsectionVersion, 56), (.sectionVersion, 2),
    (.sectionInstance, 1), (.sectionRenamed, 1), (.sectionDropped, 1), (.sectionDoubled, 1), (.sectionsSwapped, 1),
    (.payloadMoved, 8), (.memoryAddress, 24), (.memoryBlock, 2), (.memoryOctets, 20), (.description, 1),
    (.configuration, 1),
    (.countAlone, 12), (.footer, 2), (.recordType, 2), (.truncated, 2), (.nameLength, 2), (.octetsInserted, 2),
    (.octetsRemoved, 2), (.subsectionMoved, 2), (.payloadMisplaced, 2), (.memoryFlags, 2),
  ]

  static let weightSum = weights.reduce(0) { $0 + $1.1 }

  static func pick(_ chance: inout Chance) -> QEMUOperator {
    var left = chance.below(weightSum)
    for (candidate, weight) in weights {
      left -= weight
      if left < 0 { return candidate }
    }
    return .truncated
  }
}
