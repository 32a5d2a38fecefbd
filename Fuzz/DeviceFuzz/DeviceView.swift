import CDeviceFuzz
import Glibc

/// What a guest sees of a device at one moment: named values, one behind the other.
///
///     | octets of the name, 2 | name | octets of the value, 4 | value |
struct DeviceView: Equatable {
  private(set) var octets: [UInt8] = []

  @unsafe
  mutating func add(_ name: UnsafePointer<CChar>?, _ value: UnsafeRawBufferPointer) {
    let length = unsafe name.map { unsafe min(strlen($0), 255) } ?? 0
    octets += [UInt8(length), 0]
    if let name = unsafe name {
      unsafe octets.append(contentsOf: UnsafeRawBufferPointer(start: name, count: length))
    }
    for shift in [0, 8, 16, 24] { octets.append(UInt8(truncatingIfNeeded: value.count >> shift)) }
    unsafe octets.append(contentsOf: value)
  }

  private struct Value {
    var name: String
    var octets: ArraySlice<UInt8>

    /// As a number, where it may be one.
    var text: String {
      guard octets.count <= 8 else { return Hexadecimal.text(octets) }
      return "\(octets.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })"
    }
  }

  private var values: [Value] {
    var values: [Value] = []
    var position = 0
    while position < octets.count {
      let nameStart = position + 2
      let sizeStart = nameStart + Int(octets[position])
      let size = (0..<4).reduce(0) { $0 | Int(octets[sizeStart + $1]) << (8 * $1) }
      let name = String(decoding: octets[nameStart..<sizeStart], as: UTF8.self)
      values.append(Value(name: name, octets: octets[(sizeStart + 4)..<(sizeStart + 4 + size)]))
      position = sizeStart + 4 + size
    }
    return values
  }

  /// The first value that differs; nil when none does.
  func difference(from expected: DeviceView) -> String? {
    if octets == expected.octets { return nil }
    let (own, other) = (values, expected.values)
    for (value, wanted) in zip(own, other) {
      if value.name != wanted.name { return "expected the value \(wanted.name), found \(value.name)" }
      guard value.octets != wanted.octets else { continue }
      guard wanted.octets.count > 8, value.octets.count == wanted.octets.count,
        let place = zip(value.octets, wanted.octets).enumerated().first(where: { $0.element.0 != $0.element.1 })
      else { return "\(value.name): expected \(wanted.text), found \(value.text)" }
      return "\(value.name), octet \(place.offset): expected \(place.element.1), found \(place.element.0)"
    }
    return "expected \(other.count) values, found \(own.count)"
  }
}

@c @implementation
public func mgsf_see(
  _ view: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ octets: UnsafeRawPointer?, _ size: Int
) {
  guard let view = unsafe view, size >= 0, unsafe octets != nil || size == 0 else { return }
  // Safe: views are handed to `visible` by this library only, and live as long as that call.
  unsafe UnsafeMutablePointer<DeviceView>(view).pointee.add(name, UnsafeRawBufferPointer(start: octets, count: size))
}

@c @implementation
public func mgsf_see_number(_ view: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ value: UInt64) {
  unsafe withUnsafeBytes(of: value.littleEndian) { octets in
    unsafe mgsf_see(view, name, octets.baseAddress, octets.count)
  }
}
