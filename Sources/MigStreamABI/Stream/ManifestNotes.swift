internal import MigrationStream
internal import ResumePath

/// A device of a manifest, as far as its MANIFEST entry does not say it.
struct DeviceNotes: BitwiseCopyable {
  var traits: DeviceTraits
  var version: UInt32
  var versionMin: UInt32
  /// The struct that its state lies in.
  var place: StructPlace?
  var firstLayout: Int
  var layoutCount = 0
  /// Positions of its pieces in ``ManifestNotes/pieces``: sections first.
  var firstPiece: Int
  var sectionCount = 0
  var subsectionCount = 0
}

/// An announced section or subsection.
struct PieceNotes: BitwiseCopyable {
  var version: UInt32
  var versionMin: UInt32
  /// Number among the device's layouts.
  var layout: UInt32
  /// Of a subsection: the section that it lies in.
  var owner: UInt32
  /// Where its name lies in ``ManifestNotes/names``.
  var nameStart: Int
  var nameCount: Int
}

/// What a manifest knows beside its MANIFEST record: traits and layouts of devices.
struct ManifestNotes: ~Copyable {
  var devices: OwnedBuffer<DeviceNotes>
  var pieces: OwnedBuffer<PieceNotes>
  var names: OwnedBytes
  var layouts: LayoutStore

  init(allocator: StreamAllocator) {
    devices = OwnedBuffer(allocator: allocator)
    pieces = OwnedBuffer(allocator: allocator)
    names = OwnedBytes(allocator: allocator)
    layouts = LayoutStore(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// - Throws: `outOfMemory`.
  borrowing func copy(limits: StreamLimits, allocator: StreamAllocator) throws(StreamError) -> ManifestNotes {
    var copy = ManifestNotes(allocator: allocator)
    for index in 0..<devices.count { try copy.devices.append(devices[index]) }
    for index in 0..<pieces.count { try copy.pieces.append(pieces[index]) }
    try copy.names.append(contentsOf: names)
    let table = layouts.table
    for number in 0..<UInt32(table.count) {
      if table.isExternal(number) {
        try copy.layouts.addExternal(identity: table.identity(of: number), at: 0, limits: limits)
      } else {
        try copy.layouts.add(canonical: table.layout(number).octets, at: 0, limits: limits)
      }
    }
    return copy
  }

  /// The announced section; nil when there is no such device or section.
  func section(_ section: UInt32, of device: UInt32) -> PieceNotes? {
    guard Int(device) < devices.count, Int(section) < devices[Int(device)].sectionCount else { return nil }
    return pieces[devices[Int(device)].firstPiece + Int(section)]
  }

  /// The layouts of a device, under its own numbers.
  @_lifetime(borrow self)
  func table(of device: Int) -> LayoutTable {
    let notes = devices[device]
    return layouts.table.extracting(notes.firstLayout..<(notes.firstLayout + notes.layoutCount))
  }

  var hasExternalLayouts: Bool {
    let table = layouts.table
    for number in 0..<UInt32(table.count) where table.isExternal(number) { return true }
    return false
  }

  /// What a reader demands of the sections of a device: each that is announced, by its layout.
  ///
  /// - Throws: `unknownLayout` for sections whose layouts' fields are not known; what else is wrong with them.
  func rules(of device: Int, allocator: StreamAllocator) throws(StreamError) -> SectionRules {
    let notes = devices[device]
    var builder = SectionRulesBuilder(version: notes.version, versionMin: notes.versionMin, allocator: allocator)
    for number in 0..<(notes.sectionCount + notes.subsectionCount) {
      let piece = pieces[notes.firstPiece + number]
      let name = names.bytes.extracting(piece.nameStart..<(piece.nameStart + piece.nameCount))
      if number < notes.sectionCount {
        _ = try builder.section(
          SectionRule(layout: piece.layout, version: piece.version, versionMin: piece.versionMin), name: name)
      } else {
        _ = try builder.subsection(
          SubsectionRule(
            layout: piece.layout, version: piece.version, versionMin: piece.versionMin,
            owner: .section(Int(piece.owner))),
          name: name)
      }
    }
    return try builder.finish(table(of: device))
  }
}
