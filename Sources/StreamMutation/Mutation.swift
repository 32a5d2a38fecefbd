/// What a mutation breaks, or changes where nothing need break.
public enum Mutation: UInt8, CaseIterable, Sendable {
  // Octets without structure.
  case octets
  case bodyOctets
  case fieldOctets
  case payloadOctets
  case paddingOctets
  // Fields.
  case fieldLimit
  case fieldStep
  case fieldBit
  case fieldCopied
  case rangeWrap
  case sumWrap
  case fieldsEqual
  case fieldsSwapped
  case fieldsZero
  case fieldsMoved
  case version
  case flags
  case device
  case fixedOctets
  // Counts, lengths and what they count.
  case tailResized
  case tailLie
  case lengthLie
  case itemDoubled
  case itemDropped
  case itemsSwapped
  case itemMoved
  case itemLie
  case itemNested
  // Elements of arrays in section data.
  case elementDropped
  case elementDoubled
  case elementsSwapped
  // Records.
  case bodyZeroed
  case recordDoubled
  case recordDropped
  case recordsSwapped
  case recordsRotated
  case recordMoved
  case sectionReplaced
  case recordUnknown
  case unknownInserted
  case sequenceGap
  case endEarly
  case endDoubled
  case endMissing
  case aborted
  case trailingOctets
  case truncated
  // Digests and frames.
  case digestWrong
  case digestStale
  case framePlain
  case frameStored
  case frameSizeForged
  case framed
  case unframed
  // Two streams.
  case spliced

  /// How often it is chosen, beside the others.
  var weight: Int {
    switch self {
    case .octets, .digestWrong, .aborted, .trailingOctets, .endDoubled, .endEarly, .endMissing, .spliced: 1
    case .truncated, .digestStale, .fixedOctets, .sequenceGap, .recordUnknown, .unknownInserted, .paddingOctets: 2
    case .fieldLimit: 24
    case .tailResized: 12
    case .fieldStep, .rangeWrap, .fieldOctets, .bodyOctets: 8
    case .fieldCopied, .fieldsZero, .fieldsEqual, .fieldsSwapped, .fieldsMoved, .fieldBit, .flags, .payloadOctets, .tailLie: 5
    case .framePlain: 6
    default: 4
    }
  }

  /// Changes values of fields, or the items of lists, and leaves records as they are.
  var isAboutValues: Bool {
    switch self {
    case .fieldOctets, .fieldLimit, .fieldStep, .fieldBit, .fieldCopied, .rangeWrap, .fieldsEqual, .fieldsSwapped, .fieldsZero,
      .fieldsMoved, .flags, .tailResized, .itemDoubled, .itemDropped, .itemsSwapped, .itemMoved, .elementDropped, .elementDoubled,
      .elementsSwapped:
      true
    default: false
    }
  }

  var isAboutDigests: Bool { self == .digestWrong || self == .digestStale }

  /// All mutations of one stream, each as often as its weight says.
  static let weighted: [Mutation] = allCases.filter { $0 != .spliced }.flatMap { Array(repeating: $0, count: $0.weight) }

  /// Those of them that are about values.
  static let weightedValues: [Mutation] = weighted.filter(\.isAboutValues)
}
