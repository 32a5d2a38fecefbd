/// How bad a finding is.
public enum LintLevel: String, Sendable {
  /// A habit that costs later.
  case warning
  /// Contradicts the specification, or breaks the exchange between old and new.
  case error
}

/// What lint looks for. Names are stable: they stand in reports and in people's scripts.
///
/// Source: Specs/device-models.md section 10.
public enum LintRule: String, Sendable, CaseIterable {
  case document
  case schemeInIdentifier = "scheme-in-identifier"
  case vagueVersion = "vague-version"
  case externalClass = "external-class"
  case filePath = "file-path"
  case notCanonical = "not-canonical"
  case implementationWord = "implementation-word"
  case noMeaning = "no-meaning"
  case noUnit = "no-unit"
  case nameStyle = "name-style"
  case secretHint = "secret-hint"
  case noOffValue = "no-off-value"
  case defaultEnables = "default-enables"
  case unusedParameter = "unused-parameter"
  case requiresImpossible = "requires-impossible"
  case valuesContradict = "values-contradict"
  case enabledWhileOff = "enabled-while-off"
  case neverEnabled = "never-enabled"
  case untiedState = "untied-state"
  case historyIncomplete = "history-incomplete"
  case historyBroken = "history-broken"
  case sinceAgainstHistory = "since-against-history"
  case rangeEmpty = "range-empty"
  case groupEmpty = "group-empty"
  case conditionImpossible = "condition-impossible"
  case conditionWithoutWords = "condition-without-words"
  case conditionInWordsOnly = "condition-in-words-only"
  case skippableGuestVisible = "skippable-guest-visible"
  case unbounded
  case openEnumeration = "open-enumeration"

  public var level: LintLevel {
    switch self {
    case .notCanonical, .nameStyle, .secretHint, .noOffValue, .untiedState, .conditionWithoutWords,
      .conditionInWordsOnly, .skippableGuestVisible, .openEnumeration:
      .warning
    default: .error
    }
  }

  /// What to do about it, where the finding itself does not say it.
  public var advice: String {
    switch self {
    case .document: "Change the document as Specs/device-models.md says."
    case .schemeInIdentifier: "Leave the scheme out: an identifier is DOMAIN/PATH and no address."
    case .vagueVersion: "Number definitions with version; make what the guest sees a parameter."
    case .externalClass: "Name the field in externals with the treatment external-migrated, or take it out of the stream."
    case .filePath: "Move the file to DOMAIN/PATH.json of its identifier."
    case .notCanonical: "Write it anew with --rewrite."
    case .implementationWord: "Say what it is to the device, so that another implementation can have it too."
    case .noMeaning: "Add a description that says what it means."
    case .noUnit: "Add the unit, or a radix: 10 for a plain number, 16 or 2 for a register."
    case .nameStyle: "Use a-z, 0-9 and _, beginning with a letter."
    case .secretHint: "Say secret: true, or give it a name that says what it is."
    case .noOffValue: "Add the off_value with which the device is as it was before the parameter was invented."
    case .defaultEnables: "Make init_value the off_value: who wants the new thing asks for it."
    case .unusedParameter: "Tie state to it with enabled_by or a number, or let it affect the interface only."
    case .requiresImpossible: "Change allowed_values, here or of the other parameter."
    case .valuesContradict: "Choose values with which every requirement holds."
    case .enabledWhileOff: "Choose the off value so that the piece is not there with it."
    case .neverEnabled: "Name values that the parameter may have, or remove the piece."
    case .untiedState: "Tie it to a parameter, make it a subsection with a condition, or let readers skip it."
    case .historyIncomplete: "Add the definitions that are missing, down to 1."
    case .historyBroken: "Change the operations so that they give the older definition."
    case .sinceAgainstHistory: "Make since and history tell the same."
    case .rangeEmpty: "Choose numbers that give a range for every allowed value of the parameters."
    case .groupEmpty: "Give the group the until of what was in it, or leave something in it."
    case .conditionImpossible: "Compare with values that the field can have."
    case .conditionWithoutWords: "Add a condition in words."
    case .conditionInWordsOnly: "Add the same as comparisons, in when."
    case .skippableGuestVisible: "Make it required, or of class internal when the guest never sees it."
    case .unbounded: "Add ref to the array, or range."
    case .openEnumeration: "List all values, or use an integer."
    }
  }
}

/// One thing that lint found.
public struct LintFinding: Equatable, Sendable {
  public var rule: LintRule
  /// JSON pointer (RFC 6901); empty for the whole document.
  public var pointer: String
  /// From 1.
  public var line: Int
  /// One sentence.
  public var message: String

  public init(_ rule: LintRule, _ message: String, pointer: String, line: Int) {
    self.rule = rule
    self.message = message
    self.pointer = pointer
    self.line = line
  }
}
