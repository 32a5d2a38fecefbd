import MigrationStream
import ReferenceReader
import ResumeOracle
import ResumePath

/// R1: a session takes what the reference reader takes, and refuses what it refuses.
///
/// The reader knows streams and no devices: what a session refuses by mapping, rules, sections of its own model or its
/// devices is no claim of the stream's. What is stepped over, a device or a piece of one that the machine does not know, is
/// read less closely than the reader does.
extension ProgramOracle where Base: ~Copyable {
  static func checkReference(_ session: SessionRecord, of run: borrowing Run) -> FuzzViolation? {
    var reader = ReferenceReader()
    // Behind END octets may follow that were offered and not taken.
    let isEnded = session.status == .complete || session.status == .committed
    let octets = isEnded ? Array(session.offered.prefix(Int(clamping: session.offset))) : session.offered
    let refusal = reader.read(octets)
    switch session.status {
    case .complete, .committed:
      guard let refusal, !mayStepOver(refusal, reader.manifest, octets, run) else { return nil }
      return FuzzViolation("R1", "taken to its end, and the reference refuses it: \(refusal.code) at \(refusal.offset)")
    case .open:
      if octets.count < 64 { return nil }
      guard let refusal else { return FuzzViolation("R1", "the reference has seen the end, and the session wants more") }
      guard !refusal.isIncomplete, refusal.stage?.isFraming == true else { return nil }
      guard !reader.manifest.devices.contains(where: \.isSkippable) else { return nil }
      // What is wrong in a preamble is due when it is there as a whole.
      guard session.offered.count >= Preamble.byteCount else { return nil }
      return FuzzViolation("R1", "taken so far, and the reference refuses it: \(refusal.code) at \(refusal.offset)")
    case .poisoned(let error):
      guard error.isOfFraming, error.code != .trailingData else { return nil }
      guard let refusal else { return FuzzViolation("R1", "refused with \(error.code) at \(error.offset), the reference takes it") }
      if refusal.stage?.isFraming != true { return nil }
      if refusal.code.rawValue == error.code.rawValue, refusal.offset == error.offset { return nil }
      // What is missing is said when the session is finished.
      if refusal.isIncomplete, error.code == .truncated { return nil }
      return FuzzViolation(
        "R1",
        "refused with \(error.code) at \(error.offset), by the reference with \(refusal.code) at \(refusal.offset)")
    case .none, .aborted: return nil
    }
  }

  /// What is refused may lie in a device, or in a piece of one, that a destination without it steps over.
  private static func mayStepOver(
    _ refusal: ReferenceRefusal, _ manifest: ReferenceManifest, _ octets: [UInt8], _ run: borrowing Run
  ) -> Bool {
    if manifest.devices.contains(where: \.isSkippable) { return true }
    if refusal.stage?.isFraming == true { return false }
    guard let own = side(of: run) else { return true }
    let known = own.manifest.devices.reduce(into: Set<[UInt8]>()) { $0.formUnion(pieces(of: $1, own.octets)) }
    return manifest.devices.contains { !pieces(of: $0, octets).isSubset(of: known) }
  }

  /// Names of sections and subsections, each behind the name of the model.
  private static func pieces(of device: ReferenceManifest.Device, _ octets: [UInt8]) -> Set<[UInt8]> {
    Set((device.sections + device.subsections).map { Array(octets[device.model] + [0] + octets[$0.name]) })
  }
}

extension ReferenceManifest.Device {
  fileprivate var isSkippable: Bool { mark & RecordFlags.skippable != 0 }
}

extension ReferenceStage {
  fileprivate var isFraming: Bool { self != .section && self != .mapping }
}

extension StreamError {
  /// It is about the stream as such.
  fileprivate var isOfFraming: Bool {
    switch stage {
    case .preamble, .record, .manifest, .layout, .bulk, .index, .end: true
    case .section, .mapping, .use, .rules, .resume: false
    }
  }
}
