internal import MigrationStream

/// Which way transactions go.
enum V1Direction: UInt8 { case saving, resuming }

// MARK: - Iterations

extension V1Region where Devices: ~Copyable {
  /// - Returns: nil when there is no session.
  /// - Throws: what ended it, at every access to it.
  func direction() throws(StreamError) -> V1Direction? {
    switch save {
    case .some(let save):
      if let failure = save.failure { throw failure }
      return .saving
    case nil: break
    }
    guard session != nil else { return nil }
    if case .poisoned(let refusal) = control.status { throw refusal }
    return .resuming
  }

  /// Ends an iteration, and looks whether there is another. Asking again changes nothing.
  mutating func readPending() throws(StreamError) -> UInt64 {
    guard try direction() == .saving else { throw outOfOrder(V1Field.pendingBytes.rawValue) }
    if iteration == .prepared {
      try save?.withSink { (sink) throws(StreamError) in sink.removeFirst() }
      window.clear(0..<byteCount)
      byteCount = 0
    }
    let waiting = try produce()
    iteration = waiting > 0 ? .started : .finished
    guard waiting > 0, let estimate = save?.estimate(control) else { return 0 }
    let rest = max(estimate.initialByteCount, estimate.dirtyByteCount, estimate.stopCopyByteCount)
    return UInt64(clamping: waiting).addingReportingOverflow(rest).overflow ? UInt64.max : UInt64(waiting) + rest
  }

  /// Steps on until a transaction is complete.
  ///
  /// - Returns: Its octets; 0 when there is nothing at present, or nothing any more.
  private mutating func produce() throws(StreamError) -> Int {
    while true {
      let waiting = try save?.withSink { (sink) throws(StreamError) in sink.first.byteCount } ?? 0
      if waiting > 0 { return waiting }
      guard savePhase == .preCopy || savePhase == .stopCopy else { return 0 }
      switch try save?.step(&control) {
      case .more, .passEnded: continue
      case .done where savePhase == .stopCopy: try save?.finish(&control)
      case .done, .noDataNow, nil: return 0
      }
    }
  }

  /// Makes the window ready: with the next transaction, or for it.
  mutating func prepare() throws(StreamError) {
    switch (try direction(), iteration) {
    case (.saving, .prepared), (.resuming, _): break
    case (.saving, .started): try fill()
    default: throw outOfOrder(V1Field.dataOffset.rawValue)
    }
    iteration = .prepared
  }

  private mutating func fill() throws(StreamError) {
    var memory = OwnedBytes(allocator: allocator)
    swap(&memory, &window.memory)
    defer { swap(&memory, &window.memory) }
    byteCount = try save?.withSink { (sink) throws(StreamError) in
      memory.set(sink.first, at: 0)
      return sink.first.byteCount
    } ?? 0
  }

  private mutating func deliver(_ size: Int, _ session: SessionHandle) throws(StreamError) -> Int {
    var memory = OwnedBytes(allocator: allocator)
    swap(&memory, &window.memory)
    defer { swap(&memory, &window.memory) }
    return try control.write(memory.bytes.extracting(0..<size), session)
  }

  /// Takes the window's octets as one transaction of the source.
  ///
  /// A refusal is said here and now, and the stream's position stays where it was.
  mutating func consume(_ size: UInt64) throws(StreamError) {
    let place = V1Field.dataSize.rawValue
    guard try direction() == .resuming, iteration == .prepared, let session else { throw outOfOrder(place) }
    guard size > 0 else { throw badAccess(place, 8) }
    guard size <= UInt64(window.byteCount) else {
      // Not to be cut: a part of a transaction is none.
      try control.abort(session)
      throw StreamError(.windowTooSmall, .resume, at: place, expected: UInt64(window.byteCount), found: size)
    }
    guard size <= UInt64(window.reach(byteCount)) else { throw outOfOrder(place) }
    guard try deliver(Int(size), session) == Int(size) else {
      try control.abort(session)
      throw StreamError(.trailingData, .end, at: control.offset)
    }
    window.forget(upTo: byteCount)
    byteCount = 0
    iteration = .finished
  }

  // MARK: Window

  /// - Parameter octets: Any number of them.
  mutating func readWindow(at offset: UInt64, into octets: inout MutableRawSpan) throws(StreamError) {
    guard octets.byteCount > 0, let position = window.position(of: offset, byteCount: octets.byteCount) else {
      throw badAccess(offset, octets.byteCount)
    }
    guard try direction() == .saving, iteration == .prepared else { throw outOfOrder(offset) }
    guard octets.byteCount <= byteCount - position else { throw badAccess(offset, octets.byteCount) }
    for index in 0..<octets.byteCount {
      octets.storeBytes(of: window.memory[position + index], toByteOffset: index, as: UInt8.self)
    }
  }

  mutating func writeWindow(at offset: UInt64, _ octets: RawSpan) throws(StreamError) {
    guard octets.byteCount > 0, let position = window.position(of: offset, byteCount: octets.byteCount) else {
      throw badAccess(offset, octets.byteCount)
    }
    guard try direction() == .resuming, iteration == .prepared, position <= window.reach(byteCount) else {
      throw outOfOrder(offset)
    }
    window.put(octets, at: position)
    byteCount = max(byteCount, position + octets.byteCount)
  }
}
