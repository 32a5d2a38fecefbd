import CPeers
import MigrationStream

/// A VMM's network device as the library is used for one: the struct's octets are the section's block, so a section is
/// two copies, and loading it is two copies once the layouts have been found equal.
@safe
final class NetDevice {
  let state: UnsafeMutablePointer<net_state>
  /// What was loaded last.
  let loaded: UnsafeMutablePointer<net_state>
  private let layout: LayoutBuilder
  private let layouts: LayoutStore
  private var data = OwnedBytes()
  private let deviceCount: Int
  private let isExternal: Bool

  /// - Parameters:
  ///   - deviceCount: Devices of a machine, all alike; 1: the single-device form.
  ///   - isExternal: Both sides have the layout, as they have the schema of another codec; the stream only names it.
  init(deviceCount: Int, isExternal: Bool) throws {
    self.deviceCount = deviceCount
    self.isExternal = isExternal
    unsafe state = .allocate(capacity: 1)
    unsafe loaded = .allocate(capacity: 1)
    unsafe net_state_fill(state)
    unsafe net_state_fill(loaded)
    layout = try NetLayout.build()
    layouts = try Self.store(layout)
  }

  private static func store(_ layout: borrowing LayoutBuilder) throws -> LayoutStore {
    var store = LayoutStore()
    try store.add(canonical: layout.canonical, at: 0, limits: StreamLimits())
    return store
  }

  deinit {
    unsafe state.deallocate()
    unsafe loaded.deallocate()
  }

  private var isSingle: Bool { deviceCount == 1 }

  // MARK: Saving

  /// - Returns: Nanoseconds until the first section.
  func save(to output: inout Output) throws(StreamError) -> UInt64 {
    let start = peer_now()
    var preamble = Preamble(uuid: StreamUUID(low: 1, high: 2))
    if isSingle { preamble.mandatoryFlags = MandatoryFlags.singleDevice }
    if isExternal { preamble.mandatoryFlags |= MandatoryFlags.externalLayouts }
    var encoder = try StreamEncoder(preamble: preamble)
    output.append(encoder.preamble)
    output.append(try encoder.manifest(try manifest()))
    if isExternal {
      output.append(try encoder.externalLayout(identity: StaticString("virtio/net@1/net").octets))
    } else {
      try Self.append(layout, &encoder, to: &output)
    }
    let setUp = peer_now() - start
    for device in 0..<deviceCount {
      try unsafe Self.fill(&data, from: state)
      try Self.append(data, ofDevice: device, &encoder, to: &output)
    }
    output.append(try encoder.end())
    return setUp
  }

  /// A span of a member would bar all of self, so these take the owner.
  private static func append(
    _ layout: borrowing LayoutBuilder, _ encoder: inout StreamEncoder, to output: inout Output
  ) throws(StreamError) {
    output.append(try encoder.layout(canonical: layout.canonical))
  }

  private static func append(
    _ data: borrowing OwnedBytes, ofDevice device: Int, _ encoder: inout StreamEncoder, to output: inout Output
  ) throws(StreamError) {
    output.append(try encoder.section(device: UInt32(device), section: 0, layout: 0, data: data.bytes))
  }

  @unsafe
  private static func fill(
    _ data: inout OwnedBytes, from state: UnsafeMutablePointer<net_state>
  ) throws(StreamError) {
    let octets = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(state), byteCount: MemoryLayout<net_state>.size)
    data.removeAll()
    try data.append(octets.extracting(0..<block))
    let used = unsafe 6 * Int(state.pointee.mac_count)
    try data.append(octets.extracting(block..<(block + used)))
    try data.pad(to: 8)
  }

  private static var block: Int { MemoryLayout<net_state>.offset(of: \.macs) ?? 0 }

  private func manifest() throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("bench").octets, producerVersion: StaticString("1").octets,
      architecture: isSingle ? RawSpan() : StaticString("x86_64").octets,
      guestEndianness: isSingle ? 0 : 1, pageByteCount: isSingle ? 0 : 4096)
    var path = OwnedBytes()
    for device in 0..<deviceCount {
      path.removeAll()
      try path.append(StaticString("pci/").octets)
      for digit in [device / 1000, device / 100 % 10, device / 10 % 10, device % 10] { try path.append(UInt8(0x30 + digit)) }
      try manifest.beginDevice(
        path: path.bytes, address: StaticString("0000:00:03.0").octets,
        model: StaticString("virtio/net").octets, version: 1, versionMin: 1)
      try manifest.parameter(name: StaticString("queues").octets, kind: .int, value: UInt64(NET_QUEUES))
      try manifest.section(name: StaticString("net").octets, version: 1, versionMin: 1)
      try manifest.endDevice()
    }
    return manifest
  }

  // MARK: Loading

  /// Checks a stream and loads each device's state.
  ///
  /// - Returns: Nanoseconds until the first section; nil when the stream is not of this device.
  func load(_ stream: RawSpan) throws(StreamError) -> UInt64? {
    let start = peer_now()
    var setUp: UInt64?
    var decoder = try PullDecoder(stream)
    while let item = try decoder.next() {
      let body = item.record.body
      if item.record.header.kind == RecordKind.layout.rawValue {
        guard isExternal || Self.isSame(body.extracting(droppingFirst: 32), as: layout) else { return nil }
        setUp = peer_now() - start
      } else if item.record.header.kind == RecordKind.section.rawValue {
        guard setUp != nil else { return nil }
        let data = SectionHead(body).data(in: body)
        // The decoder has checked the data by the layout that the stream brings; without one it is ours to do.
        if isExternal { try Self.check(data, at: item.record.bodyOffset, layouts) }
        unsafe Self.take(data, to: loaded)
      }
    }
    try decoder.finish()
    return setUp
  }

  private static func check(
    _ data: RawSpan, at offset: UInt64, _ layouts: borrowing LayoutStore
  ) throws(StreamError) {
    try SectionWalker(
      data, at: offset &+ UInt64(SectionHead.byteCount), layouts: layouts.table, limits: StreamLimits()
    ).check(layout: 0)
  }

  private static func isSame(_ canonical: RawSpan, as layout: borrowing LayoutBuilder) -> Bool {
    canonical.compare(to: layout.canonical) == 0
  }

  /// The data was checked by the layout, which is ours: it holds the block and as many addresses as it says.
  @unsafe
  private static func take(_ data: RawSpan, to state: UnsafeMutablePointer<net_state>) {
    unsafe data.withUnsafeBytes { octets in
      let used = unsafe block + 6 * Int(UInt32(octets.loadUnaligned(fromByteOffset: countPosition, as: UInt32.self)))
      let target = UnsafeMutableRawPointer(state)
      guard let base = octets.baseAddress, used <= octets.count else { return }
      unsafe target.copyMemory(from: base, byteCount: used)
    }
  }

  private static var countPosition: Int { MemoryLayout<net_state>.offset(of: \.mac_count) ?? 0 }
}
