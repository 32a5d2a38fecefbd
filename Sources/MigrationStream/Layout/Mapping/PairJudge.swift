/// The rows of the mapping table that two entries alone decide: steps 1 to 7 of a pair.
///
/// Source: Specs/20-layouts.md sections 5 and 6.
enum PairJudge {
  enum Verdict {
    case taken(MappingWay)
    case refused(StreamError.Code, expected: UInt64, found: UInt64)
  }

  static func judge(
    _ number: Int, of stream: LayoutView, _ own: Int, of reader: LayoutView
  ) -> Verdict {
    let (theirs, ours) = (stream.entries[number], reader.entries[own])
    guard theirs.shape == ours.shape else {
      return .refused(
        .typeChanged, expected: UInt64(ours.shape.rawValue), found: UInt64(theirs.shape.rawValue))
    }
    guard theirs.type == ours.type || isSameContent(theirs, ours) else {
      return .refused(
        isSignChange(theirs.type, ours.type) ? .signChanged : .typeChanged,
        expected: UInt64(ours.type.rawValue), found: UInt64(theirs.type.rawValue))
    }
    guard let way = way(theirs, ours) else {
      return .refused(
        theirs.type == .float ? .typeChanged : .countChanged, expected: UInt64(ours.width),
        found: UInt64(theirs.width))
    }
    guard theirs.shape != .fixedArray || theirs.count == ours.count else {
      return .refused(.countChanged, expected: UInt64(ours.count), found: UInt64(theirs.count))
    }
    guard stream.unit(of: number).compare(to: reader.unit(of: own)) == 0 else {
      return .refused(.unitChanged, expected: 0, found: 0)
    }
    let clocks = (ours: reader.clock(of: own), theirs: stream.clock(of: number))
    guard clocks.ours == clocks.theirs else {
      return .refused(.unitChanged, expected: UInt64(clocks.ours), found: UInt64(clocks.theirs))
    }
    return .taken(way)
  }

  /// Row T1.
  private static func isSameContent(_ theirs: FieldEntry, _ ours: FieldEntry) -> Bool {
    guard theirs.width == ours.width, theirs.type == .unsigned || ours.type == .unsigned else { return false }
    switch theirs.type == .unsigned ? ours.type : theirs.type {
    case .size, .count, .index, .guestAddress: return true
    default: return false
    }
  }

  /// Row S1.
  private static func isSignChange(_ theirs: FieldType, _ ours: FieldType) -> Bool {
    (theirs == .signed && ours == .unsigned) || (theirs == .unsigned && ours == .signed)
  }

  /// Rows W, N and B1; nil where the width may not differ as it does.
  private static func way(_ theirs: FieldEntry, _ ours: FieldEntry) -> MappingWay? {
    let isSameWidth = theirs.width == ours.width
    switch ours.type {
    case .countedBytes, .string: return .counted
    case .structure: return .structure
    case .optional: return .optional
    case .union: return .union
    case .list: return .list
    case .enumeration: return .enumeration
    case .flags: return .flags
    case .unsigned, .count, .index, .size, .guestAddress: return isSameWidth ? .copy : .unsigned
    case .signed: return isSameWidth ? .copy : .signed
    case .float: return isSameWidth ? .copy : theirs.width < ours.width ? .float : nil
    default: return isSameWidth ? .copy : nil
    }
  }
}
