internal import MigrationStream

/// Compares the devices of a stream with those of the machine, once MANIFEST is there.
///
/// Source: Specs/resume-path.md section 7.2.
struct ManifestJudge: ~Copyable {
  private let addressOnly = AddressOnly()
  /// Octets from the start of the stream to the body of MANIFEST.
  let base: UInt64
  let isSingle: Bool
  /// Numbers of the machine's devices in the order of their paths.
  private var byPath: OwnedBuffer<UInt32>
  /// By number in the machine: number of the device in the stream, and whether a region has come.
  private var counterparts: OwnedBuffer<UInt32>
  private var hasRegion: OwnedBuffer<Bool>

  init(_ own: borrowing Manifest, at base: UInt64, isSingle: Bool, allocator: StreamAllocator) throws(StreamError) {
    var byPath = OwnedBuffer<UInt32>(allocator: allocator)
    var counterparts = OwnedBuffer<UInt32>(allocator: allocator)
    var hasRegion = OwnedBuffer<Bool>(allocator: allocator)
    for device in 0..<own.devices.count { try byPath.append(UInt32(device)) }
    byPath.sort { own.path(of: own.devices[Int($0)]).compare(to: own.path(of: own.devices[Int($1)])) < 0 }
    try counterparts.append(repeating: Format.none32, count: own.devices.count)
    try hasRegion.append(repeating: false, count: own.regions.count)
    (self.base, self.isSingle) = (base, isSingle)
    self.byPath = byPath
    self.counterparts = counterparts
    self.hasRegion = hasRegion
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Fills in what the session has to know of devices and regions.
  ///
  /// - Throws: the first refusal, in the order of the specification.
  mutating func judge<Devices: MigratingDevices & ~Copyable>(
    _ stream: borrowing Manifest, _ own: borrowing Manifest, of devices: borrowing Devices, _ options: ResumeOptions,
    into session: inout ResumeSession
  ) throws(StreamError) {
    if !isSingle { try judgeMachine(stream, own) }
    for device in 0..<stream.devices.count { try take(device, stream, own, into: &session) }
    for region in 0..<stream.regions.count { try take(region: region, stream, own, into: &session) }
    try judgeMissingRegions(own, stream)
    for position in 0..<session.taken.count {
      let device = session.taken[position]
      try devices.withReader(of: device.own) { (rules, _, _) throws(StreamError) in
        try session.announced.append(
          DeviceSections(stream, device: device.stream, at: base, rules: rules, allocator: session.allocator))
      }
      guard session.announced.count == position + 1 else {
        throw StreamError(.wrongCall, .resume, at: base, device: UInt32(device.stream))
      }
      try session.byteStrings.append(OwnedBytes(allocator: session.allocator))
    }
    try session.staging.begin(sectionCount: stream.sectionTotal)
    guard !options.allowsMissingDevices else { return }
    for device in 0..<counterparts.count where counterparts[device] == Format.none32 {
      // At the number of devices.
      throw refusal(.missingDevice, 16, expected: UInt64(device), found: UInt64(stream.devices.count), .resume)
    }
  }

  private func refusal(
    _ code: StreamError.Code, _ field: UInt64, expected: UInt64 = 0, found: UInt64 = 0,
    _ stage: StreamError.Stage = .rules, device: Int? = nil
  ) -> StreamError {
    StreamError(
      code, stage, at: base &+ field, expected: expected, found: found,
      device: device.map { UInt32(truncatingIfNeeded: $0) } ?? UInt32.max)
  }

  // MARK: Machine and devices

  private func judgeMachine(_ stream: borrowing Manifest, _ own: borrowing Manifest) throws(StreamError) {
    if stream.architecture.byteCount > 0, own.architecture.byteCount > 0,
      stream.architecture.compare(to: own.architecture) != 0
    {
      throw refusal(.wrongModel, stream.architectureStart)
    }
    let (theirs, ours) = (stream.guestEndianness, own.guestEndianness)
    if theirs != 0, ours != 0, theirs != ours {
      throw refusal(.wrongModel, 6, expected: UInt64(ours), found: UInt64(theirs))
    }
  }

  private mutating func take(
    _ number: Int, _ stream: borrowing Manifest, _ own: borrowing Manifest, into session: inout ResumeSession
  ) throws(StreamError) {
    let entry = stream.devices[number]
    guard let counterpart = find(stream.path(of: entry), own) else {
      guard entry.mark == .skippable else {
        throw refusal(
          .unknownDevice, entry.start, expected: UInt64(own.devices.count), found: UInt64(number), .resume,
          device: number)
      }
      return try session.devices.append(Format.none32)
    }
    let ours = own.devices[counterpart]
    guard stream.model(of: entry).compare(to: own.model(of: ours)) == 0 else {
      throw refusal(.wrongModel, entry.modelStart, device: number)
    }
    guard entry.apply == ours.apply else {
      throw refusal(
        .wrongModel, entry.start &+ 10, expected: UInt64(ours.apply.rawValue), found: UInt64(entry.apply.rawValue),
        device: number)
    }
    guard entry.clock == ours.clock else {
      throw refusal(
        .wrongModel, entry.start &+ 11, expected: UInt64(ours.clock.rawValue), found: UInt64(entry.clock.rawValue),
        device: number)
    }
    try judgeParameters(number, entry, stream, ours, own)
    counterparts[counterpart] = UInt32(number)
    try session.devices.append(UInt32(session.taken.count))
    try session.taken.append(ResumeSession.TakenDevice(stream: number, own: counterpart, apply: ours.apply))
  }

  /// Paths of a manifest differ, so no two devices find the same.
  private func find(_ path: RawSpan, _ own: borrowing Manifest) -> Int? {
    if isSingle, path.byteCount == 0 { return own.devices.count == 1 ? 0 : nil }
    var (low, high) = (0, byPath.count)
    while low < high {
      let middle = (low + high) / 2
      let device = Int(byPath[middle])
      let order = own.path(of: own.devices[device]).compare(to: path)
      if order == 0 { return device }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// Both lists are sorted by name.
  private func judgeParameters(
    _ number: Int, _ entry: DeviceEntry, _ stream: borrowing Manifest, _ ours: DeviceEntry, _ own: borrowing Manifest
  ) throws(StreamError) {
    for index in 0..<entry.parameterCount {
      let parameter = stream.parameter(index, of: entry)
      guard index < ours.parameterCount else {
        throw refusal(
          .parameterRefused, parameter.start, expected: UInt64(index), found: parameter.value, device: number)
      }
      let mine = own.parameter(index, of: ours)
      guard stream.name(of: parameter).compare(to: own.name(of: mine)) == 0, parameter.kind == mine.kind,
        parameter.value == mine.value, stream.text(of: parameter).compare(to: own.text(of: mine)) == 0
      else {
        throw refusal(
          .parameterRefused, parameter.start, expected: UInt64(index), found: parameter.value, device: number)
      }
    }
    guard entry.parameterCount == ours.parameterCount else {
      throw refusal(
        .parameterRefused, entry.start, expected: UInt64(ours.parameterCount), found: UInt64(entry.parameterCount),
        device: number)
    }
  }

  // MARK: Regions

  private mutating func take(
    region number: Int, _ stream: borrowing Manifest, _ own: borrowing Manifest, into session: inout ResumeSession
  ) throws(StreamError) {
    let entry = stream.regions[number]
    var owner = Format.none32
    if entry.owner != Format.none32 {
      guard let position = session.position(of: entry.owner) else { return try session.regions.append(Format.none32) }
      owner = UInt32(session.taken[position].own)
    }
    guard let counterpart = find(stream.name(of: entry), owner: owner, own) else {
      throw refusal(.unknownRegion, entry.start, found: UInt64(number))
    }
    guard !hasRegion[counterpart] else { throw refusal(.duplicateName, entry.start, found: UInt64(number)) }
    hasRegion[counterpart] = true
    let ours = own.regions[counterpart]
    guard entry.flags == ours.flags else {
      throw refusal(.wrongModel, entry.start &+ 2, expected: UInt64(ours.flags), found: UInt64(entry.flags))
    }
    guard entry.byteCount == ours.byteCount else {
      throw refusal(.wrongModel, entry.start &+ 16, expected: ours.byteCount, found: entry.byteCount)
    }
    guard entry.pageByteCount == ours.pageByteCount else {
      throw refusal(.wrongModel, entry.start &+ 24, expected: ours.pageByteCount, found: entry.pageByteCount)
    }
    try session.regions.append(UInt32(counterpart))
  }

  private func find(_ name: RawSpan, owner: UInt32, _ own: borrowing Manifest) -> Int? {
    for region in 0..<own.regions.count {
      let entry = own.regions[region]
      if entry.owner == owner, own.name(of: entry).compare(to: name) == 0 { return region }
    }
    return nil
  }

  /// A region of the machine, or of a device that the stream has, that did not come.
  private func judgeMissingRegions(_ own: borrowing Manifest, _ stream: borrowing Manifest) throws(StreamError) {
    for region in 0..<own.regions.count where !hasRegion[region] {
      let owner = own.regions[region].owner
      var field: UInt64 = 12
      var device: Int?
      if owner != Format.none32 {
        guard counterparts[Int(owner)] != Format.none32 else { continue }
        device = Int(counterparts[Int(owner)])
        field = stream.devices[Int(counterparts[Int(owner)])].start
      } else if isSingle {
        continue
      }
      throw refusal(.unknownRegion, field, expected: UInt64(region), found: UInt64(Format.none32), device: device)
    }
  }
}
