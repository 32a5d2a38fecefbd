import MigrationStream
import ReferenceDevices
import ReferenceReader
import ResumeOracle
import ResumePath

/// R1 of what a machine says of a stream when its MANIFEST is there.
///
/// Source: Specs/resume-path.md section 7.2.
extension ProgramOracle where Base: ~Copyable {
  static func checkVerdict(_ session: SessionRecord, of run: borrowing Run) -> FuzzViolation? {
    // A strict machine may refuse the write as such.
    guard !run.options.isStrict, run.options.windowByteCount == nil, let stream = side(of: session.offered),
      let own = side(of: run)
    else { return nil }
    let refusal = ReferenceVerdict.refusal(of: stream, by: own)
    guard case .poisoned(let error) = session.status else {
      guard session.status.isOpenStill || session.status == .committed, let refusal else { return nil }
      return FuzzViolation("R1", "taken, and to be refused with \(refusal.code) at \(refusal.offset)")
    }
    // Not this stream's fault, or what is not read at all.
    if error.code == .outOfMemory || error.code == .notImplemented { return nil }
    guard let refusal else {
      guard error.isOfVerdict else { return nil }
      return FuzzViolation("R1", "refused with \(error.code) at \(error.offset), which the second judge does not")
    }
    let isSame =
      refusal.code.rawValue == error.code.rawValue && refusal.offset == error.offset && refusal.expected == error.expected
      && refusal.found == error.found
    if isSame { return nil }
    return FuzzViolation(
      "R1",
      "refused with \(error.code) at \(error.offset), expected \(error.expected), found \(error.found); by the second judge with "
        + "\(refusal.code) at \(refusal.offset), expected \(refusal.expected), found \(refusal.found)")
  }

  /// nil: the machine has none.
  static func side(of run: borrowing Run) -> ReferenceVerdict.Side? {
    (run.run.withMachine { try? manifestOctets(of: &$0) } ?? nil).flatMap { side(of: $0) }
  }

  /// nil: MANIFEST has not come, or is not right.
  private static func side(of octets: [UInt8]) -> ReferenceVerdict.Side? {
    let header = Preamble.byteCount + RecordHeader.byteCount
    guard octets.count >= header else { return nil }
    let count = octets.span.octets.integer(at: Preamble.byteCount + 24, as: UInt64.self)
    guard count <= UInt64(octets.count - header) else { return nil }
    let head = Array(octets.prefix(header + Int(count)))
    var reader = ReferenceReader()
    _ = reader.read(head)
    return reader.manifest.devices.isEmpty ? nil : (reader.manifest, head)
  }

  /// What the machine would send of itself.
  private static func manifestOctets(
    of control: inout MigrationControl<WatchedDevices<Base>>
  ) throws(StreamError) -> [UInt8] {
    var encoder = try StreamEncoder(preamble: Preamble(uuid: StreamUUID(low: 1, high: 1)))
    var octets = preamble(of: encoder)
    octets.append(try encoder.manifest(try control.devices.manifest(allocator: .system)))
    return octets
  }

  private static func preamble(of encoder: borrowing StreamEncoder) -> [UInt8] {
    let preamble = encoder.preamble
    return (0..<preamble.byteCount).map { preamble.octet(at: $0) }
  }
}

extension StreamError {
  /// Refused for what a device or region of the stream is.
  fileprivate var isOfVerdict: Bool {
    switch (code, stage) {
    case (.wrongModel, .rules), (.parameterRefused, .rules), (.unknownRegion, .rules), (.unknownDevice, .resume): true
    default: false
    }
  }
}
