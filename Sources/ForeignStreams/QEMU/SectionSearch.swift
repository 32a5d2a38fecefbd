/// Finds where a section without a usable description ends, by what must follow it.
///
/// With footers that is the footer with the section's id and, behind it, something that can begin a record. Without
/// footers it is the header of another full section, or the end of the stream.
struct SectionSearch {
  let sectionID: UInt32
  let usesFooters: Bool
  /// Ids that parts may refer to.
  let knownIDs: Set<UInt32>
  /// Where the description's record begins; the octet before it ends the stream.
  let descriptionOffset: Int?

  private static let commandMax: UInt16 = 11
  private static let sectionIDMax: UInt32 = 65_536

  /// Where the payload that begins at the cursor ends; nil when nothing fits. The cursor stays.
  func payloadEnd(in reader: StreamReader) throws(ForeignError) -> Int? {
    var probe = reader
    probe.stage = .search
    var weakCandidate: Int?
    while probe.remaining > 0 {
      let index = try probe.peek(1)
      let chunk = min(probe.window.count - index, probe.remaining)
      var hit: Int?
      for ahead in 0..<chunk where isFirstOctet(probe.window[index + ahead]) {
        hit = ahead
        break
      }
      guard let hit else {
        probe.position += chunk
        continue
      }
      probe.position += hit
      let candidate = probe.position
      switch try fit(at: candidate, probe) {
      case .strong: return candidate
      case .weak: weakCandidate = weakCandidate ?? candidate
      case .none: break
      }
      probe.position = candidate + 1
    }
    return weakCandidate
  }

  private enum Fit { case none, weak, strong }

  private func isFirstOctet(_ octet: UInt8) -> Bool {
    usesFooters
      ? octet == QEMUFormat.Record.footer
      : octet == QEMUFormat.Record.sectionFull || octet == QEMUFormat.Record.endOfStream
  }

  /// How well the octets at `candidate` fit the end of the payload.
  private func fit(at candidate: Int, _ reader: StreamReader) throws(ForeignError) -> Fit {
    var probe = reader
    probe.position = candidate
    guard usesFooters else { return try fitOfRecord(&probe) }
    guard probe.remaining >= QEMUFormat.footerOctets else { return .none }
    try probe.skip(1)
    guard try probe.u32() == sectionID else { return .none }
    return try fitOfRecord(&probe)
  }

  /// Whether a record can begin at the cursor.
  private func fitOfRecord(_ probe: inout StreamReader) throws(ForeignError) -> Fit {
    if probe.remaining == 0 { return .strong }
    let start = probe.position
    switch try probe.u8() {
    case QEMUFormat.Record.endOfStream:
      if let descriptionOffset { return start + 1 == descriptionOffset ? .strong : .none }
      if probe.remaining == 0 { return .strong }
      let isDescription = try probe.octet(ahead: 0) == QEMUFormat.Record.description
      return isDescription && usesFooters ? .strong : usesFooters ? .weak : .none
    case QEMUFormat.Record.sectionPart, QEMUFormat.Record.sectionEnd:
      guard usesFooters, probe.remaining >= 4 else { return .none }
      return knownIDs.contains(try probe.u32()) ? .strong : .none
    case QEMUFormat.Record.sectionStart: return usesFooters ? try fitOfHeader(&probe) : .none
    case QEMUFormat.Record.sectionFull: return try fitOfHeader(&probe)
    case QEMUFormat.Record.command:
      guard usesFooters, probe.remaining >= 4 else { return .none }
      let command = try probe.u16()
      return command >= 1 && command <= Self.commandMax ? .strong : .none
    default: return .none
    }
  }

  /// Whether a section header follows: a small id, a printable name of at least two octets, room for the rest.
  private func fitOfHeader(_ probe: inout StreamReader) throws(ForeignError) -> Fit {
    guard probe.remaining >= 5 else { return .none }
    let id = try probe.u32()
    guard id < Self.sectionIDMax, usesFooters || !knownIDs.contains(id) else { return .none }
    let count = Int(try probe.u8())
    guard count >= 2, probe.remaining >= count + 8 else { return .none }
    let name = try probe.octets(count)
    guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7f || $0 == 0x20 }) else { return .none }
    // Versions and instances are small or, for buses, have the top bit set: never text.
    let instance = try probe.u32()
    let version = try probe.u32()
    return version < Self.sectionIDMax && (instance < 1 << 24 || instance >= 1 << 31)
      ? .strong : .none
  }
}
