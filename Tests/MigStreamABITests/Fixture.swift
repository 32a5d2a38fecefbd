import CMigStream
import MigrationStream

/// A layout of one number of 8 octets that must not be above 1000.
func counterLayout() throws -> [UInt8] {
  var builder = LayoutBuilder()
  try builder.begin(name: StaticString("counter").octets)
  var field = FieldAttributes(.unsigned, width: 8, shape: .one, count: 0)
  field.flags = .range
  field.maximum = 1000
  try builder.field(field, name: StaticString("count").octets)
  try builder.finish()
  let canonical = builder.canonical
  return (0..<canonical.byteCount).map { canonical.octet(at: $0) }
}

/// The library's text of a literal.
func text(_ literal: StaticString) -> mgs_text {
  unsafe mgs_text(
    octets: UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self), size: literal.utf8CodeUnitCount)
}

/// A manifest of one device with one section, `counter/state`.
@safe
final class Manifest {
  let handle: OpaquePointer?

  init(single: Bool = true) throws {
    var (made, error) = unsafe (OpaquePointer?.none, mgs_error())
    var topology = unsafe mgs_topology()
    unsafe topology.size = MemoryLayout<mgs_topology>.size
    unsafe topology.producer = text("test")
    unsafe topology.producer_version = text("1")
    if !single { unsafe topology.architecture = text("x86_64") }
    guard unsafe mgs_manifest_new(&made, &topology, nil, &error) == 0 else { throw Refused(error.code) }
    unsafe handle = unsafe made
    if !single {
      var region = unsafe mgs_region()
      unsafe region.size = MemoryLayout<mgs_region>.size
      unsafe region.name = text("ram")
      unsafe region.guest_address = UInt64.max
      unsafe region.length = 65536
      unsafe region.owner = UInt32.max
      guard unsafe mgs_manifest_add_region(made, &region, &error) == 0 else { throw Refused(error.code) }
    }
    var device = unsafe mgs_device()
    unsafe device.size = MemoryLayout<mgs_device>.size
    unsafe device.path = text("counter")
    unsafe device.model = text("test/counter")
    unsafe (device.version, device.version_min) = (1, 1)
    guard unsafe mgs_manifest_add_device(made, &device, &error) == 0 else { throw Refused(error.code) }
    let layout = try counterLayout()
    guard unsafe mgs_manifest_add_layout(made, layout, layout.count, &error) == 0 else { throw Refused(error.code) }
    var section = unsafe mgs_announcement()
    unsafe section.size = MemoryLayout<mgs_announcement>.size
    unsafe section.name = text("state")
    unsafe (section.version, section.version_min) = (1, 1)
    guard unsafe mgs_manifest_add_section(made, &section, &error) == 0 else { throw Refused(error.code) }
  }

  deinit { unsafe mgs_manifest_free(handle) }

  /// A single-device stream with this count.
  func encoded(_ count: UInt64) throws -> [UInt8] {
    var (written, error) = (0, mgs_error())
    var stream = [UInt8](repeating: 0, count: unsafe mgs_device_bound(handle, 8))
    let octets = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    let status = unsafe octets.withUnsafeBytes { octets in
      var data = unsafe mgs_octets(octets: octets.baseAddress, size: octets.count)
      return unsafe mgs_encode_device(handle, &data, 1, nil, &stream, stream.count, &written, &error)
    }
    guard status == 0 else { throw Refused(error.code) }
    return Array(stream.prefix(written))
  }
}

struct Refused: Error, Equatable {
  let code: Int32
  init(_ code: Int32) { self.code = code }
}

/// A writer whose context is an array of octets.
let writeToArray: mgs_writer = { context, pieces, count in
  for index in 0..<count {
    guard let piece = unsafe pieces?[index], unsafe piece.size > 0 else { return 1 }
    unsafe context?.assumingMemoryBound(to: [UInt8].self).pointee.append(
      contentsOf: UnsafeRawBufferPointer(start: piece.octets, count: piece.size))
  }
  return 0
}
