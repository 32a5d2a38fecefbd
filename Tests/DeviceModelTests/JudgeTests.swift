import DeviceModel
import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// A change of the right stream, and what is refused then.
struct JudgeCase: Sendable, CustomTestStringConvertible {
  /// Where the refusal lies.
  enum Place: Sendable {
    /// Octets from the start of the device's entry, of the region's, of a parameter's or an announcement's.
    case device(Int)
    case region(Int)
    case parameter(String, Int)
    /// The n-th announcement of that name.
    case announcement(String, Int, nth: Int = 0)
    /// Octets from the start of the section's data.
    case data(section: Int, Int)
    /// Octets from the start of a record.
    case record(Int, Int)
  }

  var name: String
  var code: StreamError.Code
  var stage: StreamError.Stage
  var place: Place
  var expected: UInt64
  var found: UInt64
  var change: @Sendable (inout LampStream) -> Void

  init(
    _ name: String, _ code: StreamError.Code, _ stage: StreamError.Stage, _ place: Place, expected: UInt64 = 0,
    found: UInt64 = 0, _ change: @escaping @Sendable (inout LampStream) -> Void
  ) {
    self.name = name
    self.code = code
    self.stage = stage
    self.place = place
    self.expected = expected
    self.found = found
    self.change = change
  }

  var testDescription: String { name }

  /// Classes of damage that no digest finds and no encoder refuses. Verdicts are from the chapters, by hand.
  static let all: [JudgeCase] = versions + pieces + parameters + memory + values

  private static let none = UInt64(Format.none32)

  private static let versions = [
    JudgeCase("M62 least version of the device above the model's", .versionTooNew, .rules, .device(28), expected: 2, found: 3) {
      ($0.version, $0.versionMin) = (3, 3)
    },
    JudgeCase("M62 version of the device below what is read", .versionTooOld, .rules, .device(24), expected: 2, found: 1) {
      $0.version = 1
    },
    JudgeCase(
      "M62 least version of a section above the model's", .versionTooNew, .rules, .announcement("tint", 8), expected: 2,
      found: 3
    ) { ($0.announcements[2].version, $0.announcements[2].versionMin) = (3, 3) },
    JudgeCase("M74 another way of applying", .wrongModel, .rules, .device(10), expected: 1, found: 2) { $0.apply = .inPlace },
    JudgeCase("M74 another clock", .wrongModel, .rules, .device(11), expected: 1, found: 2) { $0.clock = .monotonic },
  ]

  private static let pieces = [
    JudgeCase("M64 unknown section", .unknownRequired, .rules, .announcement("shade", 0), found: 3) {
      $0.announcements[3].name = "shade"
    },
    JudgeCase("M67 section while its parameter is off", .notEnabled, .rules, .announcement("tint", 0), found: 4) {
      $0.parameters.removeFirst()
    },
    JudgeCase("M67 no section while its parameter is on", .missingSection, .rules, .device(0), expected: 2) {
      $0.announcements.remove(at: 2)
      $0.sections.remove(at: 2)
    },
    JudgeCase("M34 a section in front of its predecessor", .sectionOutOfOrder, .rules, .announcement("lamps_state", 0), expected: 2, found: 1) {
      $0.announcements.swapAt(1, 2)
      $0.sections.swapAt(1, 2)
    },
    JudgeCase("M36 a section twice", .duplicateSection, .rules, .announcement("tint", 0, nth: 1), found: 2) {
      $0.announcements[3].name = "tint"
    },
    JudgeCase("M76 too many of a section", .countAboveMaximum, .rules, .announcement("panel", 0, nth: 2), expected: 2, found: 3) {
      $0.announcements[5] = LampStream.Announcement(name: "panel")
    },
    JudgeCase("M76 two with one key", .duplicateKey, .rules, .data(section: 4, 0), found: 1) { $0.sections[4].data[0] = 1 },
    JudgeCase("M66 a subsection whose condition does not hold", .conditionMismatch, .rules, .data(section: 1, 40 + 4), expected: none) {
      $0.sections[1].flicker = .zeros(8)
    },
    JudgeCase("M66 no subsection whose condition holds", .conditionMismatch, .rules, .data(section: 1, 0), found: none) {
      $0.sections[1].data[1] = 2
    },
    JudgeCase("M64 unknown subsection", .unknownRequired, .rules, .data(section: 1, 40 + 4)) {
      $0.subsections[0].name = "flash"
      $0.sections[1].flicker = .zeros(8)
      $0.sections[1].data[1] = 2
    },
    JudgeCase("M65 a skippable section whose data is wrong", .valueOutOfRange, .mapping, .data(section: 5, 0), expected: 1_000_000, found: 0xff0010) {
      $0.sections[5].data[2] = 0xff
    },
  ]

