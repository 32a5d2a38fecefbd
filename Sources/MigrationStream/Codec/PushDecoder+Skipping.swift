/// Octets that are not looked at.
extension PushDecoder {
  /// Octets from ``offset`` on that nobody looks at: what is left of the hole and the areas behind PLACEMENT, and, when
  /// the options check no digests, of a plain payload. 0 everywhere else.
  ///
  /// They may be pushed, and are passed over; who can seek calls ``skip(_:)`` and reads on at ``offset``. The number is
  /// a claim: never skip more than the input has.
  public var skippable: UInt64 {
    if poison != nil { return 0 }
    return step == .areas || step == .payload && frame == nil && !state.options.checksDigests ? needed : 0
  }

  /// Goes on without such octets; a handler does not see them.
  ///
  /// - Parameter count: At most ``skippable``, and at most what the input has behind ``offset``: the end of a file
  ///   that is too short is then found at its place.
  /// - Throws: `wrongCall` for more than that; nothing is skipped then.
  public mutating func skip(_ count: UInt64) throws(StreamError) {
    defer { checkStep() }
    if let poison { throw poison }
    guard count <= skippable else {
      throw StreamError(.wrongCall, .use, at: offset, expected: skippable, found: count)
    }
    // Where nothing may be skipped, nothing begins either.
    guard count > 0 else { return }
    arrived &+= count
    offset &+= count
    guard needed == 0 else { return findPlace() }
    if step == .areas { begin(.header) } else { begin(.backPadding) }
  }
}
