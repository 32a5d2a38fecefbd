import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// The constants of the code are those of the tables of Specs/20-layouts.md.
@Suite struct LayoutSpecTests {
  /// The cells of each table row of the chapter.
  private func rows() throws -> [[String]] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let chapter = try String(contentsOf: root.appending(path: "Specs/20-layouts.md"), encoding: .utf8)
    return chapter.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  @Test func typesAndWidths() throws {
    let rows = try rows()
    for type in FieldType.allCases {
      let row = rows.first { $0.count == 4 && $0[0] == "\(type)" && Int($0[1]) != nil }
      let cells = try #require(row, "\(type) is not in the table")
      #expect(UInt8(cells[1]) == type.rawValue)
      let legal: (UInt32) -> Bool =
        switch cells[2] {
        case "multiple of 8": { $0 > 0 && $0 % 8 == 0 }
        case "1 or more", "sum of its children": { $0 > 0 }
        default: { width in cells[2].components(separatedBy: ", ").contains("\(width)") }
        }
      for width in UInt32(0)...72 { #expect(type.allowsWidth(width) == legal(width), "\(type) \(width)") }
    }
    let listed = rows.filter { $0.count == 4 && Int($0[1]) != nil && $0[0].first?.isLetter == true }
    #expect(listed.count == FieldType.allCases.count)
  }

  @Test func shapes() throws {
    let rows = try rows()
    for shape in FieldShape.allCases {
      let row = rows.first { $0.count == 3 && $0[0] == "\(shape)" }
      #expect(row?[1] == "\(shape.rawValue)")
    }
  }

  @Test func entryOffsets() throws {
    let rows = try rows()
    let start = try #require(rows.firstIndex { $0.count >= 3 && $0[2] == "type" && $0[0] == "0" })
    var end = 0
    var names: [String] = []
    for row in rows[start...].prefix(while: { $0.count >= 3 && Int($0[0]) != nil }) {
      #expect(Int(row[0]) == end)
      end += try #require(Int(row[1]))
      names.append(row[2])
    }
    #expect(end == 64)
    // Each attribute, set alone to a legal value of its own, is found at its offset of the entry.
    var attributes = FieldAttributes(.count, width: 2, shape: .fixedArray, count: 7)
    attributes.mark = .skippable
    attributes.flags = .secret | .range | .hasDefault
    (attributes.radix, attributes.reference) = (16, 1)
    (attributes.minimum, attributes.maximum, attributes.defaultValue) = (3, 900, 5)
    (attributes.since, attributes.until) = (8, 9)
    var field = LayoutField("field", attributes)
    field.unit = "ns"
    let canonical = try ModelLayout("layout", [field]).canonical()
    let values: [String: UInt64] = [
      "type": 15, "shape": 1, "mark": 2, "flags": 7, "width": 2, "count": 7, "num_descendants": 0,
      "len_name": 5, "len_unit": 2, "radix": 16, "clock": 0, "alignment_log2": 0, "reserved": 0,
      "num_symbols": 0, "reference": 1, "min": 3, "max": 900, "default": 5, "since": 8, "until": 9,
    ]
    #expect(names.count == values.count)
    for row in rows[start...].prefix(names.count) {
      let offset = 24 + (Int(row[0]) ?? 0)
      let octets = canonical[offset..<(offset + (Int(row[1]) ?? 0))]
      #expect(octets.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } == values[row[2]], "\(row[2])")
    }
  }
}
