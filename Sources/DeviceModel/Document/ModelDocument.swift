public import MigrationStream

/// A device model document: the newest definition of a device's state, and the way back to older ones.
///
/// What the members mean, and every rule on them: Specs/device-models.md. A value of this type came through the loader
/// or was derived from one that did, so it is consistent in itself.
public struct ModelDocument: Equatable, Sendable {
  /// `DOMAIN/PATH`.
  public var model: String
  public var description = ""
  /// Number of the definition.
  public var version: UInt32
  /// Oldest stream version that it loads.
  public var versionMin: UInt32 = 1
  public var apply = ApplyKind.staged
  public var clock = ClockDomain.none
  /// In the order of the document, as all lists here.
  public var parameters: [Parameter] = []
  public var aliases: [VersionAlias] = []
  public var sections: [ModelSection] = []
  public var layouts: [ElementLayout] = []
  public var regions: [ModelRegion] = []
  public var byteString: ModelByteString?
  public var externals: [External] = []
  public var history: [HistoryEntry] = []

  public init(model: String, version: UInt32) {
    self.model = model
    self.version = version
  }
}

/// A name for a parameter set, for people and management tools.
///
/// Source: Specs/device-models.md section 4.3.
public struct VersionAlias: Equatable, Sendable {
  public var name: String
  public var description = ""
  public var parameters: [ParameterSetting]

  public init(name: String, parameters: [ParameterSetting]) {
    self.name = name
    self.parameters = parameters
  }
}

/// The layout of elements of lists.
public struct ElementLayout: Equatable, Sendable {
  public var name: String
  public var description = ""
  /// Its name in streams; nil: `name`.
  public var layout: String?
  public var fields: [ModelField]
  public var rules: [ModelRule] = []

  public init(name: String, fields: [ModelField]) {
    self.name = name
    self.fields = fields
  }
}

/// Memory that the device owns.
///
/// Source: Specs/device-models.md section 5.8.
public struct ModelRegion: Equatable, Sendable {
  public var name: String
  public var description = ""
  /// Octets.
  public var size: ModelNumber
  public var pageSize: UInt64
  public var isShared = false
  public var isReadOnly = false
  public var isOpaque = false
  public var enabledBy: [ParameterTerm] = []

  public init(name: String, size: ModelNumber, pageSize: UInt64) {
    self.name = name
    self.size = size
    self.pageSize = pageSize
  }
}

/// The device has ordered octets of its own beside its sections.
public struct ModelByteString: Equatable, Sendable {
  public var description = ""
  public var enabledBy: [ParameterTerm] = []

  public init() {}
}

/// Something outside the device that the guest sees through it.
///
/// Source: Specs/device-models.md section 6.
public struct External: Equatable, Sendable {
  public enum Treatment: String, Sendable, CaseIterable {
    case hidden = "external-hidden"
    case migrated = "external-migrated"
    case reread = "external-reread"
    case configured = "external-configured"
  }

  /// What the destination does on arrival when its own differs.
  public enum Arrival: String, Sendable, CaseIterable {
    case hide, refuse, notify
  }

  public var name: String
  public var description = ""
  public var treatment: Treatment
  public var onArrival: Arrival
  /// `SECTION/FIELD` of what is migrated.
  public var field: String?
  /// Name of the parameter that configures it.
  public var parameter: String?

  public init(name: String, treatment: Treatment, onArrival: Arrival) {
    self.name = name
    self.treatment = treatment
    self.onArrival = onArrival
  }
}

/// The way from a definition to the one before it.
///
/// Source: Specs/device-models.md section 7.
public struct HistoryEntry: Equatable, Sendable {
  public enum Operation: Equatable, Sendable {
    case remove(path: String)
    case replace(path: String, value: JSONValue)
    case add(path: String, value: JSONValue, before: String?)
  }

  /// The definition that the operations lead to.
  public var version: UInt32
  public var description = ""
  public var undo: [Operation]

  public init(version: UInt32, undo: [Operation]) {
    self.version = version
    self.undo = undo
  }
}
