internal import MigrationStream

/// A model of a destination, ready to be asked about devices.
///
/// Source: Specs/device-models.md section 8.3.
struct DestinationModel {
  let model: ModelInfo
  private let sections: NameIndex
  private let subsections: NameIndex

  init(_ model: ModelInfo) {
    self.model = model
    sections = NameIndex((model.stream?.sections ?? []).map(\.name))
    subsections = NameIndex((model.stream?.subsections ?? []).map(\.name))
  }

  /// - Parameter own: The source's own description of the model, where it has one.
  func judge(_ device: DeviceInfo, describedBy own: ModelInfo?) -> CheckVerdict {
    var verdict = CheckVerdict()
    let set = judgeConfiguration(device, own, &verdict)
    judgeStream(device, set, &verdict)
    return verdict
  }

  // MARK: - Configuration

  /// - Returns: The values of all parameters, right or not; nil where they are not stated or one has none.
  private func judgeConfiguration(
    _ device: DeviceInfo, _ own: ModelInfo?, _ verdict: inout CheckVerdict
  ) -> ParameterSet? {
    if let listed = device.parameters, let known = model.parameters {
      let (set, faults) = ParameterSet.judging(listed, of: known)
      for fault in faults { verdict.add(Self.reason(fault, device, own)) }
      verdict.offCount += known.count - min(known.count, listed.count)
      return set
    }
    guard let names = device.versionNames, let known = model.versionNames else {
      verdict.add(CheckReason(.notComparable, .both, device.path, model.model))
      return nil
    }
    let index = NameIndex(known.map(\.name))
    for name in names where index[name] == nil {
      let allowed = known.map(\.name).joined(separator: ", ")
      verdict.add(CheckReason(.unknownVersionName, .both, device.path, name, found: name, allowed: allowed))
    }
    return nil
  }

  private static func reason(_ fault: ParameterFault, _ device: DeviceInfo, _ own: ModelInfo?) -> CheckReason {
    let code: CheckReason.Code =
      switch fault.reason {
      case .unknownParameter, .unknownAlias: .unknownParameter
      case .wrongType: .wrongType
      case .offValueListed, .duplicate: .listedOff
      case .notListed: .cannotTurnOff
      case .requirement: .requires
      case .notAllowed, .badSpelling: .valueNotAllowed
      }
    let described = own?.parameters?.first { $0.name.hasSameOctets(as: fault.parameter) }
    var reason = CheckReason(
      code, fault.affects ?? described?.affects ?? .both, device.path, fault.parameter, found: fault.value,
      allowed: fault.allowed)
    reason.demandedBy = fault.demandedBy
    return reason
  }

  // MARK: - Stream

  private func judgeStream(_ device: DeviceInfo, _ set: ParameterSet?, _ verdict: inout CheckVerdict) {
    guard let announced = device.stream else { return verdict.add(CheckNote(.sourceStreamNotStated, device.path)) }
    guard let known = model.stream else {
      verdict.add(CheckNote(.destinationStreamNotStated, device.path))
      for piece in announced.subsections where piece.mark == .required {
        verdict.add(CheckCondition(device.path, piece.name))
      }
      return
    }
    if announced.versionMin > known.version {
      verdict.add(
        CheckReason(
          .streamTooNew, .stream, device.path, model.model, found: "\(announced.versionMin)", allowed: "\(known.version)"))
    }
    if announced.version < known.versionMin {
      verdict.add(
        CheckReason(
          .streamTooOld, .stream, device.path, model.model, found: "\(announced.version)", allowed: "\(known.versionMin)"))
    }
    judgeSections(device.path, announced, known, set, &verdict)
    for piece in announced.subsections {
      let own = subsections[piece.name].map { known.subsections[$0] }
      guard own != nil || piece.mark == .required else { continue }
      if own.map({ !$0.isEnabled(by: set) }) ?? true || piece.versionMin > known.version {
        verdict.add(CheckCondition(device.path, piece.name))
      }
    }
  }

  private func judgeSections(
    _ path: String, _ announced: DeviceStream, _ known: StreamInfo, _ set: ParameterSet?, _ verdict: inout CheckVerdict
  ) {
    var counts = [Int](repeating: 0, count: known.sections.count)
    for piece in announced.sections {
      let position = sections[piece.name]
      // What the reader does not know it steps over; what it knows it judges.
      guard position != nil || piece.mark == .required else { continue }
      if let position { counts[position] += 1 }
      guard let position, known.sections[position].isEnabled(by: set) else {
        verdict.add(CheckReason(.unknownSection, .stream, path, piece.name))
        continue
      }
      if piece.versionMin > known.version {
        verdict.add(
          CheckReason(
            .sectionTooNew, .stream, path, piece.name, found: "\(piece.versionMin)", allowed: "\(known.version)"))
      }
    }
    for (position, piece) in known.sections.enumerated() {
      let count = counts[position]
      if count > 1, piece.cardinality != .many {
        verdict.add(CheckReason(.repeatedSection, .stream, path, piece.name, found: "\(count)", allowed: "1"))
      }
      // Where parameters cannot be judged, a section that is tied to none is needed all the same.
      let comes = set.map { $0.enables(piece.enabledBy) } ?? piece.enabledBy.isEmpty
      if count == 0, piece.mark == .required, piece.cardinality == .one, comes,
        piece.since <= announced.version || !piece.hasDefaults
      {
        verdict.add(CheckReason(.missingSection, .stream, path, piece.name))
      }
    }
  }
}

extension PieceInfo {
  /// Without values nobody can tell, and the reasons are given elsewhere.
  fileprivate func isEnabled(by set: ParameterSet?) -> Bool { set?.enables(enabledBy) ?? true }
}
