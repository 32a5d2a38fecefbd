internal import MigrationStream

/// A device of a stream with its model.
final class JudgedDevice {
  let number: UInt32
  /// The newest definition.
  let document: ModelDocument
  let parameters: ParameterSet
  let hasByteString: Bool
  /// A record of its byte string came.
  var hasBytes = false
  var sections: DeviceSections

  /// Judges what MANIFEST says of a device.
  ///
  /// - Parameters:
  ///   - base: Octets from the start of the stream to the body of MANIFEST.
  ///   - explanation: The refusal in words.
  /// - Throws: Specs/device-models.md section 11, steps 1 to 7.
  init(
    _ number: Int, _ document: ModelDocument, _ manifest: borrowing Manifest, at base: UInt64,
    _ configurations: inout ConfigurationCache, _ explanation: inout String?
  ) throws(StreamError) {
    let entry = manifest.devices[number]
    let start = base &+ entry.start
    try Self.checkKind(entry, document, at: start, &explanation)
    let parameters: ParameterSet
    do throws(ParameterFault) {
      parameters = try ParameterSet(entry, in: manifest, of: document)
    } catch {
      explanation = error.message
      throw Self.refusal(error, entry, document, manifest, at: base)
    }
    let configuration: JudgedConfiguration
    do throws(DocumentFault) {
      configuration = try configurations.configuration(document, parameters)
    } catch {
      explanation = error.text
      throw StreamError(.parameterRefused, .rules, at: start)
    }
    do throws(StreamError) {
      sections = try DeviceSections(manifest, device: number, at: base, rules: configuration.model.rules)
    } catch {
      explanation = configuration.sentence(error, isSubsection: false)
      throw error
    }
    try Self.checkRegions(of: number, configuration.model, manifest, at: base, &explanation)
    self.number = UInt32(truncatingIfNeeded: number)
    self.document = document
    self.parameters = parameters
    hasByteString = configuration.model.hasByteString
  }

  private static func checkKind(
    _ entry: DeviceEntry, _ document: ModelDocument, at start: UInt64, _ explanation: inout String?
  ) throws(StreamError) {
    guard entry.apply == document.apply else {
      explanation = "the device is applied \(entry.apply), its model \(document.model) says \(document.apply)"
      throw StreamError(
        .wrongModel, .rules, at: start &+ 10, expected: UInt64(document.apply.rawValue),
        found: UInt64(entry.apply.rawValue))
    }
    guard entry.clock == document.clock else {
      explanation = "the device has the clock \(entry.clock), its model \(document.model) says \(document.clock)"
      throw StreamError(
        .wrongModel, .rules, at: start &+ 11, expected: UInt64(document.clock.rawValue),
        found: UInt64(entry.clock.rawValue))
    }
  }

  /// What is wrong with a parameter, at its entry; at the device for one that is not listed.
  private static func refusal(
    _ fault: ParameterFault, _ entry: DeviceEntry, _ document: ModelDocument, _ manifest: borrowing Manifest,
    at base: UInt64
  ) -> StreamError {
    for position in 0..<entry.parameterCount {
      let parameter = manifest.parameter(position, of: entry)
      guard String(manifest.name(of: parameter)) == fault.parameter else { continue }
      return StreamError(
        .parameterRefused, .rules, at: base &+ parameter.start, expected: UInt64(position), found: parameter.value)
    }
    let position = document.parameters.firstIndex { $0.name == fault.parameter } ?? 0
    return StreamError(
      .parameterRefused, .rules, at: base &+ entry.start, expected: UInt64(entry.parameterCount),
      found: UInt64(position))
  }

  // MARK: Memory

  private static func checkRegions(
    of number: Int, _ model: borrowing ResolvedModel, _ manifest: borrowing Manifest, at base: UInt64,
    _ explanation: inout String?
  ) throws(StreamError) {
    var missing = Set(model.regions.indices)
    let positions = Dictionary(model.regions.enumerated().map { (Array($0.element.name.utf8), $0.offset) }) { first, _ in first }
    for region in 0..<manifest.regions.count where Int(clamping: manifest.regions[region].owner) == number {
      let entry = manifest.regions[region]
      let name = String(manifest.name(of: entry))
      let start = base &+ entry.start
      guard let position = positions[Array(name.utf8)] else {
        explanation = "the model \(model.document.model) has no region \(name) with these parameters"
        throw StreamError(.unknownRegion, .rules, at: start, found: UInt64(region))
      }
      missing.remove(position)
      let own = model.regions[position]
      let facts: [(UInt64, own: UInt64, found: UInt64, what: String)] = [
        (2, UInt64(own.flags), UInt64(entry.flags), "flags"), (16, own.byteCount, entry.byteCount, "octets"),
        (24, own.region.pageSize, entry.pageByteCount, "octets a page"),
      ]
      for fact in facts where fact.own != fact.found {
        explanation = "the region \(name) has \(fact.found) \(fact.what), its model says \(fact.own)"
        throw StreamError(.wrongModel, .rules, at: start &+ fact.0, expected: fact.own, found: fact.found)
      }
    }
    guard let first = missing.min() else { return }
    explanation = "the region \(model.regions[first].name) of the model \(model.document.model) is missing"
    throw StreamError(
      .unknownRegion, .rules, at: base &+ manifest.devices[number].start, expected: UInt64(first),
      found: UInt64(Format.none32))
  }
}

// MARK: - What people are told beforehand

extension JudgedDevice {
  /// What is known when MANIFEST came.
  func note(in notes: inout JudgeNotes, _ configuration: JudgedConfiguration) {
    notes.judged(by: document.model, version: document.version)
    for external in document.externals { notes.arrival(external, device: number) }
    for (position, section) in configuration.model.sections.enumerated()
    where sections.isMadeOfDefaults(.section(position), rules: configuration.model.rules) {
      notes.madeOfDefaults(section.name, device: number)
    }
  }
}
