import DeviceModel
import MigrationStream

/// One device of a source, judged with the model of its identifier among the destination's.
///
/// Source: Specs/device-models.md sections 8.3 and 8.5.
struct ReferenceDevice {
  let device: DeviceInfo
  let model: ModelInfo?
  private(set) var reasons: [ReferenceFinding] = []
  private(set) var conditions: [ReferenceFinding] = []
  private(set) var notes: [ReferenceFinding] = []
  private(set) var plan: ReferencePlan?

  init(_ device: DeviceInfo, of source: InfoDocument, at destination: InfoDocument) {
    self.device = device
    model = destination.models.first { ReferenceNames.areSame($0.model, device.model) }
    judge(of: source, at: destination)
  }

  private mutating func judge(of source: InfoDocument, at destination: InfoDocument) {
    if device.model.isEmpty { return refuse(.noModel, "", .both) }
    let path = device.path
    let tenant = destination.devices.first { ReferenceNames.areSame($0.path, path) }
    if let tenant, !tenant.model.isEmpty, !ReferenceNames.areSame(tenant.model, device.model) {
      refuse(.otherModel, device.model, .both)
    }
    guard let model else { return refuse(.unknownModel, device.model, .both) }
    // nil: version strings are compared, or nothing can be.
    var values: ReferenceValues?
    var isNamed = false
    if let listed = device.parameters, let known = model.parameters {
      let identifier = device.model
      let published = source.models.first { ReferenceNames.areSame($0.model, identifier) }?.parameters
      let complete = ReferenceValues(listed, completeWith: known)
      judge(listed, known, complete, published: published ?? [])
      values = complete
    } else if let own = device.versionNames, let known = model.versionNames {
      isNamed = true
      judge(own, known)
    } else {
      refuse(.notComparable, device.model, .both)
    }
    judgeStream(model, values)
    if let known = model.parameters, let has = tenant?.parameters,
      has.contains(where: { setting in !known.contains { ReferenceNames.areSame($0.name, setting.name) } })
    {
      note(.tenantParameter)
    }
    guard reasons.isEmpty else { return }
    if let values { plan = Self.plan(device, values, now: tenant?.parameters ?? []) }
    if isNamed, let own = device.versionNames, own.count == 1 {
      plan = ReferencePlan(device: device.path, versionName: own[0])
    }
  }

  private mutating func refuse(_ code: CheckReason.Code, _ name: String, _ concerns: Parameter.Effects) {
    reasons.append(ReferenceFinding(code.rawValue, device.path, name, concerns))
  }

  private mutating func note(_ code: CheckNote.Code) { notes.append(ReferenceFinding(code.rawValue, device.path)) }

  // MARK: - Configuration

  private mutating func judge(
    _ listed: [ParameterSetting], _ known: [Parameter], _ values: ReferenceValues, published: [Parameter]
  ) {
    for setting in listed {
      guard let parameter = known.first(where: { ReferenceNames.areSame($0.name, setting.name) }) else {
        let own = published.first { ReferenceNames.areSame($0.name, setting.name) }
        refuse(.unknownParameter, setting.name, own?.affects ?? .both)
        continue
      }
      if setting.value.type != parameter.type {
        refuse(.wrongType, setting.name, parameter.affects)
        continue
      }
      if let off = parameter.offValue, ReferenceValues.areSame(off, setting.value) {
        refuse(.listedOff, setting.name, parameter.affects)
      }
      if let allowed = parameter.allowedValues, !ReferenceValues.isAmong(allowed, setting.value) {
        refuse(.valueNotAllowed, setting.name, parameter.affects)
      }
    }
    for parameter in known where parameter.offValue == nil {
      if !listed.contains(where: { ReferenceNames.areSame($0.name, parameter.name) }) {
        refuse(.cannotTurnOff, parameter.name, parameter.affects)
      }
    }
    for parameter in known {
      for rule in parameter.requires where values.breaks(rule, of: parameter) {
        let demanded = known.first { ReferenceNames.areSame($0.name, rule.parameter) }
        refuse(.requires, rule.parameter, parameter.affects.union(demanded?.affects ?? []))
      }
    }
  }

  private mutating func judge(_ own: [String], _ known: [VersionName]) {
    for name in own where !known.contains(where: { ReferenceNames.areSame($0.name, name) }) {
      refuse(.unknownVersionName, name, .both)
    }
    if own.count > 1 { note(.severalVersions) }
  }

  // MARK: - Stream

  private mutating func judgeStream(_ model: ModelInfo, _ values: ReferenceValues?) {
    guard let announced = device.stream else { return note(.sourceStreamNotStated) }
    guard let stream = model.stream else {
      note(.destinationStreamNotStated)
      for subsection in announced.subsections where subsection.mark == .required { require(subsection) }
      return
    }
    if announced.versionMin > stream.version { refuse(.streamTooNew, model.model, .stream) }
    if announced.version < stream.versionMin { refuse(.streamTooOld, model.model, .stream) }
    judgeSections(announced, stream, values)
    for subsection in announced.subsections {
      let piece = stream.subsections.first { ReferenceNames.areSame($0.name, subsection.name) }
      if piece == nil, subsection.mark == .skippable { continue }
      let isThere = piece.map { Self.isEnabled($0, values) != false } ?? false
      if !isThere || subsection.versionMin > stream.version { require(subsection) }
    }
  }

  private mutating func require(_ subsection: AnnouncedPiece) {
    conditions.append(ReferenceFinding("unless", device.path, subsection.name))
  }

  private mutating func judgeSections(_ announced: DeviceStream, _ stream: StreamInfo, _ values: ReferenceValues?) {
    for section in announced.sections {
      let piece = stream.sections.first { ReferenceNames.areSame($0.name, section.name) }
      if piece == nil, section.mark == .skippable { continue }
      guard let piece, Self.isEnabled(piece, values) != false else {
        refuse(.unknownSection, section.name, .stream)
        continue
      }
      if section.versionMin > stream.version { refuse(.sectionTooNew, section.name, .stream) }
    }
    for piece in stream.sections {
      let own = announced.sections.filter { ReferenceNames.areSame($0.name, piece.name) }
      if own.count > 1, piece.cardinality != .many { refuse(.repeatedSection, piece.name, .stream) }
      guard own.isEmpty, piece.mark == .required, piece.cardinality == .one else { continue }
      let isMadeOfDefaults = piece.since > announced.version && piece.hasDefaults
      if Self.isEnabled(piece, values) == true, !isMadeOfDefaults { refuse(.missingSection, piece.name, .stream) }
    }
  }

  /// - Returns: nil where it is not judged.
  private static func isEnabled(_ piece: PieceInfo, _ values: ReferenceValues?) -> Bool? {
    guard let values else { return piece.enabledBy.isEmpty ? true : nil }
    return values.enables(piece)
  }

  // MARK: - Plan

  private static func plan(_ device: DeviceInfo, _ values: ReferenceValues, now: [ParameterSetting]) -> ReferencePlan {
    var plan = ReferencePlan(device: device.path)
    let sorted = values.values.sorted { $0.parameter.name.utf8.lexicographicallyPrecedes($1.parameter.name.utf8) }
    for (parameter, value, isListed) in sorted {
      guard let value else { continue }
      let was = now.first { ReferenceNames.areSame($0.name, parameter.name) }?.value
      plan.writes.append((parameter.name, value, was))
      if !isListed { plan.offCount += 1 }
    }
    return plan
  }
}
