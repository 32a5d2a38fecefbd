/// Where in a stream's state an item is: `/devices/<instance path>/<section>/<field>[i]/...`.
///
/// Source: Specs/50-inspection.md section 3.
struct ReportPath {
  private(set) var text = ""
  private var lengths: [Int] = []

  /// Steps down: below the present path, or to `step` itself when it starts with `/`.
  mutating func push(_ step: String) {
    lengths.append(text.utf8.count)
    if step.utf8.first == UInt8(ascii: "/") {
      saved.append(text)
      text = step
      lengths[lengths.count - 1] = Self.startsAnew
    } else if step.utf8.first == UInt8(ascii: "[") {
      text += step
    } else {
      text += "/"
      text += step
    }
  }

  mutating func pop() {
    guard let length = lengths.popLast() else { return }
    if length == Self.startsAnew {
      text = saved.popLast() ?? ""
    } else {
      text.removeSubrange(text.utf8.index(text.startIndex, offsetBy: length)...)
    }
  }

  private static let startsAnew = -1
  private var saved: [String] = []

  /// A name from the data as one step: characters that mean something in a path, and controls, are percent-encoded.
  static func step(_ name: String) -> String {
    if name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !isReserved($0) }) { return name }
    var step = ""
    for scalar in name.unicodeScalars {
      let isReserved = scalar.isASCII && isReserved(UInt8(scalar.value))
      if isReserved || scalar.isControl {
        for octet in String(scalar).utf8 { step += "%" + hexadecimal(octet) }
      } else {
        step.unicodeScalars.append(scalar)
      }
    }
    return step
  }

  /// An instance path: as a step, but its own slashes stay.
  static func instance(_ path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: true).map { step(String($0)) }
      .joined(separator: "/")
  }

  private static func isReserved(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "/"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "%"): true
    case UInt8(ascii: "+"), UInt8(ascii: "@"): true
    default: false
    }
  }

  /// Whether `path` is `selection` or lies below it; a slash at the end of `selection` makes no difference.
  static func isPath(_ path: String, within selection: String) -> Bool {
    var wanted = selection.utf8[...]
    while wanted.last == UInt8(ascii: "/") { wanted.removeLast() }
    guard path.utf8.starts(with: wanted) else { return false }
    guard let next = path.utf8.dropFirst(wanted.count).first else { return true }
    return next == UInt8(ascii: "/") || next == UInt8(ascii: "[") || wanted.isEmpty
  }
}
