import DeviceModel
import MigrationStream

/// What the product derives beside what ``ReferenceDerivation`` says: oracle R1.
///
/// Source: Specs/device-models.md section 5.
struct DerivationOracle {
  let reference: ReferenceDerivation

  /// - Parameter json: That of the definition that `model` was made of.
  static func violation(
    _ model: borrowing ResolvedModel, _ json: JSONValue, _ settings: DerivationSettings
  ) -> FuzzViolation? {
    do throws(DerivationRefusal) {
      let oracle = DerivationOracle(reference: try ReferenceDerivation(json, settings))
      if let violation = try oracle.layouts(model) { return violation }
      if let violation = oracle.pieces(model) ?? oracle.device(model) { return violation }
      return try oracle.rules(model)
    } catch {
      return FuzzViolation("R1", "definition \(model.document.version) is derived, by the reference not: \(error.reason)")
    }
  }

  /// What is refused with some parameters leads to something that no stream can have.
  static func violation(
    _ fault: DocumentFault, _ json: JSONValue, _ settings: DerivationSettings
  ) -> FuzzViolation? {
    do throws(DerivationRefusal) {
      let reference = try ReferenceDerivation(json, settings)
      for layout in reference.layouts { _ = try layout.octets(isWriter: false, clock: "none") }
      _ = try DerivedRules(reference).checked()
      return FuzzViolation("R1", "definition \(reference.version) is refused, by the reference not: \(fault.text)")
    } catch { return nil }
  }

  func differs(_ what: String, _ found: String, _ wanted: String) -> FuzzViolation {
    FuzzViolation("R1", "definition \(reference.version): \(what) is \(found), by the reference \(wanted)")
  }

  func compare<Value: Equatable>(_ what: @autoclosure () -> String, _ found: Value, _ wanted: Value) -> FuzzViolation? {
    found == wanted ? nil : differs(what(), "\(found)", "\(wanted)")
  }

  /// Names differ where their octets do.
  func compare(_ what: @autoclosure () -> String, _ found: [String], _ wanted: [String]) -> FuzzViolation? {
    compare(what(), found.map { Array($0.utf8) }, wanted.map { Array($0.utf8) }).map { _ in
      differs(what(), "\(found)", "\(wanted)")
    }
  }
}

// MARK: - Pieces

extension DerivationOracle {
  private func device(_ model: borrowing ResolvedModel) -> FuzzViolation? {
    let listed = model.parameters.listed
    let regions = reference.regions.map { region in
      let flags = ["shared", "read_only", "opaque"].map { region.json.isTrue($0) }
      return "\(region.json.text("name") ?? ""): \(region.byteCount) of \(region.json.whole("page_size") ?? 0), \(flags)"
    }
    let found = model.regions.map { region in
      let flags = [RegionEntry.shared, RegionEntry.readOnly, RegionEntry.opaque].map { region.flags & $0 != 0 }
      return "\(region.name): \(region.byteCount) of \(region.region.pageSize), \(flags)"
    }
    let hasByteString = reference.json["byte_string"].map { reference.settings.enables($0) } ?? false
    return compare("the version", model.version, reference.deviceVersion)
      ?? compare("the minimum version", model.versionMin, reference.deviceVersionMin)
      ?? compare("parameters that are listed", listed.map(\.name), reference.settings.listed.map(\.name))
      ?? compare(
        "values that are listed", listed.map { "\($0.value)" }, reference.settings.listed.map { "\($0.value)" })
      ?? compare("memory", found, regions)
      ?? compare("a byte string", model.hasByteString, hasByteString)
  }

  private func pieces(_ model: borrowing ResolvedModel) -> FuzzViolation? {
    let (sections, subsections) = (reference.sections, reference.subsections)
    if let violation = compare("sections", model.sections.map(\.name), sections.map { reference.pieces[$0].name })
      ?? compare("subsections", model.subsections.map(\.name), subsections.map { reference.pieces[$0].name })
    {
      return violation
    }
    for (found, number) in zip(model.sections, sections) {
      let wanted = reference.pieces[number]
      if let violation = compare("the version of \(wanted.name)", found.version, wanted.version)
        ?? compare("the minimum version of \(wanted.name)", found.versionMin, wanted.versionMin)
        ?? compare("the mark of \(wanted.name)", found.mark == .required, wanted.isRequired)
        ?? compare("the layout of \(wanted.name)", Int(found.layout), wanted.layout)
        ?? compare("the largest number of \(wanted.name)", Int128(found.maximumCount), wanted.maximumCount)
        ?? compare("the key of \(wanted.name)", found.keyEntry.map { Int($0) }, wanted.entry)
        ?? compare("what comes before \(wanted.name)", found.predecessors, wanted.predecessors)
      {
        return violation
      }
    }
    for (found, number) in zip(model.subsections, subsections) {
      let wanted = reference.pieces[number]
      if let violation = compare("the version of \(wanted.name)", found.version, wanted.version)
        ?? compare("the minimum version of \(wanted.name)", found.versionMin, wanted.versionMin)
        ?? compare("the mark of \(wanted.name)", found.mark == .required, wanted.isRequired)
        ?? compare("the layout of \(wanted.name)", Int(found.layout), wanted.layout)
        ?? compare("the target of \(wanted.name)", found.target.map { Int($0) }, wanted.entry)
        ?? compare("the owner of \(wanted.name)", found.owner, owner(of: wanted))
      {
        return violation
      }
    }
    return nil
  }

  private func owner(of piece: DerivedPiece) -> ResolvedSubsection.Owner {
    guard let owner = piece.owner else { return .section(-1) }
    return reference.pieces[owner].owner == nil
      ? .section(reference.sections.firstIndex(of: owner) ?? -1)
      : .subsection(reference.subsections.firstIndex(of: owner) ?? -1)
  }
}

// MARK: - Layouts

extension DerivationOracle {
  private func layouts(_ model: borrowing ResolvedModel) throws(DerivationRefusal) -> FuzzViolation? {
    let clock = reference.json.text("clock") ?? "none"
    let count = reference.layouts.count
    if let violation = compare("the number of layouts", model.layouts.table.count, count)
      ?? compare("the number of writer's layouts", model.writerLayouts.table.count, count)
    {
      return violation
    }
    for (number, layout) in reference.layouts.enumerated() {
      let reader = try layout.octets(isWriter: false, clock: clock)
      let isSame = !layout.isWritten.contains(false)
      let writer = isSame ? reader : try layout.octets(isWriter: true, clock: clock)
      if let violation = LayoutDifference(model.layouts.table.layout(UInt32(number)).octets, reader)
        .map({ differs("layout \(layout.name): \($0.place)", $0.found, $0.wanted) })
        ?? LayoutDifference(model.writerLayouts.table.layout(UInt32(number)).octets, writer)
        .map({ differs("writer's layout \(layout.name): \($0.place)", $0.found, $0.wanted) })
        ?? compare(
          "classes in \(layout.name)", model.readerFields[number].fields.map(\.fieldClass.rawValue),
          layout.entries.map(\.fieldClass))
      {
        return violation
      }
    }
    return nil
  }
}
