import DeviceModel
import Foundation
import MigrationStream
import Testing

/// Every document of `Specs/devices`.
@Suite struct ShippedModelTests {
  @Test func theModelsOfTheDesignAreThere() {
    let models = [
      "gpu/large-memory", "net/rx-filter-nic", "sample/mtty", "sample/vendor-card", "serial/16550",
      "sound/surround-card", "virtio/blk", "virtio/console", "virtio/net", "virtio/rng",
    ]
    #expect(ShippedModels.paths == models.map { "migstream.example/\($0).json" })
  }

  @Test(arguments: ShippedModels.paths)
  func isPublishedInCanonicalTextWithoutFindings(_ path: String) throws {
    let octets = try ShippedModels.octets(of: path)
    let document = try ShippedModels.document(path)
    #expect(Array(document.json.text.utf8) == octets)
    #expect(document.model + ".json" == path)
    #expect(ModelLint.findings(in: octets, path: path) == [])
  }

  @Test(arguments: ShippedModels.paths)
  func everyDefinitionResolves(_ path: String) throws {
    let document = try ShippedModels.document(path)
    #expect(document.history.count == Int(document.version) - 1)
    for version in 1...document.version {
      let definition = try document.definition(version)
      for alias in [VersionAlias(name: "off", parameters: [])] + definition.aliases {
        let device = try ResolvedModel(definition, ParameterSet(listed: alias.parameters, of: definition))
        let (count, own, least) = (device.sections.count, device.version, device.versionMin)
        #expect(count > 0 && own <= version && least <= own, "\(version) \(alias.name)")
      }
    }
  }

  /// What was published under a name stays what it was, whichever definition makes it: but for subsections, which come
  /// only when they must, and what may be dropped, the newest definition writes the octets of the older one.
  @Test(arguments: ShippedModels.paths)
  func parametersThatAreOffChangeNoOctet(_ path: String) throws {
    let document = try ShippedModels.document(path)
    guard path != "migstream.example/sound/surround-card.json" else { return }  // Its definition 3 breaks with older ones.
    for version in 1..<document.version {
      let old = try document.definition(version)
      for alias in [VersionAlias(name: "off", parameters: [])] + old.aliases {
        let older = try ResolvedModel(old, ParameterSet(listed: alias.parameters, of: old))
        let newer = try ResolvedModel(document, ParameterSet(listed: alias.parameters, of: document))
        let least = newer.versionMin
        #expect(least <= version, "\(version) \(alias.name)")
        let required = newer.sections.filter { $0.mark == .required }
        let before = older.sections.filter { $0.mark == .required }
        try #require(required.map(\.name) == before.map(\.name), "\(version) \(alias.name)")
        for (section, twin) in zip(required, before) {
          let isSame = newer.writes(section.layout, as: twin.layout, of: older)
          #expect(isSame, "\(version) \(alias.name) \(section.name)")
        }
      }
    }
  }

  @Test func theModelsUseWhatTheChapterOffers() throws {
    let documents = try ShippedModels.paths.map { try ShippedModels.document($0) }
    let treatments = Set(documents.flatMap(\.externals).map(\.treatment))
    #expect(treatments == Set(External.Treatment.allCases))
    #expect(documents.allSatisfy { $0.version == 1 || $0.history.count >= 1 })
    #expect(documents.allSatisfy { !$0.description.isEmpty && !$0.externals.isEmpty })
    #expect(documents.count { $0.history.count >= 2 } >= 5)
    let pieces = documents.flatMap(\.sections).flatMap { [$0.piece] + $0.piece.subsections.map(\.piece) }
    #expect(pieces.contains { $0.mark == .skippable })
    let fields = pieces.flatMap(\.fields)
    #expect(fields.contains { $0.until != nil } && fields.contains { !$0.aliases.isEmpty })
    #expect(Set(fields.compactMap(\.verify)) == Set(VerifyMode.allCases))
  }

  /// The table of models in the folder's README.
  @Test func theReadmeListsEachModel() throws {
    let text = try String(contentsOf: ShippedModels.folder.appending(path: "README.md"), encoding: .utf8)
    for path in ShippedModels.paths {
      let document = try ShippedModels.document(path)
      let row = text.split(separator: "\n").first { $0.contains("](\(path))") }
      let cells = try #require(row, "\(path)").split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(cells[1] == String(document.version), "\(path)")
      let names = document.parameters.map { "`\($0.name)`" }.joined(separator: ", ")
      #expect(cells[2] == names, "\(path)")
    }
  }
}

extension ResolvedModel {
  /// Whether a layout of this device is written octet for octet like one of another.
  fileprivate func writes(_ layout: UInt32, as twin: UInt32, of other: borrowing ResolvedModel) -> Bool {
    let (own, theirs) = (writerLayouts.table.layout(layout), other.writerLayouts.table.layout(twin))
    return own.isSame(as: theirs)
  }
}
