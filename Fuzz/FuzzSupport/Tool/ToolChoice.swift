import StreamReport

/// What a user asks of a dump, out of one octet.
///
///      7         6         5         4         3         2         1         0
///     | segments          | layouts | folds   | reveals | headers | form              |
///
/// Reveals and folds together, in a form where nothing is folded: a path is selected.
struct ToolChoice {
  let form: ReportForm
  let selects: Bool
  let options: InspectionOptions
  /// Octets of one segment of the input.
  let segment: Int

  init(_ octet: UInt8) {
    form = [.text, .annotated, .json, .jsonLines][Int(octet & 3)]
    var options = InspectionOptions()
    options.showsHeaders = octet & 4 != 0
    options.reveals = octet & 8 != 0
    options.foldsFraming = octet & 16 != 0 && form == .text
    options.listsLayouts = octet & 32 != 0 && form != .annotated
    selects = octet & 24 == 24 && form != .text
    options.accountsForAll = form == .annotated
    if form == .json { options.octetsMax = .max }
    self.options = options
    segment = [Int.max, 1, 63, 4_096][Int(octet >> 6)]
  }
}
