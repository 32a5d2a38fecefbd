import MigrationStream
import StreamIO
import StreamReport

/// A file of ours of which single things are wanted: through its index, or after the whole was read once.
enum StateAccess: ~Copyable {
  case indexed(IndexedInput)
  case surveyed(SurveyedInput)
  /// It cannot be read, and why.
  case refused(ReportFault, ToolStatus)

  /// Octets of the first read: what an index is found with.
  static let firstByteCount = Int(IndexReader.windowByteCount)

  /// - Parameter input: Opened with ``firstByteCount``.
  static func open(_ input: consuming InputFile) throws(IOFailure) -> StateAccess {
    var refusal: StreamError?
    var rest: InputFile?
    if input.isSeekable {
      var indexed = IndexedInput(input)
      do { try indexed.open() } catch let error as StreamError { refusal = error } catch {
        throw error as? IOFailure ?? IOFailure("read", "the index", .outOfMemory)
      }
      if refusal == nil, indexed.reader.hasIndex { return .indexed(indexed) }
      rest = indexed.takeInput()
    } else {
      rest = consume input
    }
    // Who reads the whole can say best what is wrong with it.
    guard let whole = rest.take() else { throw IOFailure("read", "the input", .outOfMemory) }
    let surveyed = try SurveyedInput(whole)
    guard let error = surveyed.refusal ?? refusal else { return .surveyed(surveyed) }
    let path = ReportText.path(of: error, surveyed.decoder.state)
    return .refused(
      ReportFault(error, path: path, window: surveyed.input.window(around: error.offset)), ToolStatus(error))
  }
}

extension IndexedInput {
  /// What the index says of where things lie.
  func facts() throws(StreamError) -> StateFacts {
    var facts = StateFacts()
    facts.extents = Array(repeating: 0, count: reader.state.manifest.regions.count)
    for device in 0..<reader.state.manifest.devices.count {
      for section in 0..<reader.state.manifest.devices[device].sectionCount {
        facts.sections.append(try reader.range(ofSection: section, device: UInt32(device)))
      }
    }
    for page in 0..<reader.pageCount {
      _ = try reader.range(ofPage: page)
      facts.extents[Int(reader.pageEntry(page).region)] += UInt64(reader.pageEntry(page).extentCount)
    }
    for (device, entry) in try byteStrings() {
      facts.byteStrings[device] = StateFacts.ByteString(
        octets: entry.byteCount, records: UInt64(entry.recordCount), offset: entry.firstRecordOffset)
    }
    return facts
  }
}

extension SurveyedInput {
  var facts: StateFacts {
    var facts = StateFacts()
    facts.sections = survey.sections.map {
      let header = UInt64(RecordHeader.byteCount)
      return FileRange(offset: $0.offset - header, byteCount: $0.byteCount + header)
    }
    facts.extents = survey.memory.map { UInt64($0.count) }
    for (device, string) in survey.byteStrings.enumerated() where !string.parts.isEmpty {
      facts.byteStrings[device] = StateFacts.ByteString(
        octets: string.byteCount, records: UInt64(string.parts.count), offset: string.firstRecordOffset)
    }
    return facts
  }
}
