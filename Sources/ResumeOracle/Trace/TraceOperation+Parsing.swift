extension TraceOperation {
  /// Reads an operation; what follows it in the line stays there.
  init(parsing words: inout TraceWords) throws(TraceFault) {
    let before = words
    let verb = try words.word("an operation")
    switch verb {
    case "machine": self = .machine(try TraceMachine(parsing: &words), try TraceOptions(parsing: &words))
    case "stream": self = .stream(try words.name("a stream's name"), try TraceSource(parsing: &words))
    case "flip", "set", "insert", "remove", "swap", "repair":
      self = .change(try words.name("a stream's name"), try TraceChange(verb, parsing: &words))
    case "request": self = .request(try words.state())
    case "reset": self = .reset
    case "recover": self = .recover(try words.state())
    case "query": self = .query(device: words.isAtEnd ? nil : try words.device())
    case "run": self = .run(steps: try words.number("a number of steps"))
    case "use": self = .use(session: words.take("latest") ? nil : try words.number("a session's number, or latest"))
    case "write":
      self = .write(
        try words.name("a stream's name"), try words.range(), try TracePieces(parsing: &words),
        inPlace: words.take("in-place"))
    case "finish": self = .finish(embedded: words.take("embedded"))
    case "abort": self = .abort
    case "compatible": self = .compatible(try words.name("a stream's name"))
    case "save": self = .save(try words.name("a stream's name"), precopy: words.take("precopy"))
    case "precopy-info": self = .precopyInfo
    case "fail":
      let call = try words.value("move, prepare, commit or save") { TraceFailure.Call(rawValue: $0) }
      self = .fail(TraceFailure(call, try words.number("a call's number"), isBroken: words.take("broken")))
    case "v1": self = try Self.region(&words)
    case "handover": self = .handover(try TraceMachine(parsing: &words), precopy: words.take("precopy"))
    case "source": self = .source(records: try words.number("a number of records"))
    case "deliver": self = .deliver(records: words.take("all") ? nil : try words.number("a number of records, or all"))
    case "verdict":
      self = .verdict(
        words.isAtEnd ? .arrives : try words.value("lose or twice") { $0.isEmpty ? nil : TraceVerdict(rawValue: $0) })
    case "give-up": self = .giveUp(try words.value("source or destination") { TraceSide(rawValue: $0) })
    case "link-lost": self = .linkLost(try words.value("source or destination") { TraceSide(rawValue: $0) })
    case "again": self = .again
    case "operator":
      self = try words.value("resume or runs") { ["resume": .operatorResume, "runs": .operatorRuns][$0] }
    case "expect": self = .expect(try TraceExpectation(parsing: &words))
    default: throw before.fault("\(TraceWords.quoted(verb)) is no operation")
    }
  }

  private static func region(_ words: inout TraceWords) throws(TraceFault) -> TraceOperation {
    let before = words
    switch try words.word("read, write, data, put or get") {
    case "read": return .regionRead(try TraceField(parsing: &words))
    case "write": return .regionWrite(try TraceField(parsing: &words), try words.number("a value"))
    case "data": return .regionData(offset: try words.number("an offset in the region"), try words.octets())
    case "put": return .regionPut(try words.name("a stream's name"), try words.range())
    case "get": return .regionGet(try words.name("a stream's name"))
    default: throw before.fault("v1 is followed by read, write, data, put or get")
    }
  }
}

extension TraceWords {
  mutating func device() throws(TraceFault) -> UInt32 {
    UInt32(truncatingIfNeeded: try number("a device's number", max: UInt64(UInt32.max)))
  }
}

extension TraceMachine {
  init(parsing words: inout TraceWords) throws(TraceFault) {
    self.init(try words.name("a machine's name"))
    while let word = words.next {
      if words.take("seed") {
        seed = try words.number("a seed")
      } else if words.take("steps") {
        steps = try words.number("a number of steps")
      } else if word.utf8.contains(0x3d) {
        guard parameters.count < TraceLimits.parametersMax else {
          throw words.fault("a machine has at most \(TraceLimits.parametersMax) parameters")
        }
        parameters.append(try words.value("a parameter (NAME=VALUE)") { TraceParameter($0) })
      } else {
        return
      }
    }
  }
}

extension TraceParameter {
  /// - Parameter word: `name=value`; nil for anything else.
  public init?(_ word: String) {
    guard let equals = word.utf8.firstIndex(of: 0x3d) else { return nil }
    let value = String(word[word.utf8.index(after: equals)...])
    self.init(String(word[..<equals]), value)
    guard TraceWords.isName(name), !value.isEmpty, value.utf8.count <= TraceLimits.nameBytesMax,
      value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
    else { return nil }
  }
}

extension TraceOptions {
  init(parsing words: inout TraceWords) throws(TraceFault) {
    self.init()
    if words.take("strict") { isStrict = true }
    if words.take("allow-missing") { allowsMissingDevices = true }
    if words.take("staged") { stagedBytesMax = try words.number("a number of octets") }
    if words.take("region") { windowByteCount = try words.number("a number of octets") }
  }
}

