/// A rule that was broken.
struct DeviceFinding: Error {
  /// As Fuzz/README.md names it.
  let rule: String
  /// What was expected, and what was found.
  let detail: String

  init(_ rule: String, _ detail: String) {
    self.rule = rule
    self.detail = detail
  }
}
