import MigrationStream

/// Writes the data of one section or subsection and notes where each octet came from.
struct ConvertedDataWriter {
  /// The payload of the QEMU section, and where it is.
  let payload: [UInt8]
  let payloadOffset: UInt64
  /// Offsets count from the start of the data.
  private(set) var runs: [QEMUSourceMap.Run] = []
  private var scratch: [UInt8] = []

  init(payload: [UInt8], at offset: UInt64) {
    self.payload = payload
    payloadOffset = offset
  }

  /// Appends the data of `group`, whose layout was sent, to `octets`.
  ///
  /// - Throws: ``StreamError``: `limitExceeded` and others for what the format cannot hold, `truncatedData` for values
  ///   outside the payload, `outOfMemory`.
  mutating func write(
    _ group: ConvertedGroup, layouts: borrowing LayoutStore, to octets: inout OwnedBytes
  ) throws(StreamError) {
    runs.removeAll(keepingCapacity: true)
    var writer = try SectionDataWriter(layout: group.layout, layouts: layouts.table)
    try write(group.fields, displacement: 0, &writer)
    try octets.append(try writer.finish())
  }

  private mutating func write(
    _ fields: [ConvertedField], displacement: UInt64, _ writer: inout SectionDataWriter
  ) throws(StreamError) {
    for field in fields {
      switch field.content {
      case .value(let value): try write(value, field.attributes, displacement, &writer)
      case .items(let values):
        try writer.beginArray(values.count)
        for value in values { try write(value, FieldAttributes(field.attributes.type), 0, &writer) }
        try writer.end()
      case .groups(let groups), .array(let groups, _): try write(groups, field.attributes, displacement, &writer)
      case .repeated(let group, let stride):
        try writer.beginArray(Int(field.attributes.count))
        var element = displacement
        for _ in 0..<field.attributes.count {
          try writer.beginStructure()
          try write(group.fields, displacement: element, &writer)
          try writer.end()
          element &+= stride
        }
        try writer.end()
      case .list(let groups):
        try writer.beginArray(groups.count)
        for group in groups {
          try writer.beginElement(layout: group.layout)
          try write(group.fields, displacement: displacement, &writer)
          try writer.end()
        }
        try writer.end()
      }
    }
  }

  private mutating func write(
    _ groups: [ConvertedGroup], _ attributes: FieldAttributes, _ displacement: UInt64,
    _ writer: inout SectionDataWriter
  ) throws(StreamError) {
    if attributes.shape != .one { try writer.beginArray(groups.count) }
    for group in groups {
      try writer.beginStructure()
      try write(group.fields, displacement: displacement, &writer)
      try writer.end()
    }
    if attributes.shape != .one { try writer.end() }
  }

  // MARK: Values

  private mutating func write(
    _ value: ConvertedValue, _ attributes: FieldAttributes, _ displacement: UInt64,
    _ writer: inout SectionDataWriter
  ) throws(StreamError) {
    let isVariable = !attributes.type.isLeaf || attributes.shape == .countedArray
    let position = isVariable ? writer.variablePosition : writer.blockPosition
    switch value {
    case .literal(let octets, let offset):
      if let offset { note(position, offset, octets.count) }
      try Self.put(octets.span.octets, attributes, &writer)
    case .stream(let extent):
      let offset = extent.offset &+ displacement
      guard offset >= payloadOffset, let start = Int(exactly: offset - payloadOffset), start <= payload.count,
        extent.count <= payload.count - start
      else { throw StreamError(.truncatedData, .use, at: offset, expected: UInt64(extent.count)) }
      note(position, offset, extent.count)
      let range = start..<(start + extent.count)
      if extent.wordByteCount == 1, !extent.isTruth {
        return try Self.put(payload.span.octets.extracting(range), attributes, &writer)
      }
      arrange(range, extent)
      try Self.put(scratch.span.octets, attributes, &writer)
    }
  }

  private static func put(
    _ octets: RawSpan, _ attributes: FieldAttributes, _ writer: inout SectionDataWriter
  ) throws(StreamError) {
    if attributes.shape == .one { try writer.bytes(octets) } else { try writer.values(octets) }
  }

  /// Puts the octets of `range` into ``scratch`` as the converted stream has them.
  private mutating func arrange(_ range: Range<Int>, _ extent: ConvertedValue.Extent) {
    scratch.removeAll(keepingCapacity: true)
    if extent.isTruth {
      for index in range { scratch.append(payload[index] == 0 ? 0 : 1) }
      return
    }
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(start + extent.wordByteCount, range.upperBound)
      for index in (start..<end).reversed() { scratch.append(payload[index]) }
      start = end
    }
  }

  private mutating func note(_ position: Int, _ offset: UInt64, _ count: Int) {
    guard count > 0 else { return }
    let run = QEMUSourceMap.Run(
      convertedOffset: UInt64(position), sourceOffset: offset, length: UInt64(count))
    if !runs.isEmpty, runs[runs.count - 1].absorb(run) { return }
    runs.append(run)
  }
}
