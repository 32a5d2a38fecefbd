public import ReferenceDevices

/// That a device is in a state that its document does not allow: a guest, or the next save, would trip over it.
///
/// Source: the device documents in Specs/devices/migstream.example.
public struct WellFormedFault: Equatable, Sendable, CustomStringConvertible {
  public let device: Int
  /// What must hold.
  public let rule: StaticString
  /// The value at fault, and the element that it belongs to, from 0.
  public let found: UInt64
  public let element: Int

  public var description: String { "device \(device): \(rule); found \(found) in element \(element)" }

  public static func == (left: WellFormedFault, right: WellFormedFault) -> Bool {
    left.device == right.device && left.found == right.found && left.element == right.element
      && "\(left.rule)" == "\(right.rule)"
  }
}

extension ReferenceMachine {
  /// Holds every constraint between the fields of each device's state; nil when all hold. Asks for no memory unless one
  /// does not.
  ///
  /// Holds of a machine at power-on, after every commit, and after every step of its workload, whatever streams and guest
  /// memory hold.
  public borrowing func wellFormedFault() -> WellFormedFault? {
    for device in 0..<deviceCount {
      var check = WellFormedCheck(device: device, guestByteCount: options.memoryByteCount)
      show(device, to: &check)
      if let fault = check.fault { return fault }
    }
    return nil
  }
}

/// Looks at the state of one device. The rules of each kind stand in a file of their own.
struct WellFormedCheck: StateVisitor {
  let device: Int
  /// Octets of guest memory.
  let guestByteCount: UInt64
  private(set) var fault: WellFormedFault?

  init(device: Int, guestByteCount: UInt64) {
    self.device = device
    self.guestByteCount = guestByteCount
  }

  /// The first rule that does not hold is kept.
  @inline(__always)
  mutating func demand(
    _ holds: Bool, _ rule: StaticString, _ found: @autoclosure () -> UInt64 = 0, in element: Int = 0
  ) {
    guard !holds, fault == nil else { return }
    fault = WellFormedFault(device: device, rule: rule, found: found(), element: element)
  }

  /// A register has no bits but those that its document names.
  @inline(__always)
  mutating func demand<Value: FixedWidthInteger & UnsignedInteger>(
    bits: Value, within known: Value, _ rule: StaticString, in element: Int = 0
  ) {
    demand(bits & ~known == 0, rule, UInt64(bits), in: element)
  }

  func isGuestMemory(_ address: UInt64, _ byteCount: UInt64) -> Bool {
    address <= guestByteCount && byteCount <= guestByteCount - address
  }
}
