import MigrationStream
import StreamTestKit

/// A field of the stream with its value, and one of the reader; what steps 1 to 8 find different.
struct FieldPair {
  let stream: FieldSample
  let reader: FieldSample
  /// Number of the first layout of elements.
  let elements: UInt32
  let sameShape: Bool
  let sameType: Bool
  let sameWidth: Bool
  /// Row T1.
  let sameContent: Bool
  /// Step 5 finds nothing; steps 5 to 7 find nothing.
  let sameCount: Bool
  let sameRest: Bool
  /// Elements or octets that the stream has, and the reader's bounds.
  let count: UInt64
  let least: UInt64
  let most: UInt64

  init(_ stream: FieldSample, _ reader: FieldSample, elementsFrom number: UInt32) {
    (self.stream, self.reader, elements) = (stream, reader, number)
    sameShape = stream.field.shape == reader.field.shape
    sameType = stream.type == reader.type
    sameWidth = stream.width == reader.width
    sameContent = sameWidth
      && ((stream.type == .unsigned && reader.isNamedNumber) || (stream.isNamedNumber && reader.type == .unsigned))
    sameCount = stream.field.shape != 1 || stream.field.count == reader.field.count
    sameRest = sameCount && stream.field.unit == reader.field.unit && stream.field.clock == reader.field.clock
    if stream.field.shape == 2 {
      (count, least, most) = (UInt64(stream.field.count), 0, UInt64(reader.field.count))
    } else if [.countedBytes, .string, .list].contains(stream.type) {
      count = UInt64(stream.type == .list ? UInt32(stream.listed.count) : stream.number)
      (least, most) = reader.field.flags & 2 == 0 ? (0, .max) : (reader.field.min, reader.field.max)
    } else {
      (count, least, most) = (0, 0, .max)
    }
  }

  var isSymbolic: Bool { stream.type == .enumeration || stream.type == .flags }
  var isGroup: Bool { stream.type == .structure || stream.type == .union || stream.type == .optional }
  var isLeaf: Bool { stream.type.rawValue < RawType.countedBytes.rawValue }
  var isSignChange: Bool {
    (stream.type == .signed && reader.type == .unsigned) || (stream.type == .unsigned && reader.type == .signed)
  }
  var isBoolToUnsigned: Bool { stream.type == .bool && reader.type == .unsigned }

  /// Steps 2 and 3 refuse nothing.
  var isAlike: Bool { sameShape && (sameType || sameContent) }
  var isWider: Bool { reader.width > stream.width }
  /// Octets that have another width: no row takes that.
  var isResized: Bool { [.bytes, .bitmap, .vector].contains(stream.type) && !sameWidth }
  var isNarrowedFloat: Bool { stream.type == .float && !sameWidth && !isWider }
  /// Steps 2 to 4 refuse nothing but, later, values.
  var passesWidth: Bool { isAlike && !isResized && !isNarrowedFloat }
  /// Steps 2 to 8 refuse nothing but, later, values.
  var passes: Bool { passesWidth && sameRest && count <= most && count >= least }

  /// A number of elements or octets was looked at, and nothing behind it.
  var isCounted: Bool {
    guard !isSymbolic, !isGroup else { return false }
    return !isLeaf || (stream.field.shape == 2 && stream.field.count != reader.field.count)
  }
  /// The last step that names a row is step 4 or before.
  var endsAtWidth: Bool { passes && isLeaf && !isSymbolic && !isCounted }
  var isNumber: Bool { stream.type == .unsigned || stream.isNamedNumber }
  var fits: Bool { isWider || sameWidth || stream.value == .small }
  /// The value 1 has a symbol, the large one none, and no bit of a symbol.
  var sameSymbolsInUse: Bool {
    stream.value == .large || stream.field.symbols.map(\.name) == reader.field.symbols.map(\.name)
  }
}

/// A row of the table about two fields.
struct TableRow: Sendable {
  var name: String
  /// Nil: taken.
  var code: StreamError.Code?
  var holds: @Sendable (FieldPair) -> Bool
  /// What a refusal expects and found.
  var numbers: @Sendable (FieldPair) -> (UInt64, UInt64)

  private init(
    _ name: String, _ code: StreamError.Code? = nil,
    _ numbers: @escaping @Sendable (FieldPair) -> (UInt64, UInt64) = { _ in (0, 0) },
    _ holds: @escaping @Sendable (FieldPair) -> Bool
  ) {
    (self.name, self.code, self.holds, self.numbers) = (name, code, holds, numbers)
  }
}

extension TableRow {
  private static let types = { @Sendable (pair: FieldPair) in
    (UInt64(pair.reader.type.rawValue), UInt64(pair.stream.type.rawValue))
  }
  private static let widths = { @Sendable (pair: FieldPair) in
    (UInt64(pair.reader.width), UInt64(pair.stream.width))
  }
  private static let counts = { @Sendable (pair: FieldPair) in
    (UInt64(pair.reader.field.count), UInt64(pair.stream.field.count))
  }

