import DeviceModel
import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// Generated C compiles without a warning, and its tables say what the resolved layouts say.
@Suite struct ModelSourceTests {
  private static let seeds: Range<UInt64> = {
    let first = UInt64(ProcessInfo.processInfo.environment["MIGSTREAM_SEED"] ?? "0") ?? 0
    return first..<(first + (ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] == nil ? 30 : 200))
  }()

  /// What a compiled program prints of the tables that were generated for a model.
  private func tables(of model: borrowing ResolvedModel, _ folder: TemporaryFolder) throws -> String {
    let header = try folder.file("generated.h", Array(try ModelSource.c(model, prefix: "t").utf8))
    let program = folder.path("print")
    let root = ToolRun.root.path
    let compile = try ToolRun.shell(
      """
      cc -std=c11 -O0 -Wall -Wextra -Werror -pedantic -I'\(root)/Sources/CMigStream/include' \
        -DGENERATED='"\(header)"' '\(root)/Tests/GeneratedTables/print_tables.c' -o '\(program)'
      """)
    try #require(compile.status == 0, "\(compile.errors)")
    return try ToolRun(program: URL(filePath: program), []).output
  }

  /// The same, written from the layouts.
  private func expected(_ model: borrowing ResolvedModel) -> String {
    var lines: [String] = []
    let versions = Dictionary(
      uniqueKeysWithValues: model.sections.map { ($0.layout, "\($0.version) \($0.versionMin) \($0.mark == .required ? 0 : 1)") }
        + model.subsections.map { ($0.layout, "\($0.version) \($0.versionMin) \($0.mark == .required ? 0 : 1)") })
    for number in 0..<model.layouts.count {
      let layout = model.layouts.table.layout(UInt32(number))
      lines.append("layout \(hex(layout.name)) \(versions[UInt32(number)] ?? "0 0 0")")
      var ends: [Int] = []
      for entry in 0..<layout.entries.count {
        while ends.last == entry { ends.removeLast() }
        lines.append(line(entry, layout, depth: ends.count))
        if layout.entries[entry].numDescendants > 0 { ends.append(layout.sibling(after: entry)) }
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func line(_ entry: Int, _ layout: LayoutView, depth: Int) -> String {
    let own = layout.attributes(of: entry)
    let reference = own.reference == 0 ? "-" : path(to: Int(own.reference) - 1, layout)
    var columns = [
      "\(depth)", hex(layout.name(of: entry)), "\(own.type.rawValue)", "\(own.shape.rawValue)", "\(own.width)",
      "\(own.count)", own.mark == .required ? "0" : "1", own.flags.contains(.secret) ? "1" : "0",
      own.flags.contains(.verify) ? "1" : "0", "\(own.radix)", "\(own.clock)", "\(own.alignmentLog2)", "\(own.since)",
      "\(own.until)", hex(layout.unit(of: entry)), reference, own.flags.contains(.range) ? "1" : "0", "\(own.minimum)",
      "\(own.maximum)", own.flags.contains(.hasDefault) ? "1" : "0", "\(own.defaultValue)",
    ]
    layout.forEachSymbol(of: entry) { value, name in
      columns += ["\(value)", hex(name)]
      return true
    }
    return columns.joined(separator: " ")
  }

  private func path(to target: Int, _ layout: LayoutView) -> String {
    var text = ""
    var range = layout.subtree(of: nil)
    while let entry = holder(of: target, in: range, layout) {
      text += "2f" + escaped(octets(layout.name(of: entry)))
      if entry == target { break }
      range = layout.subtree(of: entry)
    }
    return text
  }

  /// The sibling in `range` that is the entry or has it inside.
  private func holder(of target: Int, in range: Range<Int>, _ layout: LayoutView) -> Int? {
    var entry = range.lowerBound
    while entry < range.upperBound {
      let next = layout.sibling(after: entry)
      if target < next { return entry }
      entry = next
    }
    return nil
  }

  private func octets(_ text: RawSpan) -> [UInt8] { text.byteOffsets.map { text.octet(at: $0) } }

  private func hex(_ text: RawSpan) -> String {
    let octets = octets(text)
    return octets.isEmpty ? "-" : octets.map { String(format: "%02x", $0) }.joined()
  }

  private func escaped(_ name: [UInt8]) -> String {
    name.map { $0 == 0x7e ? "7e30" : $0 == 0x2f ? "7e31" : String(format: "%02x", $0) }.joined()
  }

  @Test(arguments: try DeviceFolder.models())
  func shippedModels(_ file: String) throws {
    let folder = try TemporaryFolder()
    let newest = try DeviceFolder.document(file)
    for version in [newest.version] + newest.history.map(\.version) {
      try expectTables(of: newest.definition(version), folder, "\(file)@\(version)")
    }
  }

  private func draft(of stream: RandomStream) throws -> ModelDocument {
    var decoder = try PushDecoder(options: DecoderOptions())
    var observer = StateObserver()
    _ = try decoder.push(stream.octets.span.octets, to: &observer)
    return try observer.draft(ofDevice: 0, decoder.state).document
  }

  /// Compares the tables of a definition, made without naming parameters, with its layouts.
  private func expectTables(of document: ModelDocument, _ folder: TemporaryFolder, _ name: String) throws {
    let model = try ResolvedModel(document, ParameterSet(initialOf: document))
    let (shown, wanted) = (try tables(of: model, folder), expected(model))
    #expect(shown == wanted, "\(name)")
  }

  /// Every type, shape and nesting: the models are drafts of random streams.
  @Test func randomLayouts() throws {
    let folder = try TemporaryFolder()
    var count = 0
    for seed in Self.seeds {
      try expectTables(of: try draft(of: RandomStream(seed: seed)), folder, "seed \(seed)")
      count += 1
    }
    #expect(count == Self.seeds.count)
  }

  /// Names and texts that would be source text if they could: they stay text.
  @Test func hostileTexts() throws {
    let texts = [
      "*/ #error \"out\" /*", "\"); system(\"x\"); (\"", "line\nfeed", "back\\", "??/", "int", "class", "self", "num_a", "a",
      "\u{202e}x", "größe", "0x", "\\(1)", "//", "%s%n", "#define a", "`a`", "_", "__x", "NULL", "size_t", "uint8_t",
    ]
    var document = ModelDocument(model: "example.com/int", version: 1)
    document.description = texts.joined(separator: " ")
    let fields = texts.filter { !$0.contains("\n") }.map { text -> ModelField in
      var field = ModelField(name: text, type: ModelFieldType(.flags, width: 4))
      (field.description, field.unit, field.isOpen) = (texts.joined(separator: " "), text, true)
      field.symbols = [FieldSymbol(text, 1), FieldSymbol(text, 2)]
      return field
    }
    var group = ModelField(name: "union", type: ModelFieldType(.union, width: 4))
    group.fields = fields
    var list = ModelField(name: "struct", type: ModelFieldType(.list, width: 4))
    list.elements = ["extern"]
    var section = StatePiece(name: "*/ #error", fields: fields + [group, list])
    section.description = texts.joined(separator: " ")
    document.sections = [ModelSection(section)]
    document.layouts = [ElementLayout(name: "extern", fields: fields + [list])]
    try expectTables(of: document, try TemporaryFolder(), "hostile")
    let swift = ModelSource.swift(try ResolvedModel(document, ParameterSet(initialOf: document)))
    #expect(!swift.split(separator: "\n").contains { $0.contains("#error") && !$0.contains("///") && !$0.contains("\"") })
    #expect(!swift.contains("\\(1)\"") || swift.contains("\\\\(1)\""))
    #expect(!swift.unicodeScalars.contains { $0.value == 0x202e })
  }
}

/// The documents that the repository ships.
enum DeviceFolder {
  static let path = ToolRun.root.appending(path: "Specs/devices").path

  static func models() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).filter { $0.hasSuffix(".json") }.sorted()
  }

  static func document(_ file: String) throws -> ModelDocument {
    let octets = [UInt8](try Data(contentsOf: URL(filePath: path).appending(path: file)))
    return try ModelDocument(json: JSONValue(parsing: octets))
  }
}
