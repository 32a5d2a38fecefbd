import ForeignStreams
import MigrationStream
import StreamIO
import StreamReport

/// Writes a QEMU stream as one of ours: a device for each section, a region for each block of memory.
struct QEMUConversion {
  let stream: QEMUStream
  let uuid: StreamUUID
  let compresses: Bool
  let chunkByteCount: Int

  /// A subsection as devices announce it.
  private struct Announced: Hashable {
    var name: String
    var version: UInt32
  }

  /// - Throws: ``ForeignError``, ``StreamError``, ``IOFailure``.
  func write(to target: inout AtomicOutputFile) throws {
    if let damage = stream.damage { throw damage }
    var preamble = Preamble(uuid: uuid)
    if compresses { preamble.mandatoryFlags |= MandatoryFlags.zstd }
    var encoder = try StreamEncoder(preamble: preamble)
    try target.begin(encoder)
    let devices = stream.deviceNumbers
    let announced = try devices.map { try announcements(of: $0) }
    let manifest = try manifest(devices, announced)
    target.put(try encoder.manifest(manifest))
    try writeMemory(&encoder, to: &target)
    var layouts: [[UInt8]: UInt32] = [:]
    for (index, number) in devices.enumerated() {
      let device = try stream.device(number)
      let part = try QEMULayout(device.section.name, device.children, device.subsections, of: stream)
      let layout = try layoutNumber(part, &layouts, &encoder, &target)
      let subsections = try encoded(part, announced[index], &layouts, &encoder, &target)
      let list = try encoder.section(
        device: UInt32(index), section: 0, layout: layout, data: part.data.span.octets,
        subsections: subsections.span.octets, subsectionCount: UInt16(clamping: part.subsections.count))
      target.put(list)
    }
    target.put(try encoder.end())
  }

  // MARK: Manifest

  private func announcements(of number: Int) throws -> [Announced] {
    var found: [Announced] = []
    func add(_ subsections: [QEMUSubsection], _ children: [QEMUNode]) {
      for subsection in subsections {
        let announced = Announced(name: QEMULayout.name(subsection.name), version: subsection.version)
        if !found.contains(announced) { found.append(announced) }
        add(subsection.subsections, subsection.children)
      }
      for child in children { add(child.subsections, child.children) }
    }
    let device = try stream.device(number)
    add(device.subsections, device.children)
    return found
  }

  private func manifest(_ devices: [Int], _ announced: [[Announced]]) throws -> ManifestBuilder {
    let producer = try "QEMU".utf8Copy()
    var manifest = try ManifestBuilder(
      producer: producer.bytes, producerVersion: RawSpan(), architecture: RawSpan(), guestEndianness: 0,
      pageByteCount: UInt32(clamping: stream.pageSize))
    for block in stream.memoryBlocks {
      let name = try QEMULayout.name(block.name).utf8Copy()
      try manifest.region(
        name: name.bytes, guestAddress: block.guestAddress ?? Format.none64, byteCount: max(1, block.length),
        pageByteCount: UInt64(stream.pageSize))
    }
    var used: Set<String> = []
    for (index, number) in devices.enumerated() {
      let section = stream.sections[number]
      var path = QEMULayout.name(section.name) + (section.instance == 0 ? "" : "@\(section.instance)")
      if !used.insert(path).inserted {
        path += "#\(section.id)"
        used.insert(path)
      }
      try add(section, path: path, announced[index], to: &manifest)
    }
    return manifest
  }

  private func add(
    _ section: QEMUSection, path: String, _ announced: [Announced], to manifest: inout ManifestBuilder
  ) throws {
    let path = try path.utf8Copy()
    let state = try QEMULayout.name(section.stateName.isEmpty ? "state" : section.stateName).utf8Copy()
    try manifest.beginDevice(
      path: path.bytes, address: RawSpan(), model: RawSpan(), version: section.version, versionMin: section.version)
    try manifest.section(name: state.bytes, version: section.version, versionMin: section.version)
    for subsection in announced {
      let name = try subsection.name.utf8Copy()
      try manifest.subsection(name: name.bytes, version: subsection.version, versionMin: subsection.version)
    }
    try manifest.endDevice()
  }

  // MARK: Sections

