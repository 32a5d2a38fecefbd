public import MigrationStream

/// What a definition and the values of all parameters say of a device: exactly one set of sections, layouts and rules.
///
/// ```
/// let device = try ResolvedModel(model.definition(3), ParameterSet(listed: settings, of: model.definition(3)))
/// let state = device.layouts.table.layout(device.sections[0].layout)
/// ```
///
/// Layouts are numbered as section 5.5 says: sections, each followed by its subsections in preorder, then the layouts of
/// elements that a list which exists names.
///
/// Source: Specs/device-models.md section 5.
public struct ResolvedModel: ~Copyable {
  /// The definition.
  public let document: ModelDocument
  public let parameters: ParameterSet
  /// In the order in which writers announce them.
  public let sections: [ResolvedSection]
  /// In the order in which writers announce them.
  public let subsections: [ResolvedSubsection]
  public let regions: [ResolvedRegion]
  public let hasByteString: Bool
  /// What a stream says of the device.
  public let version: UInt32
  public let versionMin: UInt32
  /// The reader's layouts, which have fields that are only read from old streams.
  public let layouts: LayoutStore
  /// The layouts that are written, under the same numbers.
  public let writerLayouts: LayoutStore
  /// Older names of the reader's fields.
  public let aliases: LayoutAliases
  /// What a reader demands besides: its pieces have the numbers of ``sections`` and ``subsections``; behind them are those
  /// that do not exist with these parameters.
  public let rules: SectionRules
  /// The fields of the reader's layouts, by number.
  public let readerFields: [ResolvedLayout]
  /// The fields of the writer's layouts, by number.
  public let writerFields: [ResolvedLayout]

  /// - Throws: ``DocumentFault`` where the parameters lead to something that no stream can have: a limit of chapter 40
  ///   is exceeded, a number from a parameter is none, what exists refers to what does not.
  public init(_ document: ModelDocument, _ parameters: ParameterSet) throws(DocumentFault) {
    let resolver = try ModelResolver(document, parameters)
    let layouts = try Self.store(resolver.readerLayouts, resolver.deriver)
    let writerLayouts = try Self.store(resolver.writerLayouts, resolver.deriver)
    let aliases = try Self.aliases(resolver.readerLayouts)
    let rules = try RuleDeriver.rules(document, parameters, resolver, layouts.table)
    self.layouts = layouts
    self.rules = rules
    self.writerLayouts = writerLayouts
    self.aliases = aliases
    self.document = document
    self.parameters = parameters
    sections = resolver.sections
    subsections = resolver.subsections
    regions = resolver.regions
    hasByteString = document.byteString.map { parameters.enables($0.enabledBy) } ?? false
    let versions = sections.map(\.version) + subsections.map(\.version)
    version = versions.reduce(document.versionMin) { max($0, $1) }
    versionMin = sections.filter { $0.mark == .required }.reduce(1) { max($0, $1.versionMin) }
    readerFields = resolver.readerLayouts
    writerFields = resolver.writerLayouts
  }

  private static func store(_ layouts: [ResolvedLayout], _ deriver: LayoutDeriver) throws(DocumentFault) -> LayoutStore {
    var store = LayoutStore()
    var builder = LayoutBuilder()
    for layout in layouts {
      try deriver.encode(layout, into: &builder)
      do throws(StreamError) {
        try store.add(canonical: builder.canonical, at: 0, limits: StreamLimits())
      } catch {
        throw DocumentFault(
          "layout \(layout.name) does not fit beside the others: a limit of \(error.expected) is exceeded by \(error.found) "
            + "(layouts, or octets of all layouts)", pointer: layout.pointer, line: 0)
      }
    }
    return store
  }

  private static func aliases(_ layouts: [ResolvedLayout]) throws(DocumentFault) -> LayoutAliases {
    var aliases = LayoutAliases()
    for (number, layout) in layouts.enumerated() {
      for (entry, resolved) in layout.fields.enumerated() {
        for name in resolved.field.aliases {
          do throws(StreamError) {
            try aliases.add(layout: UInt32(number), entry: UInt32(entry), name: name.utf8.span.octets)
          } catch { throw LayoutFault.fault(error, in: layout, entry) }
        }
      }
    }
    return aliases
  }
}
