internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// A manifest that is being put together.
struct ManifestValue: HandleValue, ~Copyable {
  static var kind: UInt64 { HandleKind.manifest }

  let settings: Settings
  private(set) var builder: ManifestBuilder
  private(set) var notes: ManifestNotes
  private var regionCount: Int32 = 0
  private var deviceIsOpen = false
  private var parameterCount: Int32 = 0
  /// A call that ran out of memory left a part behind.
  private var poison: StreamError?

  init(_ builder: consuming ManifestBuilder, _ settings: Settings) {
    self.settings = settings
    self.builder = builder
    notes = ManifestNotes(allocator: settings.allocator)
  }

  // MARK: Putting together

  mutating func add(_ region: mgs_region, _ name: RawSpan) throws(StreamError) -> Int32 {
    guard notes.devices.count == 0 else { throw wrongCall }
    try keeping { (value) throws(StreamError) in
      unsafe try value.builder.region(
        name: name, owner: region.owner, guestAddress: region.guest_address, byteCount: region.length,
        pageByteCount: region.page_size == 0 ? 4096 : region.page_size, flags: UInt16(truncatingIfNeeded: region.flags))
    }
    regionCount += 1
    return regionCount - 1
  }

  mutating func add(
    _ device: mgs_device, path: RawSpan, address: RawSpan, model: RawSpan, mark: Mark, apply: ApplyKind,
    clock: ClockDomain
  ) throws(StreamError) -> Int32 {
    try close()
    let given = unsafe UInt64(device.capabilities)
    let capabilities = given == 0 ? MigrationCapabilities.stopCopy.rawValue : given
    try keeping { (value) throws(StreamError) in
      unsafe try value.builder.beginDevice(
        path: path, address: address, model: model, parent: device.parent_plus_1 &- 1, mark: mark, apply: apply,
        clock: clock, version: device.version, versionMin: device.version_min, initialByteCount: device.initial_size,
        totalByteCount: device.total_size)
      unsafe try value.notes.devices.append(
        DeviceNotes(
          traits: DeviceTraits(
            capabilities: MigrationCapabilities(rawValue: capabilities), apply: apply,
            reachesPeers: device.reaches_peers != 0),
          version: device.version, versionMin: device.version_min,
          firstLayout: value.notes.layouts.count, firstPiece: value.notes.pieces.count))
    }
    deviceIsOpen = true
    parameterCount = 0
    return Int32(clamping: notes.devices.count - 1)
  }

  mutating func addParameter(
    _ name: RawSpan, _ kind: ParameterEntry.Kind, _ value: UInt64, _ text: RawSpan
  ) throws(StreamError) -> Int32 {
    guard deviceIsOpen, openDevice.sectionCount == 0 else { throw wrongCall }
    try keeping { (manifest) throws(StreamError) in
      try manifest.builder.parameter(name: name, kind: kind, value: value, text: text)
    }
    parameterCount += 1
    return parameterCount - 1
  }

  /// - Parameter identity: Of an external layout; else `canonical` holds all of it.
  mutating func addLayout(canonical: RawSpan, identity: RawSpan?) throws(StreamError) -> Int32 {
    guard deviceIsOpen else { throw wrongCall }
    if let poison { throw poison }
    if let identity {
      try notes.layouts.addExternal(identity: identity, at: 0, limits: settings.limits)
    } else {
      try notes.layouts.add(canonical: canonical, at: 0, limits: settings.limits)
    }
    notes.devices[notes.devices.count - 1].layoutCount += 1
    return Int32(clamping: openDevice.layoutCount - 1)
  }

  mutating func announce(
    _ given: mgs_announcement, _ name: RawSpan, _ mark: Mark, isSubsection: Bool
  ) throws(StreamError) -> Int32 {
    guard deviceIsOpen, isSubsection || openDevice.subsectionCount == 0 else { throw wrongCall }
    try keeping { (value) throws(StreamError) in
      if isSubsection {
        unsafe try value.builder.subsection(name: name, mark: mark, version: given.version, versionMin: given.version_min)
      } else {
        unsafe try value.builder.section(name: name, mark: mark, version: given.version, versionMin: given.version_min)
      }
      let start = value.notes.names.count
      try value.notes.names.append(name)
      unsafe try value.notes.pieces.append(
        PieceNotes(
          version: given.version, versionMin: given.version_min, layout: given.layout, owner: given.owner,
          nameStart: start, nameCount: name.byteCount))
    }
    let last = notes.devices.count - 1
    if isSubsection {
      notes.devices[last].subsectionCount += 1
      return Int32(clamping: notes.devices[last].subsectionCount - 1)
    }
    notes.devices[last].sectionCount += 1
    return Int32(clamping: notes.devices[last].sectionCount - 1)
  }

  /// Ends the device that is open: whoever uses the manifest does so first.
  mutating func close() throws(StreamError) {
    if let poison { throw poison }
    guard deviceIsOpen else { return }
    try keeping { (value) throws(StreamError) in try value.builder.endDevice() }
    deviceIsOpen = false
  }

  private var openDevice: DeviceNotes { notes.devices[notes.devices.count - 1] }

  private var wrongCall: StreamError { StreamError(.wrongCall, .use, at: 0) }

  /// A change of several parts: when one fails the manifest is poisoned.
  private mutating func keeping(_ change: (inout ManifestValue) throws(StreamError) -> Void) throws(StreamError) {
    if let poison { throw poison }
    do throws(StreamError) { try change(&self) } catch {
      poison = error
      throw error
    }
  }
}
