// What the codec promises itself after every step. A debug build checks it always, so the tests and the literal fuzz
// build do; a release build does with the package trait `InternalChecks`, and without it has none of this.

#if DEBUG || InternalChecks
/// Stops the program when a promise is broken: the fault is ours, whatever the input.
private func promise(
  _ isKept: Bool, _ rule: StaticString, file: StaticString = #fileID, line: UInt = #line
) {
  if isKept { return }
  #if Embedded
  fatalError()
  #else
  fatalError("internal check: \(rule)", file: file, line: line)
  #endif
}
#endif

/// What a stream's state was after the record before.
struct CheckedRecord: BitwiseCopyable {
  #if DEBUG || InternalChecks
  fileprivate var recordCount: UInt64 = 0
  fileprivate var pass: UInt32 = 0
  fileprivate var layoutCount: UInt32 = 0
  fileprivate var sectionRecordCount: UInt64 = 0
  #endif
}

/// Where a decoder or encoder stood when it was poisoned.
struct CheckedPoison: BitwiseCopyable {
  #if DEBUG || InternalChecks
  private var offset: UInt64?

  /// A poisoned value makes no progress.
  ///
  /// - Returns: Whether it is poisoned.
  fileprivate mutating func check(_ poison: StreamError?, offset: UInt64) -> Bool {
    guard poison != nil else {
      promise(self.offset == nil, "poison does not wear off")
      return false
    }
    promise(self.offset == nil || self.offset == offset, "poisoned, and went on")
    self.offset = offset
    return true
  }
  #endif
}

extension StreamState {
  /// After a record has been counted.
  @inline(__always)
  mutating func check(closing header: RecordHeader, at offset: UInt64) {
    #if DEBUG || InternalChecks
    promise(totals.recordCount == header.sequence &+ 1, "a record counts once")
    promise(totals.recordCount == checked.recordCount &+ 1, "records count one by one")
    let end = header.knownKind == .placement ? placement.recordsOffset : offset &+ header.recordByteCount
    promise(totals.byteCount == end, "octets are the sum of the records")
    promise(totals.byteCount & 7 == 0, "records end at multiples of 8")
    // What an encoder's ABORT follows may be a record that was refused when part of it had been taken in.
    if header.knownKind == .abort { return }
    promise(phase != .preamble && phase != .manifest, "records come after the preamble and begin with the manifest")
    let barriers: UInt32 = header.knownKind == .barrier ? 1 : 0
    promise(isJoined ? pass >= checked.pass : pass == checked.pass &+ barriers, "a barrier ends a pass")
    promise(
      layoutCount == checked.layoutCount &+ (header.knownKind == .layout ? 1 : 0), "a LAYOUT is one layout")
    promise(layouts.count == (options.checksSections ? Int(layoutCount) : 0), "layouts are kept, or none")
    promise(layoutByteCount <= limits.layoutBytesTotalMax, "layouts keep to their limit")
    promise(
      sectionRecordCount == checked.sectionRecordCount &+ (header.knownKind == .section ? 1 : 0),
      "a SECTION is one section")
    promise(lastSection < manifest.sectionTotal, "the last section was announced")
    promise(isJoined || seenSections.count == (manifest.sectionTotal + 63) / 64, "one bit a section")
    promise(byteStrings.count == manifest.devices.count, "one byte string a device")
    if header.knownKind == .bytes { checkByteString(header) }
    if header.knownKind == .end { checkSections() }
    checked.recordCount = totals.recordCount
    checked.pass = pass
    checked.layoutCount = layoutCount
    checked.sectionRecordCount = sectionRecordCount
    #endif
  }

  #if DEBUG || InternalChecks
  private func checkByteString(_ header: RecordHeader) {
    let device = byteStrings[Int(header.device)]
    promise(device.hasBegun, "octets begin a byte string")
    promise(!(device.hasEnded && device.unitIsOpen), "a byte string ends with its unit")
    promise(device.byteCount >= header.payloadByteCount, "a byte string has the octets of its records")
  }

