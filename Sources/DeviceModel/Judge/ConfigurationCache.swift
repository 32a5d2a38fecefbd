internal import MigrationStream

/// A model with settled parameters, and what was made of it to read streams.
final class JudgedConfiguration {
  let model: ResolvedModel
  /// Ready mappings; all are dropped when there are too many.
  private var mappings: [MappingKey: ReadyMapping] = [:]

  /// A mapping, by what it was made for.
  struct MappingKey: Hashable {
    var stream: UInt32
    var reader: UInt32
    var version: UInt32
  }

  /// A mapping that is kept; arrays and dictionaries cannot hold it bare.
  final class ReadyMapping {
    var mapping: LayoutMapping
    init(_ mapping: consuming LayoutMapping) { self.mapping = mapping }
  }

  private static let mappingsMax = 16

  init(_ model: consuming ResolvedModel) { self.model = model }

  /// The mapping of that key, made by `make` when there is none.
  func mapping(
    _ key: MappingKey, _ make: () throws(StreamError) -> LayoutMapping
  ) throws(StreamError) -> ReadyMapping {
    if let ready = mappings[key] { return ready }
    let ready = ReadyMapping(try make())
    if mappings.count >= Self.mappingsMax { mappings.removeAll() }
    mappings[key] = ready
    return ready
  }
}

/// Resolved models by what decides them, as many as a stream may reasonably need at a time.
///
/// A stream names a configuration for each of its devices, so keeping all would let it choose how much memory is taken;
/// sections come in the order of the devices, so few are made twice.
struct ConfigurationCache {
  static let countMax = 64

  private var known: [[UInt8]: JudgedConfiguration] = [:]

  /// - Throws: why the parameters give no state that a stream can have.
  mutating func configuration(
    _ document: ModelDocument, _ parameters: ParameterSet
  ) throws(DocumentFault) -> JudgedConfiguration {
    let key = Self.key(document, parameters)
    if let configuration = known[key] { return configuration }
    let configuration = JudgedConfiguration(try ResolvedModel(document, parameters))
    if known.count >= Self.countMax { known.removeAll() }
    known[key] = configuration
    return configuration
  }

  /// Octets, because texts with the same look are not the same.
  static func key(_ document: ModelDocument, _ parameters: ParameterSet) -> [UInt8] {
    var key = Array("\(document.model)@\(document.version)".utf8)
    for setting in parameters.listed { key += Array("\n\(setting.name)=\(setting.value.text)".utf8) }
    return key
  }
}
