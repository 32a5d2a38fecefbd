import MigrationStream
import ResumePath

/// Words of a trace for numbers that have names.
enum TraceNames {
  static var states: String { MigrationState.allCases.map { "\($0)" }.joined(separator: " ") }

  static func state(_ word: String) -> MigrationState? { MigrationState.allCases.first { "\($0)" == word } }

  static func code(_ word: String) -> StreamError.Code? { StreamError.Code.allCases.first { "\($0)" == word } }

  static func failureClass(_ word: String) -> FailureClass? { FailureClass.allCases.first { "\($0)" == word } }

  /// A state as it is spelled: a word where there is one.
  static func text(state number: UInt32) -> String {
    MigrationState(rawValue: number).map { "\($0)" } ?? String(number)
  }
}

extension TraceField {
  /// Source: Specs/resume-path.md section 11.
  private static let named: [(name: String, field: TraceField)] = [
    ("device_state", TraceField(offset: 0, width: 4)), ("reserved", TraceField(offset: 4, width: 4)),
    ("pending_bytes", TraceField(offset: 8, width: 8)), ("data_offset", TraceField(offset: 16, width: 8)),
    ("data_size", TraceField(offset: 24, width: 8)),
  ]

  static var dataOffset: TraceField { TraceField(offset: 16, width: 8) }
  static var dataSize: TraceField { TraceField(offset: 24, width: 8) }
  static var pendingBytes: TraceField { TraceField(offset: 8, width: 8) }

  init(parsing words: inout TraceWords) throws(TraceFault) {
    let names = Self.named.map(\.name).joined(separator: " ")
    self = try words.value("a field (\(names), or u8, u16, u32, u64 with an offset)") { word in
      Self.named.first { $0.name == word }?.field
        ?? ["u8", "u16", "u32", "u64"].firstIndex(of: word).map { TraceField(offset: .max, width: 1 << UInt8($0)) }
    }
    if offset == .max { offset = try words.number("an offset in the region", max: .max) }
  }

  var text: String { Self.named.first { $0.field == self }?.name ?? "u\(8 * UInt32(width)) \(offset)" }
}
