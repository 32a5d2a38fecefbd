internal import MigrationStream

/// Says of destinations whether they take what a source has.
///
/// Source: Specs/device-models.md section 8.3.
public struct CompatibilityCheck {
  /// Devices of the source, in its order.
  public let devices: [DeviceInfo]
  /// What the source says of its own models.
  private let described: [ModelInfo]
  private let describedIndex: NameIndex

  /// - Throws: ``DocumentFault`` when the source has no devices, and initial values of a model of its break a rule.
  public init(source: InfoDocument) throws(DocumentFault) {
    described = source.models
    describedIndex = NameIndex(source.models.map(\.model))
    if source.devices.isEmpty {
      var made: [DeviceInfo] = []
      for model in source.models { made.append(try DeviceInfo(new: model)) }
      devices = made
    } else {
      devices = source.devices
    }
  }

  public func verdict(of destination: InfoDocument) -> CheckVerdict {
    var verdict = CheckVerdict()
    forEachDevice(destination) { device, model, judged in
      verdict.add(judged)
      if let model, device.mark == .required { verdict.definitionSum += UInt64(model.stream?.version ?? 0) }
    }
    return verdict
  }

  /// What to write at a destination; devices that it does not take are left out.
  public func plan(for destination: InfoDocument) -> [DevicePlan] {
    let standing = NameIndex(destination.devices.map(\.path))
    var plans: [DevicePlan] = []
    forEachDevice(destination) { device, model, judged in
      guard let model, judged.outcome != .incompatible, judged.notes.allSatisfy({ $0.code != .deviceLeftOut && $0.code != .severalVersions })
      else { return }
      let now = standing[device.path].flatMap { destination.devices[$0].parameters }
      plans.append(DevicePlan(device, model, now: now ?? []))
    }
    return plans
  }

  /// Judges the source's devices one by one; skippable ones that do not fit have nothing but a note.
  private func forEachDevice(_ destination: InfoDocument, _ use: (DeviceInfo, ModelInfo?, CheckVerdict) -> Void) {
    let standing = NameIndex(destination.devices.map(\.path))
    let positions = NameIndex(destination.models.map(\.model))
    var judges = [DestinationModel?](repeating: nil, count: destination.models.count)
    for device in devices {
      let position = positions[device.model]
      if let position, judges[position] == nil { judges[position] = DestinationModel(destination.models[position]) }
      let judge = position.flatMap { judges[$0] }
      var verdict = verdict(of: device, judge, standing: standing[device.path].map { destination.devices[$0] })
      if device.mark == .skippable {
        let fits = verdict.outcome != .incompatible
        verdict = CheckVerdict()
        if !fits { verdict.add(CheckNote(.deviceLeftOut, device.path)) }
      }
      use(device, judge?.model, verdict)
    }
  }

  private func verdict(of device: DeviceInfo, _ judge: DestinationModel?, standing: DeviceInfo?) -> CheckVerdict {
    var verdict = CheckVerdict()
    if let standing, !standing.model.isEmpty, !device.model.isEmpty,
      !standing.model.hasSameOctets(as: device.model)
    {
      verdict.add(CheckReason(.otherModel, .both, device.path, device.model, allowed: standing.model))
    }
    guard !device.model.isEmpty else {
      verdict.add(CheckReason(.noModel, .both, device.path, ""))
      return verdict
    }
    guard let judge else {
      verdict.add(CheckReason(.unknownModel, .both, device.path, device.model))
      return verdict
    }
    verdict.add(judge.judge(device, describedBy: describedIndex[device.model].map { described[$0] }))
    if let known = judge.model.parameters, let standing = standing?.parameters {
      let names = NameIndex(known.map(\.name))
      if standing.contains(where: { names[$0.name] == nil }) { verdict.add(CheckNote(.tenantParameter, device.path)) }
    }
    if device.parameters == nil || judge.model.parameters == nil, judge.model.versionNames != nil,
      (device.versionNames?.count ?? 0) > 1
    {
      verdict.add(CheckNote(.severalVersions, device.path))
    }
    return verdict
  }
}

extension DevicePlan {
  /// - Parameter now: What the device of the destination has, as far as that is known.
  fileprivate init(_ device: DeviceInfo, _ model: ModelInfo, now: [ParameterSetting]) {
    self.device = device.path
    self.model = device.model
    writes = []
    guard let listed = device.parameters, let known = model.parameters else {
      versionName = device.versionNames?.first
      return
    }
    let wanted = NameIndex(listed.map(\.name))
    let present = NameIndex(now.map(\.name))
    for parameter in known.sorted(by: { ExactName($0.name) < ExactName($1.name) }) {
      // One that is not listed has an off value, or the destination would not take the device.
      guard let value = wanted[parameter.name].map({ listed[$0].value }) ?? parameter.offValue else { continue }
      writes.append(Write(name: parameter.name, value: value, was: present[parameter.name].map { now[$0].value }))
    }
  }
}

extension DeviceInfo {
  /// A device of a model that is made without naming a parameter; its path is the identifier.
  ///
  /// Source: Specs/device-models.md section 8.2.
  init(new model: ModelInfo) throws(DocumentFault) {
    self.init(path: model.model, model: model.model)
    versionNames = model.versionNames?.map(\.name)
    var set: ParameterSet?
    if let known = model.parameters {
      do throws(ParameterFault) { set = try ParameterSet(initialOf: known) } catch {
        var pointer = "/models"
        JSONPointer.append(model.model, to: &pointer)
        throw DocumentFault("no device can be made with the initial values: \(error.message)", pointer: pointer, line: 0)
      }
      parameters = set?.listed
    }
    guard let known = model.stream else { return }
    let enabled = { (piece: PieceInfo) in set?.enables(piece.enabledBy) ?? piece.enabledBy.isEmpty }
    let sections = known.sections.filter(enabled)
    let subsections = known.subsections.filter(enabled)
    let required = sections.filter { $0.mark == .required }
    var announced = DeviceStream(
      version: (sections + subsections).reduce(known.versionMin) { max($0, $1.version) },
      versionMin: required.reduce(1) { max($0, $1.versionMin) })
    announced.sections = sections.map { AnnouncedPiece($0) }
    announced.subsections = subsections.map { AnnouncedPiece($0) }
    stream = announced
  }
}

extension AnnouncedPiece {
  init(_ piece: PieceInfo) {
    name = piece.name
    mark = piece.mark
    version = piece.version
    versionMin = piece.versionMin
  }
}
