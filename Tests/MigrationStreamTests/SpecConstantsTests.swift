import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// The tables of the specification against the constants of the code, in both directions.
@Suite struct SpecConstantsTests {
  @Test func errorCodes() throws {
    let spec = try Chapter("40-reader-rules").numbers(headed: ["code", "value"], name: 0, value: 1)
    let code = StreamError.Code.allCases.map { ("\($0)", UInt64($0.rawValue)) }
    #expect(spec == Dictionary(uniqueKeysWithValues: code))
  }

  @Test func stages() throws {
    let spec = try Chapter("40-reader-rules").numbers(headed: ["stage", "value"], name: 0, value: 1)
    let code = StreamError.Stage.allCases.map { ("\($0)", UInt64($0.rawValue)) }
    #expect(spec == Dictionary(uniqueKeysWithValues: code))
  }

  @Test func limits() throws {
    let spec = try Chapter("40-reader-rules").numbers(
      headed: ["limit", "unit", "default"], name: 0, value: 2)
    let code = StreamLimits().namedValues
    #expect(spec == Dictionary(uniqueKeysWithValues: code))
    #expect(code.count == Mirror(reflecting: StreamLimits()).children.count, "a limit without a row")
  }

  @Test func recordKinds() throws {
    let spec = try Chapter("10-stream-format").numbers(
      headed: ["kind", "value", "mark"], name: 0, value: 1, radix: 16)
    let code = (UInt16.min...UInt16.max).compactMap { number in
      RecordKind(rawValue: number).map { ("\($0)", UInt64(number)) }
    }
    #expect(spec == Dictionary(uniqueKeysWithValues: code))
  }

  @Test func reverseKinds() throws {
    let chapter = try Chapter("resume-path")
    let head = ["reverse kind", "value", "mark", "device", "body"]
    let spec = try chapter.numbers(headed: head, name: 0, value: 1, radix: 16)
    let code = ReverseKind.allCases.map { ("\($0)", UInt64($0.rawValue)) }
    #expect(spec == Dictionary(uniqueKeysWithValues: code))
    #expect(spec.values.allSatisfy { (0x40...0x4f).contains($0) })
    #expect(try chapter.numbers(headed: head, name: 0, value: 4)["refused"] == 48)
    #expect(chapter.text.contains("len_body is at most \(ReverseFormat.bodyByteCountMax)"))
  }

  @Test func recordFlags() throws {
    let spec = try Chapter("10-stream-format").numbers(headed: ["flag", "bit", "kinds"], name: 0, value: 1)
    let code: [String: UInt16] = [
      "required": RecordFlags.required, "skippable": RecordFlags.skippable, "replaces": RecordFlags.replaces,
      "initialDataEnd": RecordFlags.initialDataEnd, "last": RecordFlags.last,
      "unitFirst": RecordFlags.unitFirst, "unitLast": RecordFlags.unitLast,
    ]
    #expect(spec.mapValues { UInt16(1) << $0 } == code)
  }

  @Test func mandatoryFlags() throws {
    let spec = try Chapter("10-stream-format").numbers(headed: ["mandatory flag", "bit"], name: 0, value: 1)
    let code: [String: UInt32] = [
      "singleDevice": MandatoryFlags.singleDevice, "channels": MandatoryFlags.channels,
      "passes": MandatoryFlags.passes, "zstd": MandatoryFlags.zstd,
      "externalLayouts": MandatoryFlags.externalLayouts, "opaqueMemory": MandatoryFlags.opaqueMemory,
      "postCopy": MandatoryFlags.postCopy,
    ]
    #expect(spec.mapValues { UInt32(1) << $0 } == code)
    #expect(MandatoryFlags.known == code.values.reduce(0, |) & ~MandatoryFlags.postCopy)
  }

