import MigrationStream

extension Conversion {
  static let configurationPath = "qemu/configuration"
  static let descriptionPath = "qemu/description"
  /// Numbers of the first devices.
  static let configurationDevice: UInt32 = 0
  static let descriptionDevice: UInt32 = 1
  private static let modelDomain = "qemu.org/"

  /// The topology: regions, then the configuration, the description if there is one, and the sections in stream order.
  static func manifest(
    _ stream: QEMUStream, _ inventory: ConversionInventory
  ) throws(StreamError) -> ManifestBuilder {
    let architecture = Array(inventory.architecture.utf8)
    var builder = try ManifestBuilder(
      producer: StaticString("QEMU").octets, producerVersion: StaticString("").octets,
      architecture: architecture.span.octets, guestEndianness: inventory.endianness,
      pageByteCount: UInt32(clamping: stream.pageSize))
    for block in stream.memoryBlocks where block.length > 0 {
      let name = Array(UniqueNames.text(block.name, limit: ConversionPlanner.nameOctetsMax).utf8)
      try builder.region(
        name: name.span.octets, guestAddress: block.guestAddress ?? Format.none64, byteCount: block.length,
        pageByteCount: block.pageSize ?? UInt64(stream.pageSize))
    }
    try addConfiguration(stream, to: &builder)
    if stream.descriptionText != nil {
      let path = Array(descriptionPath.utf8)
      try builder.beginDevice(
        path: path.span.octets, address: RawSpan(), model: path.span.octets, mark: .skippable, version: 1,
        versionMin: 1)
      try builder.endDevice()
    }
    for device in inventory.devices { try add(device, stream.sections[device.number], to: &builder) }
    return builder
  }

  private static func addConfiguration(
    _ stream: QEMUStream, to builder: inout ManifestBuilder
  ) throws(StreamError) {
    let path = Array(configurationPath.utf8)
    try builder.beginDevice(
      path: path.span.octets, address: RawSpan(), model: path.span.octets, version: 1, versionMin: 1)
    if let machine = stream.machine, !machine.isEmpty {
      let text = Array(UniqueNames.text(machine, limit: ConversionPlanner.nameOctetsMax).utf8)
      try builder.parameter(name: StaticString("machine").octets, kind: .str, text: text.span.octets)
    }
    try builder.section(name: StaticString("configuration").octets, version: 1, versionMin: 1)
    try builder.endDevice()
  }

  private static func add(
    _ device: ConversionInventory.Device, _ section: QEMUSection, to builder: inout ManifestBuilder
  ) throws(StreamError) {
    let path = Array(device.path.utf8)
    let address = Array(busAddress(in: section.name).utf8)
    let name = Array(
      UniqueNames.text(
        section.stateName.isEmpty ? section.name : section.stateName, limit: ConversionPlanner.nameOctetsMax
      ).utf8)
    let model = section.stateName.isEmpty ? [] : Array(modelDomain.utf8) + name
    try builder.beginDevice(
      path: path.span.octets, address: address.span.octets, model: model.span.octets,
      clock: section.content == .described ? .virtual : .none, version: section.version,
      versionMin: section.version)
    try builder.parameter(
      name: StaticString("instance_id").octets, kind: .int, value: UInt64(section.instance))
    if device.isPackaged {
      try builder.parameter(name: StaticString("packaged").octets, kind: .bool, value: 1)
    }
    try builder.parameter(name: StaticString("section_id").octets, kind: .int, value: UInt64(section.id))
    try builder.section(name: name.span.octets, version: section.version, versionMin: section.version)
    for subsection in device.subsections {
      let name = Array(subsection.name.utf8)
      try builder.subsection(
        name: name.span.octets, version: subsection.version, versionMin: subsection.version)
    }
    try builder.endDevice()
  }

  /// The PCI address that a section's name begins with, as in `0000:00:01.3/piix4_pm`; empty when there is none.
  static func busAddress(in name: String) -> String {
    guard let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")) else { return "" }
    let prefix = name[..<slash]
    let octets = Array(prefix.utf8)
    let isHexadecimal = { (octet: UInt8) in
      (0x30...0x39).contains(octet) || (0x61...0x66).contains(octet) || (0x41...0x46).contains(octet)
    }
    // Domain, bus, then slot and function, the latter two again behind each bridge.
    guard octets.count >= 12, octets[4] == 0x3a, octets[7] == 0x3a, octets[octets.count - 2] == 0x2e,
      octets.allSatisfy({ isHexadecimal($0) || $0 == 0x3a || $0 == 0x2e })
    else { return "" }
    return String(prefix)
  }
}
