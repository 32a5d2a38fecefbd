internal import MigrationStream

/// Refusals of section rules in words, with the names of the model.
extension JudgedConfiguration {
  /// nil where the error's own text says as much.
  ///
  /// - Parameter isSubsection: Whether a piece that is only numbered is a subsection.
  func sentence(_ error: StreamError, isSubsection: Bool) -> String? {
    guard error.stage == .rules else { return nil }
    let kind = isSubsection ? "subsection" : "section"
    let found = name(error.found, isSubsection)
    switch error.code {
    case .notEnabled: return "the parameters do not ask for the \(kind) \(found), and it is there"
    case .duplicateSection: return "the \(kind) \(found) comes once, and is announced again"
    case .sectionOutOfOrder:
      return "the section \(found) comes in front of \(name(error.expected, false)), and is announced after it"
    case .missingSection:
      return "the section \(name(error.expected & 0xffff_ffff, false)) has to come, and is not announced"
    case .badTarget: return "the subsection \(found) does not belong here"
    case .conditionMismatch: return condition(error)
    default: return nil
    }
  }

  private func condition(_ error: StreamError) -> String {
    let isThere = error.expected == UInt64(Format.none32)
    let number = isThere ? error.found : error.expected
    let name = name(number, true)
    let words = model.subsections.first { $0.name == name }?.subsection.condition ?? ""
    let condition = words.isEmpty ? "its condition" : "its condition (\(words))"
    return isThere
      ? "the subsection \(name) is there, and \(condition) does not hold"
      : "the subsection \(name) is missing, and \(condition) holds"
  }

  private func name(_ number: UInt64, _ isSubsection: Bool) -> String {
    let piece = isSubsection ? RulePiece.subsection(Int(clamping: number)) : .section(Int(clamping: number))
    return Self.name(of: piece, model.rules) ?? "number \(number)"
  }

  private static func name(of piece: RulePiece, _ rules: borrowing SectionRules) -> String? {
    rules.contains(piece) ? String(rules.name(of: piece)) : nil
  }
}
