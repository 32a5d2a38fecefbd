internal import MigrationStream

/// The layouts of a stream, with what models say in the place of external ones.
///
/// Empty until an external layout comes: most streams have none.
///
/// Source: Specs/device-models.md section 11.
struct FilledLayouts: ~Copyable {
  private(set) var store = LayoutStore()
  private(set) var hasExternal = false
  /// The refusal in words.
  private(set) var explanation: String?

  /// Configurations of one model that are tried for a layout.
  private static let configurationsMax = 16

  /// `MODEL@VERSION/NAME`.
  private struct Identity {
    var model: String
    var version: UInt32
    var name: String

    init?(_ text: String) {
      let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      let steps = parts[1].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard steps.count == 2, let version = UInt32(steps[0]), String(version) == steps[0] else { return nil }
      (model, self.version, name) = (String(parts[0]), version, String(steps[1]))
    }
  }

  /// Takes a LAYOUT record, whose layout the decoder has.
  ///
  /// - Throws: `wrongModel` when the model's layout is not the one that the record describes, `outOfMemory`.
  mutating func take(
    _ record: borrowing Record, _ state: borrowing StreamState, _ devices: [JudgedDevice?],
    _ configurations: inout ConfigurationCache
  ) throws(StreamError) {
    let number = UInt32(truncatingIfNeeded: record.body.unsigned(at: 0, width: 4))
    let table = state.layouts.table
    guard hasExternal || table.isExternal(number) else { return }
    if !hasExternal {
      for earlier in 0..<number { try store.add(canonical: table.layout(earlier).octets, at: 0, limits: state.limits) }
      hasExternal = true
    }
    guard table.isExternal(number) else {
      return try store.add(canonical: table.layout(number).octets, at: 0, limits: state.limits)
    }
    let text = String(table.identity(of: number))
    if let identity = Identity(text), try fill(identity, record, devices, &configurations, state.limits) { return }
    try store.addExternal(identity: table.identity(of: number), at: record.bodyOffset &+ 32, limits: state.limits)
  }

  /// - Returns: Whether a model has the layout.
  private mutating func fill(
    _ identity: Identity, _ record: borrowing Record, _ devices: [JudgedDevice?],
    _ configurations: inout ConfigurationCache, _ limits: StreamLimits
  ) throws(StreamError) -> Bool {
    let length = record.body.unsigned(at: 8, width: 8)
    let fingerprint = record.body.unsigned(at: 16, width: 8)
    var tried: Set<[UInt8]> = []
    var refusal: StreamError?
    for case let device? in devices where device.document.model == identity.model {
      guard tried.count < Self.configurationsMax else { break }
      guard tried.insert(ConfigurationCache.key(device.document, device.parameters)).inserted,
        let writer = Self.writer(identity, device, &configurations),
        let layout = Self.layout(identity.name, writer.model)
      else { continue }
      let found = Self.facts(layout, writer.model)
      if length != 0, length != found.length {
        refusal = refusal ?? StreamError(
          .wrongModel, .rules, at: record.bodyOffset &+ 8, expected: found.length, found: length)
      } else if fingerprint != 0, fingerprint != found.fingerprint {
        refusal = refusal ?? StreamError(
          .wrongModel, .rules, at: record.bodyOffset &+ 16, expected: found.fingerprint, found: fingerprint)
      } else {
        try Self.copy(layout, writer.model, to: &store, limits)
        return true
      }
    }
    guard let refusal else { return false }
    explanation =
      "the layout \(identity.model)@\(identity.version)/\(identity.name) is not what the model's document says"
    throw refusal
  }

  /// The definition that wrote the layout, with the device's parameters.
  private static func writer(
    _ identity: Identity, _ device: JudgedDevice, _ configurations: inout ConfigurationCache
  ) -> JudgedConfiguration? {
    guard identity.version >= 1, identity.version <= device.document.version else { return nil }
    do throws(DocumentFault) {
      let definition = try device.document.definition(identity.version)
      guard let parameters = try? ParameterSet(listed: device.parameters.listed, of: definition) else { return nil }
      return try configurations.configuration(definition, parameters)
    } catch { return nil }
  }

  /// Number of the layout of a section, a subsection or of list elements.
  private static func layout(_ name: String, _ model: borrowing ResolvedModel) -> UInt32? {
    if let section = model.sections.first(where: { $0.name == name }) { return section.layout }
    if let subsection = model.subsections.first(where: { $0.name == name }) { return subsection.layout }
    return model.writerFields.firstIndex { $0.name == name }.map { UInt32($0) }
  }

  private static func facts(
    _ layout: UInt32, _ model: borrowing ResolvedModel
  ) -> (length: UInt64, fingerprint: UInt64) {
    let octets = model.writerLayouts.table.layout(layout).octets
    return (UInt64(octets.byteCount), Digest.xxh3(octets))
  }

  private static func copy(
    _ layout: UInt32, _ model: borrowing ResolvedModel, to store: inout LayoutStore, _ limits: StreamLimits
  ) throws(StreamError) {
    try store.add(canonical: model.writerLayouts.table.layout(layout).octets, at: 0, limits: limits)
  }
}