  /// In the order of the specification; a row that takes or refuses stands twice.
  static let all: [TableRow] = fields + values + counted + groups

  private static let fields: [TableRow] = [
    TableRow("E") { $0.endsAtWidth && $0.sameType && $0.sameWidth && !$0.isCounted },
    TableRow("W1") { $0.endsAtWidth && $0.sameType && $0.isNumber && $0.isWider },
    TableRow("W2") { $0.endsAtWidth && $0.sameType && $0.stream.type == .signed && $0.isWider },
    TableRow("W3") { $0.endsAtWidth && $0.sameType && $0.stream.type == .float && $0.isWider },
    TableRow("W4", .typeChanged, types) {
      $0.sameShape && $0.isBoolToUnsigned
    },
    TableRow("N2", .typeChanged, widths) { $0.isAlike && $0.isNarrowedFloat },
    TableRow("S1", .signChanged, types) {
      $0.sameShape && $0.isSignChange
    },
    TableRow("T1") { $0.endsAtWidth && $0.sameContent },
    TableRow("T2", .typeChanged, types) {
      $0.sameShape && !$0.sameType && !$0.sameContent && !$0.isBoolToUnsigned && !$0.isSignChange
    },
    TableRow("X1", .unitChanged) {
      $0.passesWidth && $0.sameCount && $0.stream.field.unit != $0.reader.field.unit
    },
    TableRow("X2", .unitChanged, { (UInt64($0.reader.field.clock), UInt64($0.stream.field.clock)) }) {
      $0.passesWidth && $0.sameCount && $0.stream.field.unit == $0.reader.field.unit
        && $0.stream.field.clock != $0.reader.field.clock
    },
    TableRow("B1", .countChanged, widths) { $0.isAlike && $0.isResized },
  ]

  private static let values: [TableRow] = [
    TableRow("N1") {
      $0.endsAtWidth && $0.sameType && ($0.isNumber || $0.stream.type == .signed) && !$0.sameWidth && !$0.isWider
        && $0.fits
    },
    TableRow("N1", .valueTooLarge, widths) {
      $0.passes && $0.sameType && ($0.isNumber || $0.stream.type == .signed) && !$0.fits
    },
    TableRow("Y1") { $0.passes && $0.isSymbolic && $0.sameSymbolsInUse && $0.fits },
    TableRow("Y2", .symbolChanged, { _ in (0, 1) }) { $0.passes && $0.isSymbolic && !$0.sameSymbolsInUse },
    TableRow("Y3", .valueTooLarge, widths) { $0.passes && $0.isSymbolic && $0.sameSymbolsInUse && !$0.fits },
  ]

  private static let counted: [TableRow] = [
    TableRow("C1", .countChanged, counts) {
      $0.passesWidth && !$0.sameCount
    },
    TableRow("C2") { $0.passes && $0.isCounted && $0.listEnd == nil && ($0.fits || !$0.isLeaf) },
    TableRow("C3", .countAboveMaximum, { ($0.most, $0.count) }) {
      $0.passesWidth && $0.sameRest && $0.count > $0.most
    },
    TableRow("C4", .typeChanged, { (UInt64($0.reader.field.shape), UInt64($0.stream.field.shape)) }) {
      !$0.sameShape
    },
    TableRow("C5", .valueOutOfRange, { ($0.least, $0.count) }) {
      $0.passesWidth && $0.sameRest && $0.count < $0.least
    },
  ]

  private static let groups: [TableRow] = [
    TableRow("G1") { $0.passes && $0.stream.type == .structure },
    TableRow("G2") { $0.passes && $0.stream.type == .optional },
    TableRow("G3") { $0.passes && $0.stream.type == .union && $0.stream.child == $0.reader.child },
    TableRow("G3", .unknownRequired, { _ in (0, 0) }) {
      $0.passes && $0.stream.type == .union && $0.stream.child != $0.reader.child
    },
    TableRow("G4") { $0.passes && $0.listEnd == 0 },
    TableRow("G4", .unknownRequired, { (0, UInt64($0.elements + 1)) }) { $0.passes && $0.listEnd == 1 },
    TableRow("G5", .duplicateName, { (UInt64($0.elements), UInt64($0.elements + 2)) }) {
      $0.passes && $0.listEnd == 2
    },
  ]
}

extension FieldSample {
  /// Whether it is a number of a type that says what the number is of.
  fileprivate var isNamedNumber: Bool {
    type == .size || type == .count || type == .index || type == .guestAddress
  }

  fileprivate var child: [UInt8] { field.children[0].name }
}

extension FieldPair {
  /// The last element of a list: 0 of a layout that the reader has, 1 of one that it has not, 2 of a namesake.
  fileprivate var listEnd: UInt32? { stream.type == .list ? stream.listed.last : nil }
}
