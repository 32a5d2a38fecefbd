import CMigStream

/// Things that a program of calls needs before it gets anywhere: built by C calls too, which may fail as any other.
enum CABITemplate {
  /// Section data that is right: eight octets, and some more for readers that go too far.
  nonisolated(unsafe) static let counter: UnsafePointer<UInt8> = unsafe constant([7, 0, 0, 0, 0, 0, 0, 0])

  /// One number of 8 octets, at most 1000: Specs/20-layouts.md section 3.
  nonisolated(unsafe) static let layout: (octets: UnsafePointer<UInt8>, size: Int) = {
    var octets = [UInt8](repeating: 0, count: 104)
    // Fields, octets of text, of the block, of the layout's name.
    (octets[0], octets[8], octets[12], octets[16]) = (1, 12, 8, 7)
    // Unsigned, required, with a range, of 8 octets, octets of the name, highest value.
    (octets[24], octets[26], octets[27], octets[28], octets[40]) = (1, 1, 2, 8, 5)
    (octets[64], octets[65]) = (0xe8, 3)
    octets.replaceSubrange(88..<100, with: "countercount".utf8)
    return unsafe (constant(octets), octets.count)
  }()

  /// A subsection on its parent, with eight octets of the layout above: Specs/10-stream-format.md section 6.1.
  nonisolated(unsafe) static let subsection: (octets: UnsafePointer<UInt8>, size: Int) = {
    var octets = [UInt8](repeating: 0, count: 32)
    (octets[0], octets[16], octets[24]) = (32, 8, 3)
    return unsafe (constant(octets), octets.count)
  }()

  /// Octets that live for ever.
  private static func constant(_ octets: [UInt8]) -> UnsafePointer<UInt8> {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: octets.count)
    unsafe memory.initialize(from: octets, count: octets.count)
    return unsafe UnsafePointer(memory)
  }

  static func text(_ literal: StaticString) -> mgs_text {
    unsafe mgs_text(
      octets: UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self), size: literal.utf8CodeUnitCount)
  }

  /// Regions and devices of a machine.
  ///
  /// - Parameter deviceCount: 1: no region, for the single-device form. Of more the second is in place, the third external; the
  ///   second has another section and a subsection.
  static func fill(_ manifest: OpaquePointer?, _ deviceCount: Int, _ error: inout mgs_error) -> Int32 {
    if deviceCount > 1 {
      var region = unsafe mgs_region()
      unsafe region.size = MemoryLayout<mgs_region>.size
      unsafe region.name = text("ram")
      unsafe region.guest_address = UInt64.max
      unsafe region.length = 65536
      unsafe region.owner = UInt32.max
      let status = unsafe mgs_manifest_add_region(manifest, &region, &error)
      if status < 0 { return status }
    }
    for device in 0..<deviceCount {
      let status = unsafe add(manifest, device, &error)
      if status < 0 { return status }
    }
    return 0
  }

  private static func add(_ manifest: OpaquePointer?, _ number: Int, _ error: inout mgs_error) -> Int32 {
    var device = unsafe mgs_device()
    unsafe device.size = MemoryLayout<mgs_device>.size
    unsafe device.path = number == 0 ? text("a") : number == 1 ? text("b") : text("c")
    unsafe device.model = text("test/counter")
    unsafe (device.version, device.version_min) = (1, 1)
    unsafe device.apply = UInt32(number + 1)
    unsafe device.capabilities = UInt32(MGS_CAN_STOP_COPY | MGS_CAN_P2P | MGS_CAN_PRE_COPY)
    var status = unsafe mgs_manifest_add_device(manifest, &device, &error)
    if status < 0 { return status }
    status = unsafe mgs_manifest_add_layout(manifest, layout.octets, layout.size, &error)
    if status < 0 { return status }
    var section = unsafe mgs_announcement()
    unsafe section.size = MemoryLayout<mgs_announcement>.size
    unsafe section.name = text("state")
    unsafe (section.version, section.version_min) = (1, 1)
    status = unsafe mgs_manifest_add_section(manifest, &section, &error)
    guard number == 1, status >= 0 else { return status }
    unsafe section.name = text("more")
    status = unsafe mgs_manifest_add_section(manifest, &section, &error)
    unsafe section.name = text("extra")
    return status < 0 ? status : unsafe mgs_manifest_add_subsection(manifest, &section, &error)
  }
}