  /// The number of a layout, which is written when it is new.
  private func layoutNumber(
    _ part: QEMULayout, _ layouts: inout [[UInt8]: UInt32], _ encoder: inout StreamEncoder,
    _ target: inout AtomicOutputFile
  ) throws -> UInt32 {
    if let number = layouts[part.canonical] { return number }
    let number = UInt32(layouts.count)
    layouts[part.canonical] = number
    let canonical = part.canonical
    target.put(try encoder.layout(canonical: canonical.span.octets, compresses: compresses))
    return number
  }

  /// The subsections of a part, encoded, and their layouts written.
  private func encoded(
    _ part: QEMULayout, _ announced: [Announced], _ layouts: inout [[UInt8]: UInt32],
    _ encoder: inout StreamEncoder, _ target: inout AtomicOutputFile
  ) throws -> [UInt8] {
    let ordered = part.subsections.map { placed in
      let name = Announced(name: QEMULayout.name(placed.subsection.name), version: placed.subsection.version)
      return (placed, announced.firstIndex(of: name) ?? 0)
    }.sorted { left, right in
      let (first, second) = (left.0.target.map(\.field), right.0.target.map(\.field))
      return first == second ? left.1 < right.1 : first.lexicographicallyPrecedes(second)
    }
    var octets: [UInt8] = []
    for (placed, number) in ordered {
      let subsection = placed.subsection
      let inner = try QEMULayout(subsection.name, subsection.children, subsection.subsections, of: stream)
      let layout = try layoutNumber(inner, &layouts, &encoder, &target)
      let nested = try encoded(inner, announced, &layouts, &encoder, &target)
      let length = 24 + 8 * placed.target.count + inner.data.count + nested.count
      octets.append(littleEndian: UInt32(clamping: length))
      octets.append(littleEndian: UInt16(clamping: number))
      octets.append(littleEndian: UInt16(clamping: inner.subsections.count))
      octets.append(littleEndian: layout)
      octets.append(littleEndian: UInt16(placed.target.count))
      octets.append(littleEndian: UInt16(0))
      octets.append(littleEndian: UInt64(inner.data.count))
      for step in placed.target {
        octets.append(littleEndian: step.field)
        octets.append(littleEndian: step.element)
      }
      octets += inner.data + nested
    }
    return octets
  }

  // MARK: Memory

  private func writeMemory(_ encoder: inout StreamEncoder, to target: inout AtomicOutputFile) throws {
    var refusal: StreamError?
    do throws(ForeignError) {
      try stream.forEachPageRun { (run) throws(ForeignError) in
        do throws(StreamError) { try write(run, &encoder, to: &target) } catch {
          refusal = error
          throw ForeignError(.sinkRefused, .memory, at: run.fileOffset)
        }
      }
    } catch { throw refusal.map { $0 as any Error } ?? error }
  }

  private func write(
    _ run: QEMUPageRun, _ encoder: inout StreamEncoder, to target: inout AtomicOutputFile
  ) throws(StreamError) {
    switch run.kind {
    case .zero, .fill(0):
      target.put(
        try encoder.memory(
          region: UInt32(run.block), offset: run.blockOffset, length: run.pageCount &* run.pageSize, kind: .zero))
    case .data where run.storedLength == run.pageSize: try writeStored(run, &encoder, to: &target)
    case .data, .fill, .xbzrle, .compressed:
      throw StreamError(.notImplemented, .bulk, at: run.fileOffset)
    }
  }

  private func writeStored(
    _ run: QEMUPageRun, _ encoder: inout StreamEncoder, to target: inout AtomicOutputFile
  ) throws(StreamError) {
    var page: UInt64 = 0
    while page < run.pageCount {
      var chunk: [UInt8] = []
      let start = page
      while page < run.pageCount, chunk.count < chunkByteCount {
        do throws(ForeignError) {
          chunk += try stream.source.read(at: run.fileOffset + page * run.fileStride, count: Int(run.pageSize))
        } catch {
          throw StreamError(.truncated, .bulk, at: error.offset, expected: error.expected, found: error.found)
        }
        page += 1
      }
      target.put(
        try encoder.memory(
          region: UInt32(run.block), offset: run.blockOffset + start * run.pageSize, octets: chunk.span.octets,
          compresses: compresses))
    }
  }
}

extension Array where Element == UInt8 {
  mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
    for index in 0..<(Value.bitWidth / 8) { append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }
}
