/// What a record of the reverse direction is.
///
/// Source: Specs/resume-path.md section 9.2.
@frozen
public enum ReverseKind: UInt16, Sendable, BitwiseCopyable, CaseIterable {
  /// Manifest and devices fit.
  case compatible = 0x0040
  /// The destination has not run the guest, and will not.
  case refused = 0x0041
  /// A device has what it needs before it stops at the source.
  case initialLoaded = 0x0042
  /// The destination runs the guest.
  case resumed = 0x0043

  var bodyByteCount: Int { self == .refused ? ReverseRefusal.byteCount : 0 }

  var namesDevice: Bool { self == .initialLoaded }
}

/// How far the reverse direction has come: which kinds may be next.
enum ReversePhase: UInt8 {
  case undecided, compatible, ended

  /// The phase after a record of that kind; nil when it may not stand here.
  func after(_ kind: ReverseKind) -> ReversePhase? {
    switch (self, kind) {
    case (.ended, _): nil
    case (_, .refused): .ended
    case (.undecided, .compatible): .compatible
    case (.compatible, .initialLoaded): .compatible
    case (.compatible, .resumed): .ended
    default: nil
    }
  }
}

/// Numbers of the reverse direction that stand alone.
///
/// Source: Specs/resume-path.md section 9.
public enum ReverseFormat {
  /// The octets `89 4d 47 56 0d 0a 1a 0a`.
  public static var magic: UInt64 { @inlinable get { 0x0a1a_0a0d_5647_4d89 } }
  /// What stands in place of a channel's number.
  public static var channel: UInt16 { @inlinable get { UInt16.max } }
  /// Octets of a record's body, of any kind.
  public static var bodyByteCountMax: UInt64 { @inlinable get { 4096 } }
}
