import MigrationStream

/// A digest of values in their order, the same on every host.
struct StateDigest {
  private(set) var value: UInt64 = 0x9ae1_6a3b_2f90_404f

  mutating func add<Value: FixedWidthInteger>(_ number: Value) {
    value = Self.mix(value ^ UInt64(truncatingIfNeeded: number)) &+ 0x9e37_79b9_7f4a_7c15
  }

  mutating func add(_ octets: [UInt8]) {
    add(octets.count)
    add(Digest.xxh3(octets.span.octets))
  }

  /// The finaliser of SplitMix64.
  static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// Takes the digest of a state by its description.
struct DigestArchive: StateArchive {
  var digest = StateDigest()

  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ name: StaticString, _ value: inout Value) {
    digest.add(value)
  }

  mutating func flag(_ name: StaticString, _ value: inout Bool) { digest.add(value ? 1 : 0) }

  mutating func octets(_ name: StaticString, _ value: inout [UInt8]) { digest.add(value) }

  mutating func element(_ value: inout [UInt8]) { digest.add(value) }

  mutating func integers<Value: FixedWidthInteger & BitwiseCopyable>(_ name: StaticString, _ values: inout [Value]) {
    digest.add(values.count)
    for value in values { digest.add(value) }
  }

  mutating func outdated<Value: FixedWidthInteger & BitwiseCopyable>(_ name: StaticString, _ value: inout Value) {}

  mutating func beginArray<Element>(
    _ name: StaticString, _ elements: inout [Element], of blank: @autoclosure () -> Element
  ) -> Int {
    digest.add(elements.count)
    return elements.count
  }

  mutating func beginStructure(_ name: StaticString) {}
  mutating func beginStructure() {}
  mutating func beginOptional(_ name: StaticString, isPresent: inout Bool) { digest.add(isPresent ? 1 : 0) }
  mutating func beginElement(layout: inout UInt32) { digest.add(layout) }
  mutating func end() {}
}
