import MigrationStream

/// One conversion under way.
struct Conversion: ~Copyable {
  /// Octets of a layout table that are kept free for sections that become octets after all.
  private static let layoutReserveOctets: UInt64 = 65_536
  private static let layoutReserveCount: UInt32 = 64

  private let stream: QEMUStream
  private let parts: SectionParts
  private let inventory: ConversionInventory
  private let options: QEMUConverter.Options
  var records: RecordWriter
  private var planner: ConversionPlanner
  private var layouts = ConvertedLayouts()
  private var result = QEMUConverter.Result()

  /// Writes preamble and manifest.
  init(
    _ stream: QEMUStream, _ parts: SectionParts, _ inventory: ConversionInventory,
    options: QEMUConverter.Options, sink: @escaping QEMUConverter.Sink
  ) throws(ForeignError) {
    let manifest: ManifestBuilder
    do throws(StreamError) { manifest = try Self.manifest(stream, inventory) } catch {
      throw ForeignError(codec: error)
    }
    var records = try RecordWriter(options, sink: sink)
    try records.manifest(manifest)
    self.stream = stream
    self.parts = parts
    self.inventory = inventory
    self.options = options
    self.records = records
    planner = ConversionPlanner(stream)
  }

  /// Writes everything else.
  mutating func run() throws(ForeignError) {
    let configuration = try ConvertedConfiguration.group(of: stream)
    var announcements = SubsectionAnnouncements()
    try section(configuration, &announcements, payload: [], at: 0, to: Self.configurationDevice)
    if let text = stream.descriptionText {
      try byteString([(text.lowerBound, UInt64(text.count))], to: Self.descriptionDevice)
    }
    let first = stream.descriptionText == nil ? Self.descriptionDevice : Self.descriptionDevice + 1
    for (index, device) in inventory.devices.enumerated() {
      try convert(device.number, to: first + UInt32(clamping: index))
    }
    if options.memory == .include {
      var memory = ConvertedMemory(stream, chunkByteCount: options.chunkByteCount)
      try memory.write(to: &records)
      planner.diagnostics += memory.diagnostics
    }
    guard let damage = stream.damage else { return try records.end() }
    let text = Array("the QEMU stream is damaged at offset \(damage.offset): \(damage.code)".utf8)
    try records.abort(reason: 6, text: text.span.octets)
  }

  /// What came of it.
  var finished: QEMUConverter.Result {
    var finished = result
    finished.byteCount = records.byteCount
    finished.typedness = inventory.typedness
    finished.diagnostics = Array(
      (inventory.diagnostics + planner.diagnostics).prefix(stream.limits.diagnostics))
    return finished
  }

  // MARK: Sections

  private mutating func convert(_ number: Int, to device: UInt32) throws(ForeignError) {
    let known = planner.diagnostics.count
    var plan = try ConvertedDevice(number, parts, &planner, limits: options.limits)
    // The inventory has them.
    planner.diagnostics.removeLast(planner.diagnostics.count - known)
    let source = stream.sections[number]
    if case .typed(let group) = plan.state {
      let payload = try octets(source.payloadOffset, source.payloadLength)
      do throws(ForeignError) {
        return try section(
          group, &plan.subsections, payload: payload, at: source.payloadOffset, to: device,
          keepsReserve: true)
      } catch {
        guard error.code == .refusedByCodec, !records.isPoisoned else { throw error }
        planner.note(.keptAsOctets, source)
        plan.state = ConvertedDevice.untyped(number, parts, limits: options.limits)
      }
    }
    var none = SubsectionAnnouncements()
    switch plan.state {
    case .typed: break
    case .parts(let parts):
      var values: [ConvertedValue] = []
      for part in parts { values.append(.literal(try octets(part.offset, part.length), offset: part.offset)) }
      try section(.octets(values, of: parts), &none, payload: [], at: 0, to: device)
    case .byteString(let parts):
      try section(.byteString(of: parts), &none, payload: [], at: 0, to: device)
      try byteString(parts.map { ($0.offset, $0.length) }, to: device)
    }
  }

