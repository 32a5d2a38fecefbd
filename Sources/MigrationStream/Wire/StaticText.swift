extension StaticString {
  /// The octets of a literal, for names that are fixed at compile time; traps on a literal of one Unicode scalar.
  public var octets: RawSpan {
    @_lifetime(immortal)
    get {
      // Safe: the octets of a literal live as long as the program.
      let octets = unsafe UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
      return unsafe _overrideLifetime(RawSpan(_unsafeBytes: octets), borrowing: ())
    }
  }
}
