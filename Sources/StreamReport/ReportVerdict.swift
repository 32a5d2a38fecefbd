/// What a command found out about one file, at its end.
public struct ReportVerdict: Equatable, Sendable {
  public enum Result: String, Sendable {
    /// Every octet was read and found good.
    case good
    /// Refused; the fault says why.
    case refused
    /// Only a part was looked at, as asked.
    case partial
    /// The input could not be read.
    case failed
  }

  public var result: Result
  /// Octets of the stream that were looked at.
  public var octets: UInt64
  public var records: UInt64
  /// What was checked: `framing`, `digests`, `data`; and `self-described` when no model was at hand.
  public var checked: [String]
  /// Things worth knowing that are no fault: what was skipped, what was left out.
  public var notes: [String]

  public init(
    _ result: Result, octets: UInt64 = 0, records: UInt64 = 0, checked: [String] = [], notes: [String] = []
  ) {
    self.result = result
    self.octets = octets
    self.records = records
    self.checked = checked
    self.notes = notes
  }

  /// One line for people.
  var text: String {
    let checks = checked.isEmpty ? "" : "; checked: " + checked.joined(separator: ", ")
    return "\(result.rawValue): \(ReportText.size(octets)), \(records) records\(checks)"
  }

  /// Its members as JSON, without braces.
  var json: String {
    let checks = checked.map { JSONText.string($0) }.joined(separator: ",")
    let remarks = notes.map { JSONText.string($0) }.joined(separator: ",")
    return "\"result\":\"\(result.rawValue)\",\"octets\":\(JSONText.integer(octets)),"
      + "\"records\":\(JSONText.integer(records)),\"checked\":[\(checks)],\"notes\":[\(remarks)]"
  }
}
