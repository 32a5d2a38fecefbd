/// How a report is written.
public enum ReportForm: Sendable {
  case text
  /// Rows of a table that account for every octet.
  case annotated
  /// One JSON document.
  case json
  /// One JSON object a line.
  case jsonLines
}

/// Escape sequences of a terminal, or nothing.
public struct ReportColour {
  let isOn: Bool

  public init(isOn: Bool) { self.isOn = isOn }

  public func dim(_ text: String) -> String { isOn ? "\u{1b}[2m\(text)\u{1b}[0m" : text }
  public func strong(_ text: String) -> String { isOn ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
  public func value(_ text: String) -> String { isOn ? "\u{1b}[36m\(text)\u{1b}[0m" : text }
  public func fault(_ text: String) -> String { isOn ? "\u{1b}[31m\(text)\u{1b}[0m" : text }
}
