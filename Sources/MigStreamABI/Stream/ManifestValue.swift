internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// A device that is to be added: the members of `mgs_device`, checked.
@unsafe
struct NewDevice {
  let given: mgs_device
  let path: UnsafeRawBufferPointer
  let address: UnsafeRawBufferPointer
  let model: UnsafeRawBufferPointer
  let mark: Mark
  let apply: ApplyKind
  let clock: ClockDomain

  /// nil when something in it is wrong.
  init?(_ given: mgs_device) {
    guard let path = unsafe octets(given.path), let address = unsafe octets(given.address),
      let model = unsafe octets(given.model), let mark = unsafe MigStreamABI.mark(given.mark),
      let apply = unsafe ApplyKind(rawValue: UInt8(clamping: given.apply == 0 ? 1 : given.apply)),
      let clock = unsafe ClockDomain(rawValue: UInt8(clamping: given.clock)),
      unsafe given.capabilities <= MGS_CAN_STOP_COPY | MGS_CAN_P2P | MGS_CAN_PRE_COPY, unsafe given.reaches_peers <= 1
    else { return nil }
    unsafe self.given = unsafe given
    unsafe (self.path, self.address, self.model) = (path, address, model)
    unsafe (self.mark, self.apply, self.clock) = (mark, apply, clock)
  }
}

/// A manifest that is being put together.
struct ManifestValue: HandleValue, ~Copyable {
  static var kind: UInt64 { HandleKind.manifest }

  let settings: Settings
  private(set) var builder: ManifestBuilder
  private(set) var notes: ManifestNotes
  private var regionCount: Int32 = 0
  private var deviceIsOpen = false
  private var parameterCount: Int32 = 0
  /// The device that is open, when its state lies in a struct.
  private var pending: StructDevice?
  /// Of a manifest of one device whose state lies in a struct, once it was saved, or loaded for the second time; else none.
  var routines: OwnedList<StructRoutine>
  var hasLoaded = false
  /// A call that ran out of memory left a part behind.
  private var poison: StreamError?

  init(_ builder: consuming ManifestBuilder, _ settings: Settings) {
    self.settings = settings
    self.builder = builder
    notes = ManifestNotes(allocator: settings.allocator)
    routines = OwnedList(allocator: settings.allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Whether there is a routine now; where none can be made the long way says why.
  mutating func hasRoutine() -> Bool {
    guard routines.count == 0 else { return true }
    do throws(StreamError) {
      try routines.append(StructRoutine(self))
      return true
    } catch { return false }
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

  mutating func add(_ device: NewDevice, place: StructPlace? = nil) throws(StreamError) -> Int32 {
    try close()
    let given = unsafe device.given
    let asked = unsafe UInt64(given.capabilities)
    let capabilities = asked == 0 ? MigrationCapabilities.stopCopy.rawValue : asked
    try keeping { (value) throws(StreamError) in
      unsafe try value.builder.beginDevice(
        path: device.path.bytes, address: device.address.bytes, model: device.model.bytes,
        parent: given.parent_plus_1 &- 1, mark: device.mark, apply: device.apply, clock: device.clock,
        version: given.version, versionMin: given.version_min, initialByteCount: given.initial_size,
        totalByteCount: given.total_size)
      unsafe try value.notes.devices.append(
        DeviceNotes(
          traits: DeviceTraits(
            capabilities: MigrationCapabilities(rawValue: capabilities), apply: device.apply,
            reachesPeers: given.reaches_peers != 0),
          version: given.version, versionMin: given.version_min, place: place,
          firstLayout: value.notes.layouts.count, firstPiece: value.notes.pieces.count))
    }
    deviceIsOpen = true
    parameterCount = 0
    return Int32(clamping: notes.devices.count - 1)
  }

  /// A device whose state lies in a struct; its pieces are announced when it is closed.
  mutating func add(_ device: NewDevice, _ place: StructPlace) throws(StreamError) -> Int32 {
    let compiled = try StructDevice(place, limits: settings.limits, allocator: settings.allocator)
    let number = unsafe try add(device, place: place)
    try keeping { (value) throws(StreamError) in
      let table = compiled.layouts.table
      for layout in 0..<UInt32(table.count) {
        try value.notes.layouts.add(canonical: table.layout(layout).octets, at: 0, limits: value.settings.limits)
        value.notes.devices[value.notes.devices.count - 1].layoutCount += 1
      }
    }
    pending = consume compiled
    return number
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
    guard deviceIsOpen, openDevice.place == nil else { throw wrongCall }
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
    _ given: PieceNotes, _ name: RawSpan, _ mark: Mark, isSubsection: Bool
  ) throws(StreamError) -> Int32 {
    guard deviceIsOpen, openDevice.place == nil, isSubsection || openDevice.subsectionCount == 0 else { throw wrongCall }
    try keeping { (value) throws(StreamError) in try value.add(given, name, mark, isSubsection: isSubsection) }
    return Int32(clamping: (isSubsection ? openDevice.subsectionCount : openDevice.sectionCount) - 1)
  }

  private mutating func add(
    _ given: PieceNotes, _ name: RawSpan, _ mark: Mark, isSubsection: Bool
  ) throws(StreamError) {
    if isSubsection {
      try builder.subsection(name: name, mark: mark, version: given.version, versionMin: given.versionMin)
    } else {
      try builder.section(name: name, mark: mark, version: given.version, versionMin: given.versionMin)
    }
    var added = given
    (added.nameStart, added.nameCount) = (notes.names.count, name.byteCount)
    try notes.names.append(name)
    try notes.pieces.append(added)
    let last = notes.devices.count - 1
    if isSubsection { notes.devices[last].subsectionCount += 1 } else { notes.devices[last].sectionCount += 1 }
  }

  /// Announces what the struct has now.
  private mutating func announce(_ compiled: borrowing StructDevice) throws(StreamError) {
    for index in 0..<compiled.pieces.count {
      let piece = compiled.pieces[index]
      let added = PieceNotes(
        version: piece.version, versionMin: piece.versionMin, layout: UInt32(index), owner: UInt32(max(piece.owner, 0)),
        nameStart: 0, nameCount: 0)
      let count = piece.isSubsection ? 1 : try compiled.announcedCount(of: index)
      for _ in 0..<count { unsafe try add(added, piece.name.bytes, piece.mark, isSubsection: piece.isSubsection) }
    }
  }

  /// Ends the device that is open: whoever uses the manifest does so first.
  mutating func close() throws(StreamError) {
    if let poison { throw poison }
    guard deviceIsOpen else { return }
    try keeping { (value) throws(StreamError) in
      if let compiled = value.pending.take() { try value.announce(compiled) }
      try value.builder.endDevice()
    }
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