  private static let parameters = [
    JudgeCase("M69 unknown parameter", .parameterRefused, .rules, .parameter("glow", 0), expected: 1, found: 1) {
      $0.parameters.insert(("glow", .bool(true)), at: 1)
    },
    JudgeCase("M69 another type", .parameterRefused, .rules, .parameter("row", 0), expected: 1, found: 1) {
      $0.parameters[1].value = .bool(true)
    },
    JudgeCase("M69 one above the range", .parameterRefused, .rules, .parameter("row", 0), expected: 1, found: 9) {
      $0.parameters[1].value = .int(9)
    },
    JudgeCase("M69 a text that is not allowed", .parameterRefused, .rules, .parameter("vendor", 0), expected: 2) {
      $0.parameters[2].value = .str("Watt")
    },
    JudgeCase("M70 off value listed", .parameterRefused, .rules, .parameter("row", 0), expected: 1, found: 1) {
      $0.parameters[1].value = .int(1)
    },
    JudgeCase("M70 a parameter without off value not listed", .parameterRefused, .rules, .device(0), expected: 2, found: 2) {
      $0.parameters.removeLast()
    },
    JudgeCase("M73 a requirement broken", .parameterRefused, .rules, .device(0), expected: 2, found: 1) {
      $0.parameters.remove(at: 1)
    },
  ]

  private static let memory = [
    JudgeCase("M78 a region of another size", .wrongModel, .rules, .region(16), expected: 8192, found: 4096) {
      $0.regions[0].byteCount = 4096
    },
    JudgeCase("a region that is shared", .wrongModel, .rules, .region(2), expected: 0, found: 1) { $0.regions[0].flags = 1 },
    JudgeCase("unknown region", .unknownRegion, .rules, .region(0)) { $0.regions[0].name = "frames" },
    JudgeCase("a region missing", .unknownRegion, .rules, .device(0), found: none) { $0.regions = [] },
    JudgeCase("no byte string", .incompleteBytes, .rules, .record(6, 0)) { $0.hasBytes = false },
  ]

  private static let values = [
    JudgeCase("M75 an index at the count", .valueOutOfRange, .rules, .data(section: 1, 12), expected: 3, found: 3) {
      $0.sections[1].data[12] = 3
    },
    JudgeCase("M75 a level above its range", .valueOutOfRange, .mapping, .data(section: 1, 28), expected: 100, found: 101) {
      $0.sections[1].data[28] = 101
    },
    JudgeCase("M77 an address that is not aligned", .valueOutOfRange, .mapping, .data(section: 1, 4), expected: 4096, found: 0x1001) {
      $0.sections[1].data[4] = 1
    },
    JudgeCase("M79 a mode without power", .ruleViolated, .rules, .data(section: 1, 1), found: 1) {
      $0.sections[1].data[0] = 0
    },
    JudgeCase("M76 two lamps of one name", .duplicateKey, .rules, .data(section: 1, 27), found: 1) {
      $0.sections[1].data[27] = 1
      $0.sections[1].data[26] = 3
    },
    JudgeCase("M80 a reference to nothing", .danglingReference, .rules, .data(section: 1, 26), found: 7) {
      $0.sections[1].data[26] = 7
    },
    JudgeCase("M80 a circle", .cyclicReference, .rules, .data(section: 1, 26), expected: 1, found: 2) {
      $0.sections[1].data[32] = 1
    },
    JudgeCase("M80 the next name is used", .ruleViolated, .rules, .data(section: 1, 17), expected: 3, found: 3) {
      $0.sections[1].data[17] = 3
    },
    JudgeCase("M82 a value without a name", .symbolChanged, .rules, .data(section: 1, 1), found: 3) {
      $0.sections[1].data[1] = 3
    },
    JudgeCase("M82 a bit without a name", .symbolChanged, .rules, .data(section: 1, 2), found: 4) {
      $0.sections[1].data[2] = 4
    },
  ]
}

@Suite struct JudgeTests {
  /// What a decoder with a judge says.
  struct Verdict {
    var refusal: StreamError?
    var notes: JudgeNotes
    var explanation: String?
  }

  static func judge(_ octets: [UInt8], _ document: ModelDocument? = LampStream.document) throws -> Verdict {
    var judge = StreamJudge { $0 == document?.model ? document : nil }
    var options = DecoderOptions()
    options.checksSections = true
    var decoder = try PushDecoder(options: options)
    var refusal: StreamError?
    do throws(StreamError) {
      _ = try decoder.push(octets.span.octets, to: &judge)
      try decoder.finish()
    } catch { refusal = error }
    return Verdict(refusal: refusal, notes: judge.notes, explanation: judge.explanation)
  }

