/// What was broken in a QEMU stream, and where.
public struct QEMUMutation: Equatable, Sendable {
  public let operation: QEMUOperator
  /// The section, such as `0000:00:01.3/piix4_pm`; empty for what belongs to none.
  public let device: String
  public let instance: UInt32
  /// The field or the part of the record.
  public let path: String
  /// All changes, the one that matters first; lengths that follow from it come behind.
  public internal(set) var edits: [OctetEdit]
  /// The octets that the first edit takes away, as far as ``shownMax``.
  public internal(set) var old: [UInt8] = []

  /// Octets of old and new ones that ``text`` shows.
  static let shownMax = 16

  init(
    _ operation: QEMUOperator, _ device: String = "", instance: UInt32 = 0, path: String, _ edits: [OctetEdit]
  ) {
    self.operation = operation
    self.device = device
    self.instance = instance
    self.path = path
    self.edits = edits
  }

  /// Where the first edit is, from the start of the untouched stream.
  public var offset: Int { edits.first?.offset ?? 0 }

  /// One line: operator, device and field, offset, old and new octets. Names are the stream's own octets: whoever
  /// prints them escapes them.
  public var text: String {
    let first = edits.first ?? OctetEdit(0, 0, [])
    let place = device.isEmpty ? path : "\(device)#\(instance)/\(path)"
    let framing = operation.breaksFraming ? ", breaks the framing" : ""
    return "\(operation.name) \(place) at 0x\(String(first.offset, radix: 16)): "
      + "\(Self.shown(old, first.oldCount)) -> \(Self.shown(first.new, first.new.count))\(framing)"
  }

  private static func shown(_ octets: [UInt8], _ count: Int) -> String {
    guard count > 0 else { return "nothing" }
    let digits = octets.prefix(shownMax).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    return count > shownMax ? "\(digits) ... (\(count) octets)" : digits
  }
}
