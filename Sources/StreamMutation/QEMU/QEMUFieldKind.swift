internal import ForeignStreams

/// What a field is for, guessed: a description tells name, type and size, and nothing of meaning.
enum QEMUFieldKind: UInt8, Sendable {
  case number, index, count, length, enumeration, flags, address, truth, timer
  /// Has to be what the destination has.
  case equal
  case octets

  init(_ node: QEMUNode) {
    if node.typeName.hasSuffix(" equal") || node.typeName.hasSuffix(" le") {
      self = .equal
      return
    }
    switch node.type {
    case .bool: self = .truth
    case .timer: self = .timer
    case .bytes, .text, .bitmap, .structure, .list, .nullPointer, .fileDescriptor: self = .octets
    case .f64: self = .number
    case .u8, .u16, .u32, .u64, .i8, .i16, .i32, .i64: self = Self.integer(node)
    }
  }

  /// Whether a device is likely to hold this kind against something.
  var isConstrained: Bool {
    switch self {
    case .index, .count, .length, .enumeration, .equal: true
    case .number, .flags, .address, .truth, .timer, .octets: false
    }
  }

  /// Words of names by kind, what is most telling first.
  private static let words: [(kind: QEMUFieldKind, words: Set<String>)] = [
    (.count, ["num", "nr", "cnt", "count", "counts", "total", "nbr", "n", "ports", "capacity"]),
    (.length, ["len", "length", "size", "bytes", "level", "remaining", "left", "limit", "fifo"]),
    (
      .index,
      [
        "index", "idx", "ptr", "pos", "head", "tail", "sel", "select", "cur", "current", "next", "rptr", "wptr", "rpos",
        "wpos", "in", "out", "first", "last", "start", "end", "slot", "id", "offset", "row", "col",
      ]
    ),
    (.enumeration, ["state", "mode", "status", "type", "phase", "function", "cmd", "command", "op", "sta", "stage"]),
    (
      .flags,
      [
        "flags", "irr", "isr", "imr", "mask", "enable", "enabled", "ctl", "control", "cr", "features", "pending", "caps",
        "irq", "intr", "conf", "cfg", "config",
      ]
    ),
    (.address, ["addr", "address", "base", "desc", "pc", "eip", "ring", "sp", "pa", "va", "frame"]),
  ]

  /// Endings and stems that names run together, such as `xmitlen` or `txcount`.
  private static let stems: [(kind: QEMUFieldKind, stems: [String])] = [
    (.count, ["count"]), (.length, ["len", "size"]), (.index, ["index", "ptr", "pos", "idx"]),
    (.enumeration, ["state", "mode", "status"]), (.flags, ["flags", "mask"]), (.address, ["addr", "base"]),
  ]

  private static func integer(_ node: QEMUNode) -> QEMUFieldKind {
    let name = node.name.lowercased()
    let parts = name.split { !($0.isLetter) }.map(String.init)
    // The last word says what the field is: `rx_fifo.head`, `tx_ring_size`.
    for part in parts.reversed() {
      for (kind, words) in words where words.contains(part) {
        if kind == .address, node.width < 4 { continue }
        return kind
      }
    }
    let last = parts.last ?? ""
    for (kind, stems) in stems where stems.contains(where: { last.hasSuffix($0) }) { return kind }
    return .number
  }
}
