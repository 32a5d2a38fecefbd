import CMigStream
import DeviceModel
import MigrationStream

/// The manifest that follows from a model document: one device, its layouts, its regions.
enum DeviceManifest {
  static func make(_ model: borrowing ResolvedModel, capabilities: UInt32) throws(DescriptionFault) -> OpaquePointer {
    var making = Making()
    making.open()
    for number in model.regions.indices { making.add(model.regions[number]) }
    making.addDevice(model, capabilities)
    for setting in model.parameters.listed { making.add(setting) }
    making.addLayouts(model.writerLayouts)
    for section in model.sections { making.add(section) }
    for subsection in model.subsections { making.add(subsection, in: section(around: subsection, model)) }
    guard making.status >= 0, let manifest = unsafe making.manifest else {
      throw DescriptionFault("no manifest follows from the model document: \(Verdict(making.error).text)")
    }
    return unsafe manifest
  }

  private static func section(around subsection: ResolvedSubsection, _ model: borrowing ResolvedModel) -> Int {
    var owner = subsection.owner
    while true {
      switch owner {
      case .section(let number): return number
      case .subsection(let number): owner = model.subsections[number].owner
      }
    }
  }
}

/// Calls until one is refused.
@safe
private struct Making {
  private(set) var manifest: OpaquePointer?
  private(set) var error = mgs_error()
  private(set) var status: Int32 = 0

  mutating func open() {
    var topology = unsafe mgs_topology()
    unsafe topology.size = MemoryLayout<mgs_topology>.size
    unsafe withText("fuzz") { (making, producer) in
      unsafe making.withText("any") { (making, architecture) in
        unsafe topology.producer = producer
        unsafe topology.architecture = architecture
        making.status = unsafe mgs_manifest_new(&making.manifest, &topology, nil, &making.error)
      }
    }
  }

  /// Octets that live as long as the call.
  private mutating func withText(_ text: String, _ body: (inout Making, mgs_text) -> Void) {
    var octets = Array(text.utf8)
    let count = octets.count
    octets.append(0)
    unsafe octets.withUnsafeBytes { octets in
      let start = unsafe octets.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self)
      unsafe body(&self, mgs_text(octets: start, size: count))
    }
  }

  mutating func add(_ region: ResolvedRegion) {
    guard status >= 0 else { return }
    unsafe withText(region.name) { (making, name) in
      var entry = unsafe mgs_region()
      unsafe entry.size = MemoryLayout<mgs_region>.size
      unsafe entry.name = name
      unsafe entry.guest_address = UInt64.max
      unsafe entry.length = region.byteCount
      unsafe entry.page_size = region.region.pageSize
      unsafe entry.owner = 0
      unsafe entry.flags = UInt32(region.flags)
      making.status = unsafe mgs_manifest_add_region(making.manifest, &entry, &making.error)
    }
  }

  mutating func addDevice(_ model: borrowing ResolvedModel, _ capabilities: UInt32) {
    guard status >= 0 else { return }
    var entry = unsafe mgs_device()
    unsafe entry.size = MemoryLayout<mgs_device>.size
    unsafe entry.apply = UInt32(model.document.apply.rawValue)
    unsafe entry.clock = UInt32(model.document.clock.rawValue)
    unsafe (entry.version, entry.version_min) = (model.version, model.versionMin)
    unsafe entry.capabilities = capabilities
    let identifier = model.document.model
    unsafe withText("device") { (making, path) in
      unsafe making.withText(identifier) { (making, model) in
        unsafe (entry.path, entry.model) = unsafe (path, model)
        making.status = unsafe mgs_manifest_add_device(making.manifest, &entry, &making.error)
      }
    }
  }

  mutating func add(_ setting: ParameterSetting) {
    guard status >= 0 else { return }
    var entry = unsafe mgs_parameter()
    unsafe entry.size = MemoryLayout<mgs_parameter>.size
    var text = ""
    switch setting.value {
    case .bool(let value): unsafe (entry.kind, entry.value) = (1, value ? 1 : 0)
    case .int(let value): unsafe (entry.kind, entry.value) = (2, value)
    case .str(let value):
      unsafe entry.kind = 3
      text = value
    }
    unsafe withText(setting.name) { (making, name) in
      unsafe making.withText(text) { (making, text) in
        unsafe (entry.name, entry.text) = unsafe (name, text)
        making.status = unsafe mgs_manifest_add_parameter(making.manifest, &entry, &making.error)
      }
    }
  }

  mutating func addLayouts(_ layouts: borrowing LayoutStore) {
    for number in 0..<layouts.count where status >= 0 {
      let canonical = layouts.table.layout(UInt32(number)).octets
      status = unsafe canonical.withUnsafeBytes { octets in
        unsafe mgs_manifest_add_layout(manifest, octets.baseAddress, octets.count, &error)
      }
    }
  }

  mutating func add(_ section: ResolvedSection) {
    guard status >= 0 else { return }
    unsafe announce(section.name, section.mark, section.version, section.versionMin, section.layout) { (making, entry) in
      making.status = unsafe mgs_manifest_add_section(making.manifest, &entry, &making.error)
    }
  }

  mutating func add(_ subsection: ResolvedSubsection, in section: Int) {
    guard status >= 0 else { return }
    unsafe announce(subsection.name, subsection.mark, subsection.version, subsection.versionMin, subsection.layout) {
      (making, entry) in
      unsafe entry.owner = UInt32(section)
      making.status = unsafe mgs_manifest_add_subsection(making.manifest, &entry, &making.error)
    }
  }

  private mutating func announce(
    _ name: String, _ mark: Mark, _ version: UInt32, _ versionMin: UInt32, _ layout: UInt32,
    _ body: (inout Making, inout mgs_announcement) -> Void
  ) {
    unsafe withText(name) { (making, name) in
      var entry = unsafe mgs_announcement()
      unsafe entry.size = MemoryLayout<mgs_announcement>.size
      unsafe entry.name = name
      unsafe entry.mark = mark == .required ? UInt32(MGS_REQUIRED) : UInt32(MGS_SKIPPABLE)
      unsafe (entry.version, entry.version_min, entry.layout) = (version, versionMin, layout)
      unsafe body(&making, &entry)
    }
  }
}
