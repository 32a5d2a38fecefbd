/// The integers that a field of the stream has by the claims of its layout.
///
/// Source: Specs/20-layouts.md sections 2, 3 and 6 (rows N1 and R1).
struct ValueDomain {
  private let isInteger: Bool
  private let isSigned: Bool
  private let isCounted: Bool
  /// Lowest and highest as the wire has them, with the sign bit turned over for signed ones: they compare like numbers.
  private var lowest: UInt64 = 0
  private var highest: UInt64 = .max
  private var alignmentLog2: UInt8 = 0
  private let width: UInt32

  init(_ layout: LayoutView, _ number: Int) {
    let entry = layout.entries[number]
    let attributes = layout.attributes(of: number)
    (isInteger, isSigned, width) = (entry.type.isInteger, entry.type.isSigned, entry.width)
    isCounted = entry.shape == .countedArray
    guard isInteger, width <= 8 else { return }
    alignmentLog2 = attributes.alignmentLog2
    if entry.flags.contains(.range) {
      (lowest, highest) = (turned(attributes.minimum), turned(attributes.maximum))
    } else {
      (lowest, highest) = ValueDomain.all(of: width, isSigned: isSigned)
    }
  }

  /// The default of a field of the reader alone.
  init(default value: UInt64, _ layout: LayoutView, _ number: Int) {
    self.init(layout, number)
    guard isInteger, width <= 8 else { return }
    (lowest, highest, alignmentLog2) = (turned(value), turned(value), 0)
  }

  /// What a reader's integer of `width` octets does with these values; nil when all fit.
  func outcome(inWidth width: UInt32) -> MappingVerdict.Outcome? {
    guard self.width <= 8 else { return .depends }
    let fitting = ValueDomain.all(of: width, isSigned: isSigned)
    return outcome(fitting.lowest, fitting.highest)
  }

  /// What the reader's range and alignment do with these values; nil when they take all.
  func outcome(of layout: LayoutView, _ number: Int) -> MappingVerdict.Outcome? {
    guard isInteger, width <= 8, layout.entries[number].width <= 8 else { return nil }
    if layout.hasRange(number) {
      let attributes = layout.attributes(of: number)
      let limited = outcome(turned(attributes.minimum), turned(attributes.maximum))
      if let limited { return limited }
    }
    return layout.alignment(of: number) > alignmentLog2 && (lowest != highest || !isMultiple(layout, number))
      ? .depends : nil
  }

  private func outcome(_ least: UInt64, _ most: UInt64) -> MappingVerdict.Outcome? {
    guard lowest < least || highest > most else { return nil }
    return !isCounted && (highest < least || lowest > most) ? .refused : .depends
  }

  private func isMultiple(_ layout: LayoutView, _ number: Int) -> Bool {
    lowest & (UInt64(1) << UInt64(layout.alignment(of: number)) - 1) == 0
  }

  private func turned(_ value: UInt64) -> UInt64 { isSigned ? value ^ 1 << 63 : value }

  private static func all(of width: UInt32, isSigned: Bool) -> (lowest: UInt64, highest: UInt64) {
    guard width < 8 else { return (0, .max) }
    let bits = UInt64(8 * width)
    guard isSigned else { return (0, 1 << bits - 1) }
    let half = UInt64(1) << (bits - 1)
    return (1 << 63 - half, 1 << 63 + half - 1)
  }
}
