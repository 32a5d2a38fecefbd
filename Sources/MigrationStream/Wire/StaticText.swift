extension StaticString {
  /// The UTF-8 octets of a literal.
  public var octets: RawSpan {
    @_lifetime(immortal)
    get {
      // Safe: a literal's octets live as long as the program; `isASCII` literals of one scalar are pointers too
      // unless written as such, which hasPointerRepresentation tells.
      guard hasPointerRepresentation else { return RawSpan() }
      let span = unsafe RawSpan(_unsafeStart: utf8Start, byteCount: utf8CodeUnitCount)
      return unsafe _overrideLifetime(span, copying: ())
    }
  }
}
