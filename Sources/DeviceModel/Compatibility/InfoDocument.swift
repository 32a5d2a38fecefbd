public import MigrationStream

/// What one side says about itself: the models that it can make, and devices that it has.
///
/// Source: Specs/device-models.md section 8.1.
public struct InfoDocument: Equatable, Sendable {
  /// Label for people; empty: none.
  public var host = ""
  public var models: [ModelInfo] = []
  public var devices: [DeviceInfo] = []

  public init() {}
}

/// A device model as one side has it.
public struct ModelInfo: Equatable, Sendable {
  /// `DOMAIN/PATH`.
  public var model: String
  public var description = ""
  /// nil: not stated.
  public var parameters: [Parameter]?
  /// nil: not stated.
  public var versionNames: [VersionName]?
  /// nil: not stated.
  public var stream: StreamInfo?

  public init(model: String) { self.model = model }
}

/// A version string, perhaps with the parameter set that it is a name for.
public struct VersionName: Equatable, Sendable {
  public var name: String
  public var description = ""
  public var parameters: [ParameterSetting]?

  public init(_ name: String) { self.name = name }
}

/// What a side loads of the state of a model.
public struct StreamInfo: Equatable, Sendable {
  /// Number of the definition that it has.
  public var version: UInt32
  /// Oldest stream version of a device that it loads.
  public var versionMin: UInt32 = 1
  public var sections: [PieceInfo] = []
  public var subsections: [PieceInfo] = []

  public init(version: UInt32) { self.version = version }
}

/// A section or subsection that a side knows.
public struct PieceInfo: Equatable, Sendable {
  /// How often a section is announced.
  public enum Cardinality: String, Sendable, CaseIterable {
    case one, optional, many
  }

  public var name: String
  /// First definition that has it.
  public var since: UInt32
  public var mark = Mark.required
  public var enabledBy: [ParameterTerm] = []
  public var cardinality = Cardinality.one
  /// Whether a reader makes the section of defaults where older streams do not have it.
  public var hasDefaults = false
  /// What a device made with the initial values announces.
  public var version: UInt32
  public var versionMin: UInt32

  public init(_ name: String, since: UInt32 = 1) {
    self.name = name
    self.since = since
    version = since
    versionMin = since
  }
}

/// A device that a side has.
public struct DeviceInfo: Equatable, Sendable {
  /// Unique in its document.
  public var path: String
  /// Empty: it has no published model.
  public var model: String
  public var mark = Mark.required
  /// Of a source its parameter set, of a destination values that it has now; nil: not stated.
  public var parameters: [ParameterSetting]?
  /// Version strings, one of which is the device's; nil: not stated.
  public var versionNames: [String]?
  /// nil: not stated.
  public var stream: DeviceStream?

  public init(path: String, model: String) {
    self.path = path
    self.model = model
  }
}

/// What a device says about its stream before any of its state.
///
/// Source: Specs/10-stream-format.md section 4.2.
public struct DeviceStream: Equatable, Sendable {
  public var version: UInt32
  /// Oldest version of a reader that can load it.
  public var versionMin: UInt32
  public var sections: [AnnouncedPiece] = []
  public var subsections: [AnnouncedPiece] = []

  public init(version: UInt32, versionMin: UInt32) {
    self.version = version
    self.versionMin = versionMin
  }
}

/// A section that will come, or a subsection that may come.
public struct AnnouncedPiece: Equatable, Sendable {
  public var name: String
  public var mark = Mark.required
  public var version: UInt32 = 1
  public var versionMin: UInt32 = 1

  public init(_ name: String) { self.name = name }
}