  private func checkSections() {
    var seen = 0
    for index in 0..<seenSections.count { seen += seenSections[index].nonzeroBitCount }
    promise(seen == manifest.sectionTotal, "END comes after every section")
    promise(sectionRecordCount >= UInt64(seen), "a section that was seen came in a record")
    promise(phase == .ended, "END ends")
  }
  #endif
}

extension PushDecoder {
  /// After each piece of input, however it came.
  @inline(__always)
  mutating func checkStep() {
    #if DEBUG || InternalChecks
    if checkedPoison.check(poison, offset: offset) { return }
    let before = state.totals.byteCount
    let body = step == .preamble || step == .header ? 0 : UInt64(RecordHeader.byteCount)
    switch step {
    case .preamble, .header, .body:
      promise(offset == before &+ body &+ arrived, "octets before a record, and what has come of it")
      promise(UInt64(staged.count) == arrived, "what has come of a piece is staged, and nothing else")
    case .release, .frontPadding, .payload, .backPadding:
      promise(UInt64(staged.count) == header.bodyByteCount, "the body is staged while its payload comes")
      promise(offset == before &+ recordProgress, "octets before a record, and what has come of it")
    case .areas: promise(offset &+ needed == before, "records go on behind the areas")
    case .ended: promise(state.hasEnded && offset == before, "END is the last octet")
    }
    promise(body == 0 || step == .areas || step == .ended || header.sequence == state.totals.recordCount, "a record that is open does not count")
    if step == .payload { checkPayloadStep() }
    #endif
  }

  #if DEBUG || InternalChecks
  /// Octets of the record that have come, once its body has.
  private var recordProgress: UInt64 {
    var count = UInt64(RecordHeader.byteCount) &+ header.bodyByteCount &+ arrived
    if step == .payload || step == .backPadding { count &+= UInt64(header.frontPadding) }
    if step == .backPadding { count &+= header.payloadByteCount }
    return count
  }

  private func checkPayloadStep() {
    promise(UInt64(stored.count) == (frame == nil ? 0 : arrived), "only frames are stored")
    guard let place else { return }
    promise(place.byteCount >= 1 && place.byteCount <= needed, "a place is for octets of this payload")
    guard let region = place.region else {
      let total = state.byteStrings[Int(header.device)].byteCount
      promise(place.offset &+ place.byteCount == total, "a payload ends its byte string")
      return
    }
    promise(
      place.offset &+ place.byteCount <= state.manifest.regions[Int(region)].byteCount, "a place lies in its region")
    let extent = MemoryHead.extent(placeExtent, in: staged.bytes)
    promise(
      extent.kind == .data && place.offset >= extent.offset
        && place.offset &+ place.byteCount == extent.offset &+ extent.length, "a place ends with its data extent")
  }
  #endif
}

extension PullDecoder {
  /// Before each call.
  @inline(__always)
  mutating func checkStep() {
    #if DEBUG || InternalChecks
    if checkedPoison.check(poison, offset: offset) { return }
    let isBeforeAreas = state.totals.byteCount == state.placement.recordsOffset && offset < state.totals.byteCount
    promise(isBeforeAreas || offset == state.totals.byteCount, "whole records are consumed")
    #endif
  }
}

extension StreamEncoder {
  /// After each record: what the gather list will hold is the record.
  @inline(__always)
  func check(sealed header: RecordHeader) {
    #if DEBUG || InternalChecks
    var payload: UInt64 = 0
    for index in 0..<pieces.count { payload &+= UInt64(pieces[index].count) }
    promise(payload == header.payloadByteCount, "the pieces are the payload")
    promise(
      UInt64(staged.count) &+ payload &+ UInt64(backPadding) == header.recordByteCount,
      "a gather list has the record's octets")
    promise(backPadding <= padding.count, "padding behind a payload is short")
    #endif
  }

  /// Before each call. ABORT is all that may follow an error.
  @inline(__always)
  mutating func checkStanding() {
    #if DEBUG || InternalChecks
    if !state.hasEnded { _ = checkedPoison.check(poison, offset: byteCount) }
    #endif
  }
}
