/// The announcements in the octets of a manifest whose framing is right.
///
/// Source: Specs/10-stream-format.md section 4.
extension ReferenceRules.Device {
  /// - Parameters:
  ///   - number: Of the device.
  ///   - body: Of MANIFEST.
  ///   - base: Octets before the body in the stream.
  public init(_ number: Int, of body: [UInt8], at base: Int) {
    func value(_ at: Int, _ size: Int) -> Int { Int(integer(body, at, size)) }
    func padded(_ length: Int) -> Int { length + padding(length, 8) }
    var at = 24 + padded(value(0, 2) + value(2, 2) + value(4, 2))
    for _ in 0..<value(12, 4) { at += 32 + padded(value(at, 2)) }
    for _ in 0..<number { at += value(at, 4) }
    self.number = number
    offset = base + at
    (version, versionMin) = (UInt64(value(at + 24, 4)), UInt64(value(at + 28, 4)))
    let counts = (parameters: value(at + 18, 2), sections: value(at + 20, 2), subsections: value(at + 22, 2))
    at += 48 + padded(value(at + 12, 2) + value(at + 14, 2) + value(at + 16, 2))
    for _ in 0..<counts.parameters { at += 16 + padded(value(at, 2) + value(at + 4, 4)) }
    func announcement() -> ReferenceRules.Announcement {
      let (start, length) = (at, value(at, 2))
      at += 16 + padded(length)
      return ReferenceRules.Announcement(
        offset: base + start, name: Array(body[(start + 16)..<(start + 16 + length)]),
        isRequired: value(start + 2, 2) == 1, version: UInt64(value(start + 4, 4)),
        versionMin: UInt64(value(start + 8, 4)))
    }
    sections = (0..<counts.sections).map { _ in announcement() }
    subsections = (0..<counts.subsections).map { _ in announcement() }
  }
}
