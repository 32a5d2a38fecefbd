internal import MigrationStream

/// Where octets of MEMORY and BYTES go.
extension ResumeCore where Devices: ~Copyable {
  mutating func beginMemory(_ record: borrowing Record) throws(StreamError) {
    let head = MemoryHead(record.body)
    let region = session.regions[Int(head.region)]
    guard region != Format.none32 else { return }
    (target, targetNumber, payloadOffset) = (.memory, Int(region), record.payloadOffset)
    (extent, extentStart) = (0, 0)
    extents.removeAll()
    for index in 0..<Int(head.extentCount) {
      let extent = MemoryHead.extent(index, in: record.body)
      guard extent.kind != .data else {
        try extents.append(extent)
        continue
      }
      do throws(DeviceFailure) {
        try devices.clear(
          region: targetNumber, offset: extent.offset, byteCount: extent.length, discards: extent.kind == .discard)
      } catch {
        let field = record.bodyOffset &+ UInt64(MemoryHead.byteCount + index * Extent.byteCount)
        throw Self.refusal(error, at: field)
      }
    }
  }

  mutating func beginBytes(_ record: borrowing Record) throws(StreamError) {
    let flags = record.header.flags
    if flags & RecordFlags.unitFirst != 0 { openUnitCount += 1 }
    if flags & RecordFlags.unitLast != 0 { openUnitCount -= 1 }
    guard let position = session.position(of: record.header.device) else { return }
    let head = BytesHead(record.body)
    let device = session.taken[position]
    (targetPosition, targetNumber, payloadOffset) = (position, device.own, record.payloadOffset)
    switch device.apply {
    case .staged:
      target = .staged
      try session.admit(head.plainByteCount, at: record.bodyOffset &+ 16, options)
    case .inPlace: (target, stringOffset) = (.inPlace, head.offset)
    case .external:
      target = .external
      // One record's payload has a limit of its own.
      if options.isStrict { try session.admit(head.plainByteCount, at: record.bodyOffset &+ 16, options) }
      if session.byteStrings[position].count == 0 { session.taken[position].forwardedByteCount = head.offset }
    }
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) throws(StreamError) {
    switch target {
    case .nowhere: return
    case .memory: try place(octets, at: position)
    case .inPlace: try placeString(octets, at: position)
    case .staged, .external:
      try session.byteStrings[targetPosition].append(octets)
      session.byteStringTotal &+= UInt64(octets.byteCount)
    }
  }

  /// Every octet of a BYTES record was right.
  mutating func endBytes(_ header: RecordHeader) throws(StreamError) {
    guard let position = session.position(of: header.device) else { return }
    let device = session.taken[position]
    guard device.apply == .external, session.byteStrings[position].count > 0 else { return }
    if options.isStrict, header.flags & RecordFlags.unitLast == 0 { return }
    do throws(DeviceFailure) {
      try Self.forward(position, session, to: &devices)
    } catch {
      throw Self.refusal(error, at: payloadOffset)
    }
    session.byteStringTotal &-= UInt64(session.byteStrings[position].count)
    session.byteStrings[position].removeAll()
  }

  /// A span of one member would bar all of self; as parameters the two are apart.
  private static func forward(
    _ position: Int, _ session: borrowing ResumeSession, to devices: inout Devices
  ) throws(DeviceFailure) {
    let device = session.taken[position]
    try devices.write(device.own, session.byteStrings[position].bytes, at: device.forwardedByteCount)
  }

  private mutating func place(_ octets: RawSpan, at position: UInt64) throws(StreamError) {
    var rest = octets
    var position = position
    while rest.byteCount > 0, extent < extents.count {
      let current = extents[extent]
      let inside = position &- extentStart
      guard inside < current.length else {
        extentStart &+= current.length
        extent += 1
        continue
      }
      let room = current.length &- inside
      let count = room < UInt64(rest.byteCount) ? Int(room) : rest.byteCount
      do throws(DeviceFailure) {
        try fill(current.offset &+ inside, rest.extracting(first: count))
      } catch {
        throw Self.refusal(error, at: payloadOffset &+ position)
      }
      rest = rest.extracting(droppingFirst: count)
      position &+= UInt64(count)
    }
  }

  private mutating func placeString(_ octets: RawSpan, at position: UInt64) throws(StreamError) {
    do throws(DeviceFailure) {
      try fill(stringOffset &+ position, octets)
    } catch {
      throw Self.refusal(error, at: payloadOffset &+ position)
    }
  }

  /// Memory may be lent in smaller pieces than were asked for.
  private mutating func fill(_ offset: UInt64, _ octets: RawSpan) throws(DeviceFailure) {
    var rest = octets
    var offset = offset
    while rest.byteCount > 0 {
      var memory = try lend(offset: offset, byteCount: rest.byteCount)
      memory.update(from: rest.extracting(first: memory.byteCount))
      offset &+= UInt64(memory.byteCount)
      rest = rest.extracting(droppingFirst: memory.byteCount)
    }
  }

  // MARK: Memory of devices

  /// Whether the payload at hand belongs in memory of a device.
  var lendsMemory: Bool { !options.isStrict && (target == .memory || target == .inPlace) }

  /// Where octets of the payload at hand belong.
  ///
  /// - Parameters:
  ///   - offset: From the start of the region or byte string.
  ///   - streamOffset: Octets of the stream before them.
  /// - Throws: `deviceFailed`.
  @_lifetime(&self)
  mutating func lend(offset: UInt64, byteCount: Int, at streamOffset: UInt64) throws(StreamError) -> MutableRawSpan {
    do throws(DeviceFailure) {
      return try lend(offset: offset, byteCount: byteCount)
    } catch {
      throw Self.refusal(error, at: streamOffset)
    }
  }

  /// - Throws: also for a device that lends nothing, or more than it was asked for.
  @_lifetime(&self)
  private mutating func lend(offset: UInt64, byteCount: Int) throws(DeviceFailure) -> MutableRawSpan {
    if target == .memory {
      let memory = try devices.memory(region: targetNumber, offset: offset, byteCount: byteCount)
      guard memory.byteCount > 0, memory.byteCount <= byteCount else { throw DeviceFailure(reason: 0) }
      return memory
    }
    let memory = try devices.byteString(targetNumber, offset: offset, byteCount: byteCount)
    guard memory.byteCount > 0, memory.byteCount <= byteCount else { throw DeviceFailure(reason: 0) }
    return memory
  }
}
