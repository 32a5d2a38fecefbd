/// Finds the description near the end of a QEMU stream without trusting a length or the end of the file.
///
///      00 | 06 | length, 4 octets | {" ... }          EOF, record type, JSON text
///
/// Octets behind it are tolerated: streams are embedded in files that pad.
struct DescriptionSearch {
  /// A description and where it is.
  struct Found {
    var description: QEMUDescription
    /// Where the record's type octet is.
    var offset: Int
    /// What the record says about its length; differs from the text's on damage.
    var claimedLength: Int
  }

  private static let headerOctets = 5
  /// Texts that are tried at most; each may be 16 MiB long.
  private static let attemptsMax = 4

  let limits: ForeignLimits
  private var attempts = 0
  /// Why the last text that was tried was refused.
  private(set) var refusal: ForeignError?

  init(limits: ForeignLimits) { self.limits = limits }

  /// Scans back from the end of the source.
  mutating func find(in reader: StreamReader) throws(ForeignError) -> Found? {
    var probe = reader
    let lowest = max(0, reader.octetCount - ForeignLimits.descriptionOctets - Self.headerOctets)
    var end = reader.octetCount
    var fallback: Int?
    while end > lowest {
      let start = max(lowest, end - ForeignLimits.windowOctets + Self.headerOctets + 2)
      probe.position = start
      // The chunk overlaps the one behind it, so that a header on the border is seen whole.
      let count = min(end + Self.headerOctets + 1, reader.octetCount) - start
      let index = try probe.peek(count)
      for place in stride(from: count - Self.headerOctets - 2, through: 0, by: -1) {
        let at = index + place
        guard probe.window[at] == QEMUFormat.Record.description,
          probe.window[at + Self.headerOctets] == UInt8(ascii: "{"),
          probe.window[at + Self.headerOctets + 1] == UInt8(ascii: "\"")
        else { continue }
        let length = (1...4).reduce(0) { $0 << 8 | Int(probe.window[at + $1]) }
        let offset = start + place
        if length <= reader.octetCount - offset - Self.headerOctets,
          let found = try attempt(at: offset, length: length, reader),
          found.description.octetCount == length
        {
          return found
        }
        // A wrong length does not hide the text, if nothing better comes.
        fallback = fallback ?? offset
      }
      end = start
    }
    guard let fallback else { return nil }
    return try attempt(
      at: fallback, length: reader.octetCount - fallback - Self.headerOctets, reader)
  }

  /// Parses the text behind `offset`; nil when it is no description.
  private mutating func attempt(
    at offset: Int, length: Int, _ reader: StreamReader
  ) throws(ForeignError) -> Found? {
    guard attempts < Self.attemptsMax, length <= ForeignLimits.descriptionOctets else { return nil }
    attempts += 1
    let start = offset + Self.headerOctets
    let text = try reader.source.read(at: UInt64(start), count: length)
    do throws(ForeignError) {
      let description = try QEMUDescriptionParser.parse(text, at: start, limits: limits)
      var probe = reader
      probe.position = offset + 1
      return Found(description: description, offset: offset, claimedLength: Int(try probe.u32()))
    } catch {
      refusal = error
      return nil
    }
  }
}
