/// How much of the state in a QEMU stream has a type once it is converted.
public struct QEMUTypedness: Sendable, Equatable {
  /// Values outside `buffer` and `unused_buffer`, which QEMU means to be octets; an array counts each element.
  public internal(set) var leafCount = 0
  /// Those of them that have a type other than octets.
  public internal(set) var typedCount = 0

  /// Typed leaves of all, 0 to 1; 1 where there are none.
  public var ratio: Double { leafCount == 0 ? 1 : Double(typedCount) / Double(leafCount) }

  mutating func count(_ node: QEMUNode, isTyped: Bool, times: Int) {
    guard node.typeName != "buffer", node.typeName != "unused_buffer" else { return }
    let (number, overflow) = node.elementCount.multipliedReportingOverflow(by: times)
    guard !overflow, number < Int.max / 2 - leafCount else { return }
    leafCount += number
    if isTyped { typedCount += number }
  }
}
