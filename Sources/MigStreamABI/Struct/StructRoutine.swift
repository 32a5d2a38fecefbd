internal import CMigStream
internal import MigrationStream
internal import ResumePath

/// What saving and loading the one struct of a manifest needs each time: its table, compiled, and the octets that its
/// streams begin with. Made once.
///
/// It takes the short way, on which nothing is compiled and no memory is asked for, or says that it does not: then the
/// long one is taken, which gives the same octets, has the same effect, and says what is wrong.
struct StructRoutine: ~Copyable {
  private var device: StructDevice
  private var stream: RepeatedStream
  private let rules: SectionRules
  /// By section: of its layout to itself.
  private var mappings: OwnedList<LayoutMapping>
  /// Not used: with equal layouts data stays where it is.
  private var scratch: OwnedBytes
  /// Whether a stream that began so was taken as a whole: its manifest and its layouts are right then, whatever follows.
  private(set) var isTaken = false

  /// - Throws: what makes a stream of the manifest impossible; `outOfMemory`.
  init(_ manifest: borrowing ManifestValue) throws(StreamError) {
    let (limits, allocator) = (manifest.settings.limits, manifest.settings.allocator)
    guard let place = manifest.notes.devices[0].place else { throw StreamError(.wrongCall, .use, at: 0) }
    let options = StreamOptions(uuid: StreamUUID(low: 0, high: 0), isSingleDevice: true)
    var encoder = try StreamEncoder(
      preamble: options.preamble(manifest.builder, manifest.notes), limits: limits, allocator: allocator)
    var sink = BytesSink(allocator: allocator)
    try StreamOpening(manifest, options, manifest.settings).write(manifest.builder, with: &encoder, to: &sink)
    let device = try StructDevice(place, limits: limits, allocator: allocator)
    let stream = try RepeatedStream(opening: sink.octets.bytes, limits: limits, allocator: allocator)
    let rules = try device.rules(allocator: allocator)
    var mappings = OwnedList<LayoutMapping>(allocator: allocator)
    for index in 0..<device.sectionCount { try mappings.append(Self.mapping(index, device, limits, allocator)) }
    self.device = device
    self.stream = stream
    self.rules = rules
    self.mappings = mappings
    scratch = OwnedBytes(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  private static func mapping(
    _ index: Int, _ device: borrowing StructDevice, _ limits: StreamLimits, _ allocator: StreamAllocator
  ) throws(StreamError) -> LayoutMapping {
    let layouts = MappingLayouts(
      stream: device.layouts.table, reader: device.layouts.table, aliases: device.aliases.table)
    return try LayoutMapping(
      from: UInt32(index), to: UInt32(index), of: layouts, version: device.pieces[index].version, limits: limits,
      allocator: allocator)
  }

  mutating func noteTaken() { isTaken = true }

  // MARK: Saving

  /// - Returns: false when it did not take the short way.
  mutating func save(_ uuid: StreamUUID, _ notes: borrowing ManifestNotes) -> Bool {
    do throws(StreamError) {
      try stream.begin(uuid)
      guard try Self.save(device, notes, to: &stream) else { return false }
      try stream.end()
      return true
    } catch { return false }
  }

  private static func save(
    _ device: borrowing StructDevice, _ notes: borrowing ManifestNotes, to stream: inout RepeatedStream
  ) throws(StreamError) -> Bool {
    var number = 0
    for index in 0..<device.sectionCount {
      for element in 0..<(try device.announcedCount(of: index)) {
        guard number < notes.devices[0].sectionCount, notes.pieces[number].layout == UInt32(index),
          !device.hasSubsections(index, element: element)
        else { return false }
        try stream.section(
          UInt16(truncatingIfNeeded: number), of: 0, layout: UInt32(index), of: device.layouts.table,
          mark: device.pieces[index].mark
        ) { (octets) throws(StreamError) in try device.write(index, element: element, to: &octets) }
        number += 1
      }
    }
    return number == notes.devices[0].sectionCount
  }

  /// Hands out the stream that was saved last.
  func write(to sink: inout TargetSink) { sink.write(GatherList(stream.bytes)) }

  // MARK: Loading

  /// Whether a stream begins with the octets that this one's begin with.
  mutating func opens(_ octets: RawSpan) -> Bool {
    do throws(StreamError) { return try stream.opens(octets) } catch { return false }
  }

  /// Puts a stream into the struct.
  ///
  /// - Returns: Its octets; nil, with no effect, when it did not take the short way.
  mutating func load(_ octets: RawSpan, _ notes: borrowing ManifestNotes) -> Int? {
    guard isTaken, UInt64(octets.byteCount) <= ResumeOptions().stagedBytesMax, opens(octets) else { return nil }
    // Sections that are optional or come many times are told apart on the long way.
    guard notes.devices[0].sectionCount == device.sectionCount else { return nil }
    do throws(StreamError) {
      try device.takeLocalValues()
      device.forgetArrivals()
      // What came lies in the caller's memory.
      defer { device.forgetArrivals() }
      for index in 0..<device.sectionCount {
        guard !device.pieces[index].isMany, mappings[index].isInPlace,
          let data = try stream.nextSection(
            UInt16(truncatingIfNeeded: index), of: 0, layout: UInt32(index), mark: device.pieces[index].mark, in: octets)
        else { return nil }
        try Self.judge(data, index, device, rules, &mappings[index], in: &scratch)
        try device.arrived(data, at: index)
      }
      guard let count = try stream.ends(octets) else { return nil }
      try device.lookForMemory()
      try device.commit()
      return count
    } catch { return nil }
  }

  /// Members would bar all of self; as parameters they are apart.
  private static func judge(
    _ data: RawSpan, _ index: Int, _ device: borrowing StructDevice, _ rules: borrowing SectionRules,
    _ mapping: inout LayoutMapping, in scratch: inout OwnedBytes
  ) throws(StreamError) {
    let layouts = MappingLayouts(
      stream: device.layouts.table, reader: device.layouts.table, aliases: device.aliases.table)
    var nobody = NoMappingHandler()
    _ = try mapping.apply(
      data, at: 0, of: layouts, judgedBy: rules, as: device.rulePiece(index), local: device.localValues(of: index),
      in: &scratch, report: &nobody)
  }
}

/// Keeps the octets of a stream.
private struct BytesSink: OctetSink, ~Copyable {
  var octets: OwnedBytes

  init(allocator: StreamAllocator) { octets = OwnedBytes(allocator: allocator) }

  mutating func write(_ list: borrowing GatherList) throws(StreamError) {
    for index in 0..<list.count { try octets.append(list[index]) }
  }
}
