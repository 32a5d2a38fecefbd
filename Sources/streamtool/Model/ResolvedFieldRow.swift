import DeviceModel
import MigrationStream

/// A field of a resolved layout as `model resolve` shows it.
struct ResolvedFieldRow {
  let field: ResolvedField
  let depth: Int
  /// `u16[3]`, `u16[<=3]`.
  let type: String
  /// Octets from the start of the block that the field lies in: that of the layout; inside unions, optionals and counted
  /// arrays, that of the child or element.
  let offset: UInt64
  /// Octets in that block.
  let width: UInt64
  let attributes: FieldAttributes

  static func rows(_ layout: ResolvedLayout, _ view: LayoutView) -> [ResolvedFieldRow] {
    var rows: [ResolvedFieldRow] = []
    append(view.subtree(of: nil), at: 0, depth: 0, layout, view, isUnion: false, to: &rows)
    return rows
  }

  private static func append(
    _ range: Range<Int>, at start: UInt64, depth: Int, _ layout: ResolvedLayout, _ view: LayoutView, isUnion: Bool,
    to rows: inout [ResolvedFieldRow]
  ) {
    var (number, offset) = (range.lowerBound, start)
    while number < range.upperBound {
      let attributes = view.attributes(of: number)
      let width = UInt64(view.entries[number].blockByteCount)
      rows.append(
        ResolvedFieldRow(
          field: layout.fields[number], depth: depth, type: spelling(layout.fields[number].field, attributes),
          offset: offset, width: width, attributes: attributes))
      // What lies in the variable part starts a block of its own.
      let isInBlock = attributes.type == .structure && attributes.shape != .countedArray
      append(
        view.subtree(of: number), at: isInBlock ? offset : 0, depth: depth + 1, layout, view,
        isUnion: attributes.type == .union, to: &rows)
      if !isUnion { offset += width }
      number = view.sibling(after: number)
    }
  }

  private static func spelling(_ field: ModelField, _ attributes: FieldAttributes) -> String {
    switch attributes.shape {
    case .one: field.type.spelling
    case .fixedArray: "\(field.type.spelling)[\(attributes.count)]"
    case .countedArray: "\(field.type.spelling)[<=\(attributes.count)]"
    }
  }

  /// Lowest and highest value as people read them; nil without a range.
  var range: (lowest: String, highest: String)? {
    guard attributes.flags.contains(.range) else { return nil }
    guard attributes.type.isSigned else { return ("\(attributes.minimum)", "\(attributes.maximum)") }
    return ("\(Int64(bitPattern: attributes.minimum))", "\(Int64(bitPattern: attributes.maximum))")
  }
}
