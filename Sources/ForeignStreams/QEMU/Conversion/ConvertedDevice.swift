import MigrationStream

/// How one section of a QEMU stream is converted.
struct ConvertedDevice {
  enum State {
    /// Fields by the stream's description.
    case typed(ConvertedGroup)
    /// Parts without structure, in the section.
    case parts([SectionPart])
    /// Parts without structure, as write units of a byte string.
    case byteString([SectionPart])
  }

  /// Octets of state that a section may hold; what is larger becomes a byte string.
  private static let sectionOctetsMax: UInt64 = 8 << 20

  var state: State
  var subsections = SubsectionAnnouncements()

  /// Plans the conversion of a section other than guest memory; gives the same plan each time.
  init(_ number: Int, _ parts: SectionParts, _ planner: inout ConversionPlanner, limits: StreamLimits)
    throws(ForeignError)
  {
    let stream = planner.stream
    let section = stream.sections[number]
    planner.path = section.name
    state = Self.untyped(number, parts, limits: limits)
    guard section.content == .described else {
      if section.content == .opaque { planner.typedness.leafCount += 1 }
      return
    }
    // A description tells of one part.
    guard case .parts(let payloads) = state, payloads.count == 1 else {
      planner.note(.keptAsOctets, section)
      return
    }
    let device = try stream.device(number)
    let name = section.stateName.isEmpty ? section.name : section.stateName
    let group = try planner.group(name, device.children, device.subsections)
    var announcements = SubsectionAnnouncements()
    guard announcements.announce(group), announcements.list.count <= Int(limits.subsectionsMax) else {
      planner.note(.keptAsOctets, section)
      return
    }
    subsections = announcements
    state = .typed(group)
  }

  /// The section's octets as they are.
  static func untyped(_ number: Int, _ parts: SectionParts, limits: StreamLimits) -> State {
    let payloads = parts[number]
    let total = payloads.reduce(UInt64(0)) { $0 &+ $1.length &+ 16 }
    let most = min(sectionOctetsMax, limits.recordBodyBytesMax / 2)
    return total <= most ? .parts(payloads) : .byteString(payloads)
  }
}

extension ConversionPlanner {
  mutating func note(_ kind: QEMUDiagnostic.Kind, _ section: QEMUSection) {
    note(
      QEMUDiagnostic(kind: kind, offset: section.offset, expected: 0, found: section.payloadLength, path: section.name))
  }
}

/// What the manifest must know before the first section can be converted: one walk over all devices.
struct ConversionInventory {
  struct Device {
    var number: Int
    var path: String
    /// Whether the section came inside a package.
    var isPackaged: Bool
    /// Names and versions of the subsections that come.
    var subsections: [(name: String, version: UInt32)]
  }

  private(set) var devices: [Device] = []
  private(set) var typedness = QEMUTypedness()
  private(set) var diagnostics: [QEMUDiagnostic] = []
  /// Found from the machine's name, or from the registers of its processors; `unknown` where neither tells.
  private(set) var architecture = "unknown"
  /// 0 not known, 1 little, 2 big.
  private(set) var endianness: UInt8 = 0

  /// Octets that a memory region of ours may have; source: Specs/10-stream-format.md section 4.
  private static let regionOctetsMax: UInt64 = 1 << 56 - 1

  /// - Throws: ``ForeignError`` `notConvertible` at the length of a memory block that no region can have.
  init(_ stream: QEMUStream, _ parts: SectionParts, limits: StreamLimits) throws(ForeignError) {
    for block in stream.memoryBlocks where block.length > Self.regionOctetsMax {
      throw ForeignError(
        .notConvertible, .memory, at: block.lengthOffset, expected: Self.regionOctetsMax, found: block.length,
        path: block.name)
    }
    var planner = ConversionPlanner(stream)
    var paths = UniqueNames()
    for path in [Conversion.configurationPath, Conversion.descriptionPath] {
      _ = paths.take(path, limit: Int(limits.textBytesMax))
    }
    for number in stream.deviceNumbers {
      let section = stream.sections[number]
      let device = try ConvertedDevice(number, parts, &planner, limits: limits)
      let name = section.instance == 0 ? section.name : "\(section.name)[\(section.instance)]"
      devices.append(
        Device(
          number: number, path: paths.take(name, limit: Int(limits.textBytesMax)),
          isPackaged: parts[number].first?.isPackaged ?? false,
          subsections: device.subsections.list))
      if section.stateName == "cpu", case .typed(let group) = device.state { note(processor: group) }
    }
    typedness = planner.typedness
    diagnostics = planner.diagnostics
    note(machine: stream.machine ?? "")
  }

  /// x86 machines are called alike on both of its architectures; the width of the instruction pointer differs.
  private mutating func note(processor: ConvertedGroup) {
    for field in processor.fields where field.name == "env.eip" {
      architecture = field.attributes.width == 8 ? "x86_64" : "i386"
      endianness = 1
    }
  }

  private mutating func note(machine: String) {
    if machine.hasPrefix("pseries") || machine.hasPrefix("powernv") { architecture = "ppc64" }
    if machine.hasPrefix("lm3s") { architecture = "arm" }
    if machine.hasPrefix("s390-ccw-virtio") {
      architecture = "s390x"
      endianness = 2
    }
  }
}
