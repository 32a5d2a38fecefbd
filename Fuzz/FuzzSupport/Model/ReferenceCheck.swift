import DeviceModel
import MigrationStream

/// A second judge of two information documents, written from the specification, without a look at the product's.
///
/// Slow and simple: everything is searched from its beginning.
///
/// Source: Specs/device-models.md section 8.
struct ReferenceCheck {
  /// Comparisons of names that a verdict may take; documents that need more are not judged.
  static let stepsMax = 1 << 22

  private(set) var reasons: [ReferenceFinding] = []
  private(set) var conditions: [ReferenceFinding] = []
  private(set) var notes: [ReferenceFinding] = []
  private(set) var interface = CheckOutcome.compatible
  private(set) var stream = CheckOutcome.compatible
  private(set) var offCount = 0
  private(set) var definitionSum: UInt64 = 0
  private(set) var plans: [ReferencePlan] = []

  /// - Returns: nil for documents that are too large.
  init?(source: InfoDocument, destination: InfoDocument) {
    guard Self.steps(source, destination) <= Self.stepsMax else { return nil }
    for device in ReferenceSource.devices(of: source) {
      add(ReferenceDevice(device, of: source, at: destination))
    }
  }

  private mutating func add(_ device: ReferenceDevice) {
    if let plan = device.plan { plans.append(plan) }
    if device.device.mark == .skippable {
      // A destination that cannot take it goes on without; nothing else is said of it, and nothing counted.
      if !device.reasons.isEmpty {
        notes.append(ReferenceFinding(CheckNote.Code.deviceLeftOut.rawValue, device.device.path))
      }
      return
    }
    reasons += device.reasons
    conditions += device.conditions
    notes += device.notes
    for reason in device.reasons {
      if reason.concerns.contains(.interface) { interface = .incompatible }
      if reason.concerns.contains(.stream) { stream = .incompatible }
    }
    if !device.conditions.isEmpty, stream == .compatible { stream = .compatibleUnless }
    definitionSum += UInt64(device.model?.stream?.version ?? 0)
    offCount += device.plan?.offCount ?? 0
  }

  /// Each device is judged with all names of its model; each name is looked for among all others.
  private static func steps(_ source: InfoDocument, _ destination: InfoDocument) -> Int {
    let models = (source.models + destination.models).map { model in
      let parameters = (model.parameters ?? []).map { $0.requires.count + 1 }
      let pieces = (model.stream.map { $0.sections + $0.subsections } ?? []).map { $0.enabledBy.count + 1 }
      return (parameters + pieces).reduce(model.versionNames?.count ?? 0, +)
    }
    let largest = (models.max() ?? 0) + models.count + destination.devices.count
    let devices = source.devices.map { device in
      (device.parameters?.count ?? 0) + (device.stream.map { $0.sections.count + $0.subsections.count } ?? 0)
    }
    return (devices.isEmpty ? models : devices).reduce(0) { $0 + ($1 + largest) * ($1 + largest) }
  }
}

/// A reason, condition or note.
struct ReferenceFinding {
  let code: String
  let device: String
  let name: String
  let concerns: Parameter.Effects

  init(_ code: String, _ device: String, _ name: String = "", _ concerns: Parameter.Effects = []) {
    self.code = code
    self.device = device
    self.name = name
    self.concerns = concerns
  }

  /// No name has a control character.
  var line: String { "\(code)\t\(device)\t\(name)\t\(concerns.rawValue)" }
}

/// What to write to one device.
struct ReferencePlan {
  let device: String
  var writes: [(name: String, value: ParameterValue, was: ParameterValue?)] = []
  var versionName: String?
  /// Parameters that are turned off.
  var offCount = 0

  /// Each write in a line, behind one of the device.
  var lines: [String] {
    ["\(device)\t\(versionName ?? "")"]
      + writes.map { "\($0.name)\t\(Self.spelled($0.value))\t\($0.was.map(Self.spelled) ?? "")" }
  }

  private static func spelled(_ value: ParameterValue) -> String {
    switch value {
    case .bool(let truth): "bool \(truth)"
    case .int(let number): "int \(number)"
    case .str(let text): "str \(text)"
    }
  }
}

/// Devices of a source.
///
/// Source: Specs/device-models.md section 8.2.
enum ReferenceSource {
  static func devices(of source: InfoDocument) -> [DeviceInfo] {
    source.devices.isEmpty ? source.models.map { madeNew($0) } : source.devices
  }

  private static func madeNew(_ model: ModelInfo) -> DeviceInfo {
    var device = DeviceInfo(path: model.model, model: model.model)
    device.versionNames = model.versionNames?.map(\.name)
    device.parameters = model.parameters.map { known in
      let listed = known.filter { parameter in
        parameter.offValue.map { !ReferenceValues.areSame($0, parameter.initValue) } ?? true
      }
      return listed.map { ParameterSetting($0.name, $0.initValue) }
    }
    device.stream = model.stream.map { announcedNew($0, ReferenceValues(initialOf: model.parameters ?? [])) }
    return device
  }

  /// The sections that the initial values enable; versions as in section 5.2.
  private static func announcedNew(_ stream: StreamInfo, _ values: ReferenceValues) -> DeviceStream {
    var made = DeviceStream(version: stream.versionMin, versionMin: 1)
    for (pieces, areSections) in [(stream.sections, true), (stream.subsections, false)] {
      for piece in pieces where values.enables(piece) != false {
        var announced = AnnouncedPiece(piece.name)
        (announced.mark, announced.version, announced.versionMin) = (piece.mark, piece.version, piece.versionMin)
        made.version = max(made.version, piece.version)
        if areSections {
          made.sections.append(announced)
          if piece.mark == .required { made.versionMin = max(made.versionMin, piece.versionMin) }
        } else {
          made.subsections.append(announced)
        }
      }
    }
    return made
  }
}
