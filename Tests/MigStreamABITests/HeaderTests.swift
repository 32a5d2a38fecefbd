import CMigStream
import Foundation
import MigrationStream
import Testing

/// The numbers of the header are those of the specification.
@Suite struct HeaderTests {
  private let header: String

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    header = try String(contentsOf: root.appending(path: "Sources/CMigStream/include/migstream.h"), encoding: .utf8)
  }

  @Test func codes() {
    var found = constants("MGS_ERROR_").filter { $0.value < 200 }
    for code in StreamError.Code.allCases {
      #expect(found.removeValue(forKey: "MGS_ERROR_" + spelled("\(code)")) == Int(code.rawValue), "\(code)")
      #expect(unsafe String(cString: mgs_code_name(-code.rawValue)) == "\(code)")
    }
    #expect(found.isEmpty)
  }

  @Test func stages() {
    var found = constants("MGS_STAGE_")
    for stage in StreamError.Stage.allCases {
      #expect(found.removeValue(forKey: "MGS_STAGE_" + spelled("\(stage)")) == Int(stage.rawValue), "\(stage)")
      #expect(unsafe String(cString: mgs_stage_name(UInt32(stage.rawValue))) == "\(stage)")
    }
    #expect(found.isEmpty)
  }

  @Test func recordKinds() {
    var found = constants("MGS_RECORD_")
    for kind in RecordKind.allCases {
      #expect(found.removeValue(forKey: "MGS_RECORD_" + spelled("\(kind)")) == Int(kind.rawValue), "\(kind)")
    }
    #expect(found.isEmpty)
  }

  @Test func versions() {
    #expect(mgs_version_number() == 100)
    #expect(unsafe String(cString: mgs_version_string()) == MGS_VERSION_STRING)
    #expect(mgs_format_version() == UInt32(MGS_FORMAT_MAJOR << 16 | MGS_FORMAT_MINOR))
    #expect(UInt16(MGS_FORMAT_MAJOR) == Format.major && UInt16(MGS_FORMAT_MINOR) == Format.minor)
  }

  @Test func anErrorIsToldInALine() {
    var error = mgs_error()
    (error.code, error.stage, error.offset, error.expected, error.found) = (40, 6, 4096, 1, 2)
    (error.record, error.device) = (7, .max)
    let line = "digestMismatch (40) in bulk at offset 4096: expected 1, found 2, record 7"
    var text = [CChar](repeating: 1, count: 200)
    #expect(unsafe mgs_error_text(&error, &text, text.count) == line.utf8.count)
    #expect(string(text) == line)
    #expect(unsafe mgs_error_text(&error, &text, 5) == line.utf8.count)
    #expect(string(text) == "dige")
    #expect(unsafe mgs_error_text(&error, nil, 0) == line.utf8.count)
    #expect(unsafe mgs_error_text(&error, nil, 3) == -200)
    #expect(unsafe mgs_error_text(nil, &text, 3) == -200)
  }

  @Test func anEventIsToldInALine() {
    let events = constants("MGS_EVENT_")
    #expect(events.count == 12)
    for (name, number) in events {
      var error = mgs_error()
      (error.expected, error.found, error.stage, error.record, error.device) = (UInt64(number), 5, 12, .max, 3)
      var text = [CChar](repeating: 1, count: 200)
      #expect(unsafe mgs_error_text(&error, &text, text.count) > 0)
      #expect(
        string(text).split(separator: " ")[0].lowercased()
          == name.dropFirst("MGS_EVENT_".count).replacing("_", with: "").lowercased())
      #expect(string(text).hasSuffix(" in resume at offset 0: found 5, device 3"))
    }
  }

  private func string(_ text: [CChar]) -> String {
    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// `badMagic` is `BAD_MAGIC`.
  private func spelled(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1)" : $1.uppercased() }
  }

  private func constants(_ prefix: String) -> [String: Int] {
    var found: [String: Int] = [:]
    for match in header.matches(of: /(MGS_[A-Z0-9_]+) = ([0-9]+)/) where match.1.hasPrefix(prefix) {
      found[String(match.1)] = Int(match.2)
    }
    return found
  }
}
