/// One payload of a section.
struct SectionPart {
  /// Octets from the start of the QEMU stream.
  var offset: UInt64
  var length: UInt64
  var kind: QEMURecord.Kind
  var isPackaged: Bool
}

/// The payloads of every section other than guest memory, by section number.
struct SectionParts {
  private var parts: [Int: [SectionPart]] = [:]

  /// - Throws: ``ForeignError`` `limitExceeded` when the index left out records other than guest memory's.
  init(_ stream: QEMUStream) throws(ForeignError) {
    var memoryRecords: UInt64 = 0
    for record in stream.records {
      guard let section = record.section else { continue }
      if stream.sections[section].content == .memory {
        memoryRecords += 1
        continue
      }
      parts[section, default: []].append(
        SectionPart(
          offset: record.payloadOffset, length: record.payloadLength, kind: record.kind,
          isPackaged: record.isPackaged))
    }
    let all = stream.sections.lazy.filter { $0.content == .memory }.reduce(0) { $0 + $1.recordCount }
    guard stream.unlistedRecordCount <= all - min(all, memoryRecords) else {
      throw ForeignError(
        .limitExceeded, .conversion, at: stream.endOffset, expected: UInt64(stream.limits.listedRecords),
        found: UInt64(stream.records.count) + stream.unlistedRecordCount)
    }
  }

  subscript(number: Int) -> [SectionPart] { parts[number] ?? [] }
}
