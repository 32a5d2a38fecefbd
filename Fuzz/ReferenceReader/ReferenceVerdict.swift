/// Whether a machine takes the devices and regions of a stream, as its MANIFEST lists them; without announcements.
///
/// Source: Specs/resume-path.md section 7.2, steps 1 to 10.
public struct ReferenceVerdict {
  /// A manifest and the octets that its texts lie in.
  public typealias Side = (manifest: ReferenceManifest, octets: [UInt8])

  private let stream: Side
  private let own: Side
  /// Own numbers of the stream's devices; nil: stepped over.
  private var counterparts: [Int?] = []

  /// - Returns: What refuses the stream; nil: nothing of this.
  public static func refusal(of stream: Side, by own: Side) -> ReferenceRefusal? {
    var verdict = ReferenceVerdict(stream: stream, own: own)
    do throws(ReferenceRefusal) {
      try verdict.judge()
      return nil
    } catch { return error }
  }

  private init(stream: Side, own: Side) { (self.stream, self.own) = (stream, own) }

  private mutating func judge() throws(ReferenceRefusal) {
    let (theirs, ours) = (stream.manifest, own.manifest)
    if !theirs.isSingleDevice {
      let areStated = !theirs.architecture.isEmpty && !ours.architecture.isEmpty
      try demand(!areStated || same(theirs.architecture, ours.architecture), .wrongModel, at: theirs.architecture.lowerBound)
      let arePointed = theirs.endianness != 0 && ours.endianness != 0
      try demand(
        !arePointed || theirs.endianness == ours.endianness, .wrongModel, at: theirs.start + 6, ours.endianness,
        theirs.endianness)
    }
    for number in theirs.devices.indices { try judge(device: number) }
    try judgeRegions()
  }

  // MARK: Devices

  private mutating func judge(device number: Int) throws(ReferenceRefusal) {
    let theirs = stream.manifest.devices[number]
    let found = place(of: theirs)
    counterparts.append(found)
    guard let found else {
      let isSkippable = theirs.mark & 2 != 0
      return try demand(
        isSkippable, .unknownDevice, at: theirs.offset, UInt64(own.manifest.devices.count), UInt64(number))
    }
    let ours = own.manifest.devices[found]
    try demand(same(theirs.model, ours.model), .wrongModel, at: theirs.model.lowerBound)
    try demand(theirs.apply == ours.apply, .wrongModel, at: theirs.offset + 10, ours.apply, theirs.apply)
    try demand(theirs.clock == ours.clock, .wrongModel, at: theirs.offset + 11, ours.clock, theirs.clock)
    for (position, parameter) in theirs.parameters.enumerated() {
      let isListed =
        position < ours.parameters.count
        && {
          let other = ours.parameters[position]
          return same(parameter.name, other.name) && parameter.type == other.type && parameter.value == other.value
            && same(parameter.text, other.text)
        }()
      try demand(isListed, .parameterRefused, at: parameter.offset, UInt64(position), parameter.value)
    }
    try demand(
      ours.parameters.count <= theirs.parameters.count, .parameterRefused, at: theirs.offset, UInt64(ours.parameters.count),
      UInt64(theirs.parameters.count))
  }

  private func place(of device: ReferenceManifest.Device) -> Int? {
    if stream.manifest.isSingleDevice, device.path.isEmpty { return own.manifest.devices.count == 1 ? 0 : nil }
    return own.manifest.devices.firstIndex { same(device.path, $0.path) }
  }

  // MARK: Regions

  private func judgeRegions() throws(ReferenceRefusal) {
    var came: Set<Int> = []
    for (number, theirs) in stream.manifest.regions.enumerated() {
      let isMachines = theirs.owner == none32
      let owner = isMachines ? nil : counterparts[Int(theirs.owner)]
      // Of a device that is stepped over.
      if !isMachines, owner == nil { continue }
      let found = own.manifest.regions.firstIndex { ours in
        ours.owner == owner.map(UInt64.init) ?? none32 && same(theirs.name, ours.name)
      }
      guard let found else {
        throw ReferenceRefusal(.unknownRegion, at: theirs.offset, found: UInt64(number))
      }
      try demand(came.insert(found).inserted, .duplicateName, at: theirs.offset, 0, UInt64(number))
      let ours = own.manifest.regions[found]
      try demand(theirs.flags == ours.flags, .wrongModel, at: theirs.offset + 2, ours.flags, theirs.flags)
      try demand(theirs.byteCount == ours.byteCount, .wrongModel, at: theirs.offset + 16, ours.byteCount, theirs.byteCount)
      try demand(theirs.pageSize == ours.pageSize, .wrongModel, at: theirs.offset + 24, ours.pageSize, theirs.pageSize)
    }
    for (number, ours) in own.manifest.regions.enumerated() where !came.contains(number) {
      var place = stream.manifest.start + 12
      if ours.owner == none32 {
        if stream.manifest.isSingleDevice { continue }
      } else {
        guard let device = counterparts.firstIndex(of: Int(ours.owner)) else { continue }
        place = stream.manifest.devices[device].offset
      }
      throw ReferenceRefusal(.unknownRegion, at: place, expected: UInt64(number), found: none32)
    }
  }

  private func same(_ theirs: Range<Int>, _ ours: Range<Int>) -> Bool {
    stream.octets[theirs].elementsEqual(own.octets[ours])
  }
}
