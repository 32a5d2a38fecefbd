#if !hasFeature(Embedded)
// Not in Embedded Swift, which has no text of cases.

/// One line for logs and traps; `StreamReport` has text for people.
extension StreamError: CustomStringConvertible {
  public var description: String {
    var text = "\(stage) \(code) at octet \(offset), expected \(expected), found \(found)"
    if sequence != Self.noRecord { text += ", record \(sequence)" }
    if device != UInt32.max { text += ", device \(device)" }
    if channel == Self.noChannel { text += ", in a hello" } else if channel != 0 { text += ", channel \(channel)" }
    return text
  }
}
#endif
