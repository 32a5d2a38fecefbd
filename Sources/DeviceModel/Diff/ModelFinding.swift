public import MigrationStream

/// Which of two definitions reads what the other wrote.
public enum LoadDirection: String, Sendable, CaseIterable {
  /// The old one reads what the new one wrote.
  case forward
  /// The new one reads what the old one wrote.
  case backward
}

/// A difference of two definitions, and what readers do about it.
///
/// One for each thing that an author changed, whatever follows from it. Source: Specs/50-inspection.md section 9.
public struct ModelFinding: Equatable, Sendable {
  /// From the worst.
  public enum Level: String, Sendable, CaseIterable {
    case both, forward, backward
    /// Refused only if something comes that is rare by design.
    case unless
    case safe
  }

  /// What a reader really does.
  public enum Effect: String, Sendable, CaseIterable {
    case refused
    /// Taken for something that it is not.
    case misread
    case skipped
    case defaulted
  }

  public enum Weight: Int, Sendable, Comparable, CaseIterable {
    case safe, unless, breaks

    public static func < (left: Weight, right: Weight) -> Bool { left.rawValue < right.rawValue }
  }

  public struct Outcome: Equatable, Sendable {
    public var effect: Effect
    /// Of a refusal.
    public var code: StreamError.Code?
    /// When; empty: whenever it is there.
    public var condition: String
    public var weight: Weight
    /// What a stream lists where it shows, the shortest such list.
    public var parameters: [ParameterSetting] = []

    public init(_ effect: Effect, _ code: StreamError.Code? = nil, when condition: String = "", weight: Weight) {
      (self.effect, self.code, self.condition, self.weight) = (effect, code, condition, weight)
    }
  }

  /// JSON pointer with names in place of positions: into the new definition, or into the old one for what went.
  public var path: String
  /// What the author did, a sentence without full stop each.
  public var changes: [String] = []
  /// Worst first; empty: the reader takes it as it was meant.
  public var forward: [Outcome] = []
  public var backward: [Outcome] = []
  /// What to do about it; empty when nothing is to be done.
  public var next = ""

  public var level: Level {
    let weights = (forward.first?.weight ?? .safe, backward.first?.weight ?? .safe)
    switch weights {
    case (.breaks, .breaks): return .both
    case (.breaks, _): return .forward
    case (_, .breaks): return .backward
    default: return max(weights.0, weights.1) == .unless ? .unless : .safe
    }
  }

  public var isBreaking: Bool { level != .unless && level != .safe }

  public func outcomes(_ direction: LoadDirection) -> [Outcome] { direction == .forward ? forward : backward }
}
