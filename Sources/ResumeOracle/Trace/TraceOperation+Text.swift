extension TraceOperation {
  /// The one spelling of the operation.
  public var text: String {
    switch self {
    case .machine(let machine, let options): "machine \(machine.text)\(options.text)"
    case .stream(let name, let source): "stream \(name) \(source.text)"
    case .change(let name, let change): change.text(name)
    case .request(let state): "request \(TraceNames.text(state: state))"
    case .reset: "reset"
    case .recover(let state): "recover \(TraceNames.text(state: state))"
    case .query(let device): "query" + (device.map { " \($0)" } ?? "")
    case .run(let steps): "run \(steps)"
    case .use(let session): "use " + (session.map { "\($0)" } ?? "latest")
    case .write(let name, let range, let pieces, let inPlace):
      "write \(name) \(range.text)\(pieces.text)\(inPlace ? " in-place" : "")"
    case .finish(let embedded): embedded ? "finish embedded" : "finish"
    case .abort: "abort"
    case .compatible(let name): "compatible \(name)"
    case .save(let name, let precopy): "save \(name)\(precopy ? " precopy" : "")"
    case .precopyInfo: "precopy-info"
    case .fail(let failure): "fail \(failure.call.rawValue) \(failure.number)\(failure.isBroken ? " broken" : "")"
    case .regionRead(let field): "v1 read \(field.text)"
    case .regionWrite(let field, let value): "v1 write \(field.text) \(value)"
    case .regionData(let offset, let octets): "v1 data \(offset) \(Self.hexadecimal(octets))"
    case .regionPut(let name, let range): "v1 put \(name) \(range.text)"
    case .regionGet(let name): "v1 get \(name)"
    case .handover(let machine, let precopy): "handover \(machine.text)\(precopy ? " precopy" : "")"
    case .source(let records): "source \(records)"
    case .deliver(let records): "deliver " + (records.map { "\($0)" } ?? "all")
    case .verdict(let verdict): verdict == .arrives ? "verdict" : "verdict \(verdict.rawValue)"
    case .giveUp(let side): "give-up \(side.rawValue)"
    case .linkLost(let side): "link-lost \(side.rawValue)"
    case .again: "again"
    case .operatorResume: "operator resume"
    case .operatorRuns: "operator runs"
    case .expect(let expectation): "expect \(expectation.text)"
    }
  }

  static func hexadecimal(_ octets: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * octets.count)
    for octet in octets {
      text.append(digits[Int(octet >> 4)])
      text.append(digits[Int(octet & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension TraceMachine {
  public var text: String {
    name + (seed == 0 ? "" : " seed \(seed)") + (steps == 0 ? "" : " steps \(steps)")
      + parameters.map { " \($0.name)=\($0.value)" }.joined()
  }
}

extension TraceOptions {
  fileprivate var text: String {
    (isStrict ? " strict" : "") + (allowsMissingDevices ? " allow-missing" : "")
      + (stagedBytesMax.map { " staged \($0)" } ?? "") + (windowByteCount.map { " region \($0)" } ?? "")
  }
}

extension TraceSource {
  fileprivate var text: String {
    switch self {
    case .machine(let machine, let precopy): "machine \(machine.text)\(precopy ? " precopy" : "")"
    case .octets(let octets): "octets \(TraceOperation.hexadecimal(octets))"
    case .file(let name, let range): "file \(name) \(range.text)"
    case .copy(let name, let range): "copy \(name) \(range.text)"
    }
  }
}

extension TraceChange {
  fileprivate func text(_ name: String) -> String {
    switch self {
    case .flip(let place, let bit): "flip \(name) \(place.text).\(bit)"
    case .set(let place, let octets): "set \(name) \(place.text) \(TraceOperation.hexadecimal(octets))"
    case .insert(let place, let octets): "insert \(name) \(place.text) \(TraceOperation.hexadecimal(octets))"
    case .splice(let place, let other, let range): "insert \(name) \(place.text) stream \(other) \(range.text)"
    case .remove(let range): "remove \(name) \(range.text)"
    case .swap(let first, let second): "swap \(name) \(first) \(second)"
    case .repair: "repair \(name)"
    }
  }
}

extension TracePieces {
  fileprivate var text: String {
    switch self {
    case .whole: ""
    case .bytes(let count): " bytes \(count)"
    case .random(let seed): " random \(seed)"
    case .records: " records"
    case .transactions: " transactions"
    }
  }
}

extension TracePlace {
  public var text: String {
    switch self {
    case .offset(let offset): "\(offset)"
    case .record(let record, 0): "r\(record)"
    case .record(let record, let plus): "r\(record)+\(plus)"
    case .end(0): "end"
    case .end(let minus): "end-\(minus)"
    }
  }
}

extension TraceRange {
  public var text: String { "\(start.text)..\(end.text)" }
}

extension TraceExpectation {
  public var text: String {
    switch self {
    case .ok: "ok"
    case .void: "void"
    case .code(let code, let offset): "code \(code)" + (offset.map { " at \($0)" } ?? "")
    case .failureClass(let failureClass): "class \(failureClass)"
    case .consumed(let count): "consumed \(count)"
    case .value(let value): "value \(value)"
    case .state(let state, let device): "state \(state)" + (device.map { " of \($0)" } ?? "")
    case .status(let status): "status \(status.rawValue)"
    case .digest(let digest): "digest 0x" + String(digest, radix: 16)
    case .like(let machine): "like \(machine.text)"
    }
  }
}