  @Test func optionalFlags() throws {
    let spec = try Chapter("10-stream-format").numbers(headed: ["optional flag", "bit"], name: 0, value: 1)
    #expect(
      spec.mapValues { UInt32(1) << $0 }
        == ["indexed": OptionalFlags.indexed, "canonical": OptionalFlags.canonical])
  }

  @Test func fieldTypes() throws {
    let spec = try Chapter("20-layouts").numbers(headed: ["type", "value", "width"], name: 0, value: 1)
    let code = (UInt8.min...UInt8.max).compactMap { number in
      FieldType(rawValue: number).map { ("\($0)", UInt64(number)) }
    }
    #expect(spec == Dictionary(uniqueKeysWithValues: code))
    #expect(Set(spec.values) == Set(RawType.allCases.map { UInt64($0.rawValue) }), "the corpus lacks a type")
  }

  @Test func shapes() throws {
    let spec = try Chapter("20-layouts").numbers(headed: ["shape", "value"], name: 0, value: 1)
    let code = (UInt8.min...UInt8.max).compactMap { number in
      FieldShape(rawValue: number).map { ("\($0)", UInt64(number)) }
    }
    #expect(spec == Dictionary(uniqueKeysWithValues: code))
  }

  @Test func emptyDigest() throws {
    let chapter = try Chapter("10-stream-format")
    #expect(chapter.text.contains("`\(String(Digest.ofNothing, radix: 16))`"))
    #expect([UInt8]().digest == Digest.ofNothing)
  }

  /// Every code that a one-channel reader can give has a scenario.
  @Test func everyCodeHasAScenario() throws {
    // Mapping, section rules, several channels, the resume path and the caller's own faults are tested elsewhere.
    let elsewhere: Set<StreamError.Code> = [
      .versionTooNew, .versionTooOld, .missingField, .typeChanged, .signChanged, .unitChanged,
      .symbolChanged, .countChanged, .countAboveMaximum, .valueTooLarge, .valueOutOfRange, .verifyMismatch,
      .notEnabled, .conditionMismatch, .danglingReference, .duplicateKey, .cyclicReference, .ruleViolated,
      .parameterRefused, .wrongModel, .noDataNow, .stateRefused, .sessionBusy, .sessionClosed, .deviceFailed, .missingDevice,
      .badAccess, .accessOutOfOrder, .windowTooSmall, .outOfMemory, .wrongCall, .notImplemented, .badRange, .rangeOverflow,
      .tooManyRanges,
    ]
    let codes = Set(try CorpusFolder.present.compactMap(\.code))
    #expect(codes == Set(StreamError.Code.allCases).subtracting(elsewhere))
  }

  private static let chapters = [
    "10-stream-format", "20-layouts", "30-channels-passes-images", "40-reader-rules",
  ]

  /// Every section that says MUST is named by the `spec:` key of a scenario that today's readers can be asked.
  @Test func everyMustHasAScenario() throws {
    let named = Set(try CorpusFolder.scenarios.get().map(\.spec))
    var demanding: Set<String> = []
    for chapter in Self.chapters {
      for section in try Chapter(chapter).sections where section.text.contains("MUST") {
        demanding.insert("\(chapter.prefix(2)) §\(section.number)")
      }
    }
    #expect(demanding.count >= 4)
    let missing = demanding.subtracting(named)
    #expect(missing.isEmpty, "no scenario for \(missing.sorted())")
  }

  /// And every `spec:` key names a section that is there.
  @Test func everyScenarioNamesASection() throws {
    let sections = try Self.chapters.flatMap { chapter in
      try Chapter(chapter).sections.map { "\(chapter.prefix(2)) §\($0.number)" }
    }
    let unknown = Set(try CorpusFolder.scenarios.get().map(\.spec)).subtracting(sections)
    #expect(unknown.isEmpty)
  }
}

/// A chapter of the specification.
private struct Chapter {
  var text: String

  init(_ name: String) throws {
    let root = URL(fileURLWithPath: CorpusFolder.path).deletingLastPathComponent()
    text = try String(contentsOf: root.appendingPathComponent("Specs/\(name).md"), encoding: .utf8)
  }

  /// The numbered sections, each with its text up to the next heading.
  var sections: [(number: String, text: String)] {
    var sections: [(number: String, text: String)] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("## ") || line.hasPrefix("### ") {
        let number = line.drop { $0 == "#" || $0 == " " }.prefix { $0 != " " }
        sections.append((number.hasSuffix(".") ? String(number.dropLast()) : String(number), ""))
      } else if !sections.isEmpty {
        sections[sections.count - 1].text += line + "\n"
      }
    }
    return sections
  }

  /// One column of the table with that head as names, another as numbers.
  func numbers(
    headed head: [String], name: Int, value: Int, radix: Int = 10
  ) throws -> [String: UInt64] {
    let rows = text.split(separator: "\n", omittingEmptySubsequences: false).map(Self.cells)
    let start = try #require(rows.firstIndex { $0.starts(with: head) })
    var numbers: [String: UInt64] = [:]
    for row in rows[(start + 2)...].prefix(while: { $0.count > max(name, value) }) {
      let number = try #require(UInt64(row[value].filter { $0 != "`" }, radix: radix), "\(row)")
      #expect(numbers.updateValue(number, forKey: row[name]) == nil, "\(row[name]) twice")
    }
    return numbers
  }

  private static func cells(_ line: Substring) -> [String] {
    guard line.hasPrefix("|") else { return [] }
    return line.dropFirst().split(separator: "|", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }
}