extension TraceSource {
  init(parsing words: inout TraceWords) throws(TraceFault) {
    let before = words
    switch try words.word("machine, octets, file or copy") {
    case "machine": self = .machine(try TraceMachine(parsing: &words), precopy: words.take("precopy"))
    case "octets": self = .octets(try words.octets())
    case "file": self = .file(try words.name("a file's name"), words.optionalRange())
    case "copy": self = .copy(try words.name("a stream's name"), words.optionalRange())
    default: throw before.fault("a stream is followed by machine, octets, file or copy")
    }
  }
}

extension TraceChange {
  init(_ verb: String, parsing words: inout TraceWords) throws(TraceFault) {
    switch verb {
    case "flip":
      let (place, bit) = try words.value("a place and a bit (PLACE.BIT)") { Self.placeAndBit($0) }
      self = .flip(place, bit: bit)
    case "set": self = .set(try words.place(), try words.octets())
    case "insert":
      let place = try words.place()
      self =
        words.take("stream")
        ? .splice(place, try words.name("a stream's name"), words.optionalRange()) : .insert(place, try words.octets())
    case "remove": self = .remove(try words.range())
    case "swap": self = .swap(try words.number("a record's number"), try words.number("a record's number"))
    default: self = .repair
    }
  }

  private static func placeAndBit(_ word: String) -> (TracePlace, UInt8)? {
    guard let dot = word.utf8.lastIndex(of: 0x2e), let place = TracePlace(String(word[..<dot])),
      let bit = TraceWords.number(String(word[word.utf8.index(after: dot)...])), bit < 8
    else { return nil }
    return (place, UInt8(bit))
  }
}

extension TracePieces {
  init(parsing words: inout TraceWords) throws(TraceFault) {
    if words.take("bytes") {
      let before = words
      let count = try words.number("a number of octets")
      guard count > 0 else { throw before.fault("a piece has at least one octet") }
      self = .bytes(count)
    } else if words.take("random") {
      self = .random(try words.number("a seed"))
    } else if words.take("records") {
      self = .records
    } else if words.take("transactions") {
      self = .transactions
    } else {
      self = .whole
    }
  }
}

extension TraceExpectation {
  init(parsing words: inout TraceWords) throws(TraceFault) {
    let before = words
    switch try words.word("ok, void, code, class, consumed, value, state, status, digest or like") {
    case "ok": self = .ok
    case "void": self = .void
    case "code":
      let code = try words.value("a code of chapter 40") { TraceNames.code($0) }
      self = .code(code, at: words.take("at") ? try words.number("an offset") : nil)
    case "class": self = .failureClass(try words.value("a class of errors") { TraceNames.failureClass($0) })
    case "consumed": self = .consumed(try words.number("a number of octets"))
    case "value": self = .value(try words.number("a value"))
    case "state":
      let state = try words.value("a state (one of \(TraceNames.states))") { TraceNames.state($0) }
      self = .state(state, device: words.take("of") ? try words.device() : nil)
    case "status": self = .status(try words.value("a status of sessions") { TraceStatus(rawValue: $0) })
    case "digest": self = .digest(try words.number("a digest"))
    case "like": self = .like(try TraceMachine(parsing: &words))
    default: throw before.fault("expect is followed by ok, void, code, class, consumed, value, state, status, digest or like")
    }
  }
}

extension TracePlace {
  /// - Parameter word: A number, `rN`, `rN+K`, `end`, `end-K`.
  init?(_ word: String) {
    if let offset = TraceWords.number(word) {
      self = .offset(offset)
    } else if word == "end" {
      self = .end(minus: 0)
    } else if word.hasPrefix("end-"), let count = TraceWords.number(String(word.dropFirst(4))) {
      self = .end(minus: count)
    } else if word.hasPrefix("r") {
      let parts = word.dropFirst().split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
      let numbers = parts.compactMap { TraceWords.number(String($0)) }
      guard numbers.count == parts.count, let record = numbers.first else { return nil }
      self = .record(record, plus: numbers.count == 2 ? numbers[1] : 0)
    } else {
      return nil
    }
  }
}

extension TraceRange {
  /// - Parameter word: `place..place`; each may be missing.
  init?(_ word: String) {
    let octets = Array(word.utf8)
    guard let dots = octets.indices.dropLast().first(where: { octets[$0] == 0x2e && octets[$0 + 1] == 0x2e }) else {
      return nil
    }
    let start = String(decoding: octets[..<dots], as: UTF8.self)
    let end = String(decoding: octets[(dots + 2)...], as: UTF8.self)
    guard let first = start.isEmpty ? .offset(0) : TracePlace(start),
      let last = end.isEmpty ? .end(minus: 0) : TracePlace(end)
    else { return nil }
    self.init(first, last)
  }
}
