/// The register `device_state` of the first protocol's region: three bits, the others reserved.
///
///     bit  2         1       0
///          resuming  saving  running
///
/// Source: Specs/resume-path.md section 11.
public enum V1DeviceState {
  public static var running: UInt32 { 1 << 0 }
  public static var saving: UInt32 { 1 << 1 }
  public static var resuming: UInt32 { 1 << 2 }
  public static var mask: UInt32 { 7 }
  /// Shown by a device that only a reset helps; not VALID, so nobody can ask for it.
  public static var error: UInt32 { saving | resuming }

  /// VALID: resuming is the only bit, or not set. Reserved bits have no say.
  public static func isValid(_ value: UInt32) -> Bool {
    value & resuming == 0 || value & mask == resuming
  }

  /// What is shown of one device; the P2P states have no bit of their own.
  static func bits(of state: MigrationState) -> UInt32 {
    switch state {
    case .error: error
    case .stop: 0
    case .running, .runningP2P: running
    case .stopCopy: saving
    case .preCopy, .preCopyP2P: running | saving
    case .resuming: resuming
    }
  }
}

/// The fields of the region, by their offset.
enum V1Field: UInt64 {
  case deviceState = 0
  case reserved = 4
  case pendingBytes = 8
  case dataOffset = 16
  case dataSize = 24

  /// - Returns: nil unless the access is as wide as a field, and begins where it does.
  init?(at offset: UInt64, byteCount: Int) {
    guard let field = V1Field(rawValue: offset), field.byteCount == byteCount else { return nil }
    self = field
  }

  var byteCount: Int {
    switch self {
    case .deviceState, .reserved: 4
    case .pendingBytes, .dataOffset, .dataSize: 8
    }
  }
}

/// How far the transfer of one transaction is.
///
/// Source: Specs/resume-path.md section 11.
@frozen
public enum V1Iteration: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// The state was entered.
  case initial = 1
  /// Saving: `pending_bytes` was read, and there is something.
  case started = 2
  /// `data_offset` was read: the window is the user's.
  case prepared = 3
  /// Saving: there is nothing at present. Resuming: the window was consumed.
  case finished = 4
}
