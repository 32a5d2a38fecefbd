/// Why a destination does not take a device.
///
/// Source: Specs/device-models.md section 8.3.
public struct CheckReason: Equatable, Sendable {
  public enum Code: String, Sendable, CaseIterable {
    case noModel = "no_model"
    case unknownModel = "unknown_model"
    case otherModel = "other_model"
    case unknownParameter = "unknown_parameter"
    case wrongType = "wrong_type"
    case listedOff = "listed_off"
    case valueNotAllowed = "value_not_allowed"
    case cannotTurnOff = "cannot_turn_off"
    case requires
    case unknownVersionName = "unknown_version_name"
    case notComparable = "not_comparable"
    case streamTooNew = "stream_too_new"
    case streamTooOld = "stream_too_old"
    case unknownSection = "unknown_section"
    case sectionTooNew = "section_too_new"
    case repeatedSection = "repeated_section"
    case missingSection = "missing_section"
  }

  public var code: Code
  public var concerns: Parameter.Effects
  /// Path of the source's device.
  public var device: String
  /// The parameter, section, version string or model at fault.
  public var name: String
  /// What the source has; empty where there is none.
  public var found: String
  /// What the destination takes; empty where it takes nothing.
  public var allowed: String
  /// Of ``Code/requires``: the parameter that demands it, as `NAME=VALUE`.
  public var demandedBy = ""

  init(
    _ code: Code, _ concerns: Parameter.Effects, _ device: String, _ name: String, found: String = "", allowed: String = ""
  ) {
    self.code = code
    self.concerns = concerns
    self.device = device
    self.name = name
    self.found = found
    self.allowed = allowed
  }

  /// What is wrong, for people; the device is said elsewhere.
  public var message: String {
    switch code {
    case .noModel: "the device has no published model, so nothing can be promised"
    case .unknownModel: "the destination has no model \(name)"
    case .otherModel: "a device of model \(allowed) stands there, not of \(name)"
    case .unknownParameter: "parameter \(name) is \(found), and the destination does not know it"
    case .wrongType: "parameter \(name) is \(found); expected a value of type \(allowed)"
    case .listedOff: "parameter \(name) is listed with its off value \(found), which no parameter set lists"
    case .valueNotAllowed: "parameter \(name) is \(found); allowed: \(allowed)"
    case .cannotTurnOff: "parameter \(name) is not listed and cannot be turned off; allowed: \(allowed)"
    case .requires: "parameter \(name) would be \(found), and \(demandedBy) requires one of: \(allowed)"
    case .unknownVersionName: "version \(found) is not among the destination's: \(allowed)"
    case .notComparable: "one side states parameters, the other version strings: these cannot be compared"
    case .streamTooNew: "the stream needs a reader of version \(found); the destination has \(allowed)"
    case .streamTooOld: "the stream has version \(found); the destination loads \(allowed) and later"
    case .unknownSection: "section \(name) is required, and the destination does not have it"
    case .sectionTooNew: "section \(name) needs a reader of version \(found); the destination has \(allowed)"
    case .repeatedSection: "section \(name) is announced \(found) times; the destination loads it once"
    case .missingSection: "section \(name) does not come, and the destination needs it"
    }
  }
}

/// A subsection without which a stream is compatible.
public struct CheckCondition: Equatable, Sendable {
  /// Path of the source's device.
  public var device: String
  public var subsection: String

  init(_ device: String, _ subsection: String) {
    self.device = device
    self.subsection = subsection
  }
}

/// What was not judged, since one side does not say it.
public struct CheckNote: Equatable, Sendable {
  public enum Code: String, Sendable, CaseIterable {
    case sourceStreamNotStated = "source_stream_not_stated"
    case destinationStreamNotStated = "destination_stream_not_stated"
    /// A skippable device that the destination goes on without.
    case deviceLeftOut = "device_left_out"
    /// A device of the destination has a parameter that its model does not know, so that no plan turns it off.
    case tenantParameter = "tenant_parameter"
    /// The source has several version strings, and nobody says which of them the device would have.
    case severalVersions = "several_versions"
  }

  public var code: Code
  /// Path of the source's device.
  public var device: String

  init(_ code: Code, _ device: String) {
    self.code = code
    self.device = device
  }

  public var message: String {
    switch code {
    case .sourceStreamNotStated: "the source does not state its stream: versions and sections were not judged"
    case .destinationStreamNotStated: "the destination does not state its stream: versions and sections were not judged"
    case .tenantParameter:
      "the device that stands there has a parameter that its model does not know: the plan cannot turn it off"
    case .severalVersions: "the source has several versions, and does not say which one the device would have: no plan"
    case .deviceLeftOut: "the device is skippable, and the destination goes on without it"
    }
  }
}