  @Test func aRightStreamIsGood() throws {
    var starts: [Int] = []
    let verdict = try Self.judge(try LampStream().octets(sectionStarts: &starts))
    #expect(verdict.refusal == nil, "\(verdict.explanation ?? "")")
    #expect(verdict.notes.models.map(\.model) == ["example.org/lamp"])
    #expect(verdict.notes.unknownCount == 0)
    #expect(verdict.notes.arrivals.map(\.external.name) == ["daylight", "maker"])
    #expect(verdict.notes.notCompared.count == 1)
    #expect(verdict.notes.notCompared.first?.steps.map(\.name) == ["identity", "vendor_id"])
  }

  /// The files that tests of the tool use are these streams; `MIGSTREAM_WRITE_SAMPLES` writes them.
  @Test func theCorpusHasTheStreams() throws {
    var dark = LampStream()
    dark.sections[1].data[0] = 0
    for (name, stream) in [("lamp", LampStream()), ("dark", dark)] {
      var starts: [Int] = []
      let octets = try stream.octets(sectionStarts: &starts)
      let file = LampStream.folder.appending(path: name + ".bin")
      if ProcessInfo.processInfo.environment["MIGSTREAM_WRITE_SAMPLES"] != nil { try Data(octets).write(to: file) }
      #expect([UInt8](try Data(contentsOf: file)) == octets)
    }
    let document = try Data(contentsOf: LampStream.folder.appending(path: "example.org/lamp.json"))
    #expect(ModelLint.findings(in: [UInt8](document), path: "example.org/lamp.json") == [])
  }

  @Test func aStreamWhoseConditionHoldsHasItsSubsection() throws {
    var stream = LampStream()
    stream.sections[1].data[1] = 2
    stream.sections[1].flicker = .zeros(8)
    var starts: [Int] = []
    #expect(try Self.judge(try stream.octets(sectionStarts: &starts)).refusal == nil)
  }

  @Test func withoutColourTheSectionIsGone() throws {
    var stream = LampStream()
    stream.parameters = [("vendor", .str("ACME"))]
    stream.announcements.remove(at: 2)
    stream.sections.remove(at: 2)
    // The layout that the stream has says four lamps; one lamp is what there is.
    stream.sections[1].data = [1, 1, 1, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9].padded() + [1, 10, 255].padded()
    var starts: [Int] = []
    let verdict = try Self.judge(try stream.octets(sectionStarts: &starts))
    #expect(verdict.refusal == nil, "\(String(describing: verdict.refusal)) \(verdict.explanation ?? "")")
  }

  @Test(arguments: JudgeCase.all)
  func aBrokenStreamIsRefused(_ sample: JudgeCase) throws {
    var stream = LampStream()
    sample.change(&stream)
    var starts: [Int] = []
    let octets = try stream.octets(sectionStarts: &starts)
    let refusal = try #require(try Self.judge(octets).refusal)
    #expect(refusal.code == sample.code)
    #expect(refusal.stage == sample.stage)
    #expect(refusal.offset == UInt64(Self.offset(of: sample.place, in: octets, starts)), "\(refusal)")
    #expect(refusal.expected == sample.expected)
    #expect(refusal.found == sample.found)
    #expect(refusal.sequence != StreamError.noRecord)
    #expect(refusal.device == 0)
  }

  /// Without the model none of it is seen, but for what the format itself refuses.
  @Test(arguments: JudgeCase.all)
  func withoutTheModelItIsNot(_ sample: JudgeCase) throws {
    var stream = LampStream()
    sample.change(&stream)
    var starts: [Int] = []
    let verdict = try Self.judge(try stream.octets(sectionStarts: &starts), nil)
    #expect(verdict.refusal == nil)
    #expect(verdict.notes.unknown.map(\.model) == ["example.org/lamp"])
  }

  /// Texts of the manifest are looked for: entries have fixed octets in front of them.
  private static func offset(of place: JudgeCase.Place, in octets: [UInt8], _ starts: [Int]) -> Int {
    func find(_ text: String, nth: Int = 0) -> Int {
      let wanted = Array(text.utf8)
      var left = nth
      for start in 0..<(octets.count - wanted.count) where octets[start..<(start + wanted.count)].elementsEqual(wanted) {
        if left == 0 { return start }
        left -= 1
      }
      return -1
    }
    switch place {
    case .device(let octet): return find("lamp0") - 48 + octet
    case .region(let octet): return max(find("pixels"), find("frames")) - 32 + octet
    case .parameter(let name, let octet): return find(name) - 16 + octet
    case .announcement(let name, let octet, let nth): return find(name, nth: nth) - 16 + octet
    case .data(let section, let octet): return starts[section] + 64 + 24 + octet
    case .record(let number, let octet): return starts[number] + octet
    }
  }
}
