import MigrationStream

/// The layouts that a conversion has sent; equal ones are sent once.
struct ConvertedLayouts: ~Copyable {
  /// Layouts of one fingerprint that are compared at most; the next one is sent again.
  private static let candidatesMax = 16

  private var builder = LayoutBuilder()
  private var numbers: [UInt64: [UInt32]] = [:]
  private var octetCount: UInt64 = 0

  /// Sends what `group`, its lists and its subsections need, and notes the numbers in them.
  ///
  /// - Parameter reserve: Layouts, and octets of layouts, that must be free behind it.
  /// - Throws: ``ForeignError`` `refusedByCodec` when a layout breaks a limit; the encoder has not seen it then.
  mutating func send(
    _ group: inout ConvertedGroup, to records: inout RecordWriter, limits: StreamLimits,
    reserve: (count: UInt32, octets: UInt64)
  ) throws(ForeignError) {
    try sendInner(&group, to: &records, limits: limits, reserve: reserve)
    do throws(StreamError) {
      try group.describe(with: &builder, limits: limits)
      let canonical = UInt64(builder.canonical.byteCount)
      guard canonical <= limits.layoutBytesMax else {
        throw StreamError(.limitExceeded, .layout, at: 0, expected: limits.layoutBytesMax, found: canonical)
      }
    } catch { throw ForeignError(codec: error) }
    let fingerprint = Digest.xxh3(builder.canonical)
    let candidates = numbers[fingerprint] ?? []
    if let known = Self.find(builder, candidates, records.encoder.state.layouts) {
      group.layout = known
      return
    }
    let count = records.encoder.state.layoutCount
    let total = octetCount + UInt64(builder.canonical.byteCount)
    guard total + reserve.octets <= limits.layoutBytesTotalMax, count + reserve.count < limits.layoutsMax else {
      throw ForeignError(
        .refusedByCodec, .conversion, at: records.byteCount, expected: limits.layoutBytesTotalMax, found: total,
        path: "limitExceeded")
    }
    octetCount = total
    try Self.send(builder, to: &records)
    group.layout = count
    if candidates.count < Self.candidatesMax { numbers[fingerprint, default: []].append(count) }
  }

  /// The layouts of list elements and subsections below `group`.
  private mutating func sendInner(
    _ group: inout ConvertedGroup, to records: inout RecordWriter, limits: StreamLimits,
    reserve: (count: UInt32, octets: UInt64)
  ) throws(ForeignError) {
    for index in group.subsections.indices {
      try send(&group.subsections[index].group, to: &records, limits: limits, reserve: reserve)
    }
    for index in group.fields.indices {
      switch group.fields[index].content {
      case .value, .items, .repeated: break
      case .groups(var elements):
        for element in elements.indices {
          try sendInner(&elements[element], to: &records, limits: limits, reserve: reserve)
        }
        group.fields[index].content = .groups(elements)
      case .array(var elements, let model):
        for element in elements.indices {
          try sendInner(&elements[element], to: &records, limits: limits, reserve: reserve)
        }
        group.fields[index].content = .array(elements, model: model)
      case .list(var elements):
        for element in elements.indices {
          try send(&elements[element], to: &records, limits: limits, reserve: reserve)
        }
        group.fields[index].content = .list(elements)
      }
    }
  }

  private static func find(
    _ builder: borrowing LayoutBuilder, _ candidates: [UInt32], _ store: borrowing LayoutStore
  ) -> UInt32? {
    let canonical = builder.canonical
    let table = store.table
    for number in candidates {
      let octets = table.layout(number).octets
      if octets.byteCount == canonical.byteCount, octets.compare(to: canonical) == 0 { return number }
    }
    return nil
  }

  private static func send(
    _ builder: borrowing LayoutBuilder, to records: inout RecordWriter
  ) throws(ForeignError) {
    try records.layout(builder.canonical)
  }
}