  /// Sends a section with its subsections and the layouts that they need.
  ///
  /// - Throws: ``ForeignError`` `refusedByCodec` before anything of the section was sent when it does not fit.
  private mutating func section(
    _ group: ConvertedGroup, _ announcements: inout SubsectionAnnouncements, payload: [UInt8], at offset: UInt64,
    to device: UInt32, keepsReserve: Bool = false
  ) throws(ForeignError) {
    var group = group
    try layouts.send(
      &group, to: &records, limits: options.limits,
      reserve: keepsReserve ? (Self.layoutReserveCount, Self.layoutReserveOctets) : (0, 0))
    var part = ConvertedSection(payload: payload, at: offset)
    do throws(StreamError) {
      try part.write(group, &announcements, layouts: records.encoder.state.layouts, limits: options.limits)
    } catch { throw ForeignError(codec: error) }
    let start = records.byteCount
    try records.section(
      device: device, layout: group.layout, data: part.data.bytes, subsections: part.subsections.bytes,
      subsectionCount: part.subsectionCount)
    guard options.keepsSourceMap else { return }
    result.sourceMap.append(part.runs, base: start + UInt64(RecordHeader.byteCount + SectionHead.byteCount))
  }

  // MARK: Octets

  /// Octets of the QEMU stream, read in pieces of a window.
  private func octets(_ offset: UInt64, _ length: UInt64) throws(ForeignError) -> [UInt8] {
    var octets: [UInt8] = []
    var done: UInt64 = 0
    while done < length {
      let count = Int(min(length - done, UInt64(ForeignLimits.windowOctets)))
      octets += try stream.source.read(at: offset + done, count: count)
      done += UInt64(count)
    }
    return octets
  }

  /// A device's byte string, one write unit for each part that has octets.
  private mutating func byteString(
    _ parts: [(offset: UInt64, length: UInt64)], to device: UInt32
  ) throws(ForeignError) {
    let units = parts.filter { $0.length > 0 }
    for (index, unit) in units.enumerated() {
      var done: UInt64 = 0
      while done < unit.length {
        let count = min(unit.length - done, UInt64(Format.chunkByteCount))
        var flags: UInt16 = done == 0 ? RecordFlags.unitFirst : 0
        let isUnitEnd = done + count == unit.length
        if isUnitEnd { flags |= RecordFlags.unitLast }
        if isUnitEnd, index == units.count - 1 { flags |= RecordFlags.last }
        let chunk = try octets(unit.offset + done, count)
        let place = try records.bytes(device: device, octets: chunk.span.octets, flags: flags)
        if options.keepsSourceMap {
          let run = QEMUSourceMap.Run(
            convertedOffset: place, sourceOffset: unit.offset + done, length: count)
          result.sourceMap.append([run], base: 0)
        }
        done += count
      }
    }
  }
}

extension ConvertedGroup {
  /// Octets without structure, part by part.
  fileprivate static func octets(_ values: [ConvertedValue], of parts: [SectionPart]) -> ConvertedGroup {
    let data = ConvertedField(
      name: "data", attributes: FieldAttributes(.countedBytes, shape: .countedArray, count: UInt32.max),
      content: .items(values))
    return ConvertedGroup(name: "qemu/octets", fields: [recordTypes(parts), data])
  }

  /// What is in the section when the octets are in the byte string: how long each part is.
  fileprivate static func byteString(of parts: [SectionPart]) -> ConvertedGroup {
    let octets = parts.flatMap { part in
      (0..<8).map { UInt8(truncatingIfNeeded: part.length >> UInt64(8 * $0)) }
    }
    let lengths = ConvertedField(
      name: "part_lengths",
      attributes: FieldAttributes(.size, width: 8, shape: .countedArray, count: UInt32.max),
      content: .value(.literal(octets, offset: nil)))
    return ConvertedGroup(name: "qemu/byte string", fields: [recordTypes(parts), lengths])
  }

  /// The record type octet of each part.
  private static func recordTypes(_ parts: [SectionPart]) -> ConvertedField {
    ConvertedField(
      name: "record_types",
      attributes: FieldAttributes(.unsigned, width: 1, shape: .countedArray, count: UInt32.max),
      content: .value(.literal(parts.map(\.kind.rawValue), offset: nil)))
  }
}
