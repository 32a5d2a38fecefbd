import MigrationStream
import StreamTestKit
import Testing

/// All pairs of fields against the table of Specs/20-layouts.md section 6, written down once more as predicates.
@Suite struct MappingTableTests {
  private static let pairRows: Set = [
    "E", "W1", "W2", "W3", "W4", "N1", "N2", "S1", "T1", "T2", "X1", "X2", "Y1", "Y2", "Y3", "C1", "C2", "C3", "C4",
    "C5", "B1", "G1", "G2", "G3", "G4", "G5",
  ]

  /// The rows about two fields are those of the specification, in its order, with its codes.
  @Test func rowsAreThoseOfTheSpecification() throws {
    let spec = try MappingSpec.rows().filter { row in !"UDRVA".contains { row.name.hasPrefix(String($0)) } }
    #expect(Set(spec.map(\.name)) == Self.pairRows)
    #expect(Set(TableRow.all.map(\.name)) == Self.pairRows)
    for row in spec {
      let codes = Set(row.result.split(separator: "`").map(String.init).filter { Self.codes.contains($0) })
      let ours = Set(TableRow.all.filter { $0.name == row.name }.compactMap { $0.code.map { "\($0)" } })
      #expect(codes == ours, "\(row.name)")
    }
  }

  private static let codes = Set(StreamError.Code.allCases.map { "\($0)" })

  /// Every pair falls under one row, and the codec does what the row says.
  @Test func everyPairFallsUnderOneRow() throws {
    let samples = FieldSample.all
    let number = UInt32(samples.count)
    let layouts = samples.map { RawLayout("l", [$0.field]).canonical }
    let stream = try HeldLayouts(layouts + FieldSample.elements)
    let reader = try HeldLayouts(layouts + FieldSample.elements.prefix(1))
    let none = LayoutAliases()
    let tables = MappingLayouts(stream: stream.store.table, reader: reader.store.table, aliases: none.table)
    let data = samples.map { $0.data(elementsFrom: number) }
    var met = Set<String>()
    for (theirs, stream) in samples.enumerated() {
      for (ours, reader) in samples.enumerated() {
        let pair = FieldPair(stream, reader, elementsFrom: number)
        let rows = TableRow.all.filter { $0.holds(pair) }
        guard rows.count == 1 else {
          Issue.record("\(stream) to \(reader): \(rows.map(\.name))")
          continue
        }
        met.insert(rows[0].name)
        let refused = Self.refusal(of: data[theirs], from: theirs, to: ours, tables)
        guard let code = rows[0].code else {
          if refused != nil { Issue.record("\(stream) to \(reader): \(rows[0].name), but \(refused!)") }
          continue
        }
        let (expected, found) = rows[0].numbers(pair)
        let isRight = refused?.code == code && refused?.stage == .mapping && refused?.expected == expected
          && refused?.found == found
        if !isRight { Issue.record("\(stream) to \(reader): \(rows[0].name), but \(String(describing: refused))") }
      }
    }
    #expect(met == Self.pairRows, "\(met.symmetricDifference(Self.pairRows).sorted())")
  }

  static func refusal(
    of data: [UInt8], from number: Int, to own: Int, _ tables: MappingLayouts
  ) -> StreamError? {
    var place = OwnedBytes()
    var report = NoMappingHandler()
    do throws(StreamError) {
      var mapping = try LayoutMapping(from: UInt32(number), to: UInt32(own), of: tables, version: 1)
      _ = try mapping.apply(data.span.octets, at: 0, of: tables, in: &place, report: &report)
      return nil
    } catch {
      return error
    }
  }
}

/// A field on its own in a layout, with a value.
struct FieldSample: CustomStringConvertible {
  enum Value { case small, large }

  var field: RawField
  var type: RawType
  var value = Value.small
  /// Octets of counted bytes and strings, or layouts of the elements of a list, by their number among `elements`.
  var number: UInt32 = 1
  var listed: [UInt32] = []

  init(_ type: RawType, width: UInt32? = nil, _ children: [RawField] = []) {
    field = RawField("a", type, width: width, children)
    self.type = type
  }

  /// Octets of one element in the block.
  var width: UInt32 { type == .structure ? 1 : field.width ?? 4 }
  var description: String {
    let names = (field.symbols.map(\.name) + field.children.map(\.name) + [field.unit])
      .map { String(decoding: $0, as: UTF8.self) }
    return "\(type) \(width) shape \(field.shape) \(field.count) \(names) clock \(field.clock) \(value)"
      + " \(field.min)-\(field.max) of \(number) \(listed)"
  }

  /// Layouts that elements have: one that the reader knows, one that it does not, another of the first one's name.
  static let elements = ["e", "x", "e"].enumerated().map { index, name in
    RawLayout(name, [RawField("n", .unsigned, width: index == 2 ? 2 : 1)]).canonical
  }

  func with(_ change: (inout FieldSample) -> Void) -> FieldSample {
    var sample = self
    change(&sample)
    return sample
  }

  /// Section data of the field alone: each array is full.
  func data(elementsFrom first: UInt32) -> [UInt8] {
    let count = field.shape == 0 ? 1 : Int(field.count)
    let blocks = (0..<count).flatMap { _ in block }
    let variable = (0..<count).flatMap { _ in self.variable(first) }
    guard field.shape == 2 else { return blocks.padded() + variable }
    return [UInt8].u32(field.count).padded() + blocks.padded() + variable
  }

  private var block: [UInt8] {
    switch type {
    case .countedBytes, .string: .u32(number)
    case .list: .u32(UInt32(listed.count))
    case .union: .u32(0)
    case .optional: .u32(1)
    case .bool: [1]
    default:
      value == .small ? [1] + .zeros(Int(width) - 1) : [UInt8](repeating: 0x7e, count: Int(width))
    }
  }

  private func variable(_ first: UInt32) -> [UInt8] {
    switch type {
    case .countedBytes, .string: [UInt8](repeating: 0x61, count: Int(number)).padded()
    case .list: listed.flatMap { [UInt8].joined(.u32(first + $0), .u32(8), .u64(1)) }
    case .union, .optional: .u64(1)
    default: []
    }
  }
}

// MARK: - Samples

extension FieldSample {
  private static let child = RawField("n", .unsigned, width: 1)

  /// One of each type and width, with what the table tells apart within the type.
  private static var plain: [FieldSample] {
    let widths: [(RawType, [UInt32])] = [
      (.unsigned, [1, 4, 16]), (.signed, [1, 4, 16]), (.float, [4, 8]), (.bool, [1]), (.bitmap, [8, 16]),
      (.vector, [16, 32]), (.bytes, [1, 4]), (.uuid, [16]), (.mac, [6]), (.pciAddress, [4]),
      (.guestAddress, [4, 8]), (.size, [1, 4]), (.count, [1, 4]), (.index, [1, 4]), (.duration, [8]),
      (.instant, [8]),
    ]
    var samples = widths.flatMap { type, widths in widths.map { FieldSample(type, width: $0) } }
    for type in [RawType.enumeration, .flags] {
      for (width, name) in [(1, "on"), (1, "off"), (4, "on")] as [(UInt32, String)] {
        samples.append(FieldSample(type, width: width).with { $0.field.symbols = [RawSymbol(1, name)] })
      }
    }
    samples += [.countedBytes, .string, .list].map { FieldSample($0) }
    return samples + [.structure, .union, .optional].map { FieldSample($0, [child]) }
  }

  /// Each in every shape and with a unit, the integers with a value that narrow ones cannot hold too.
  static let all: [FieldSample] = {
    var samples: [FieldSample] = []
    for sample in plain {
      let fixed = sample.with { $0.field = $0.field.array(2) }
      let counted = sample.with { $0.field = $0.field.counted(2) }
      let unit = sample.with { $0.field.unit = .text("ns") }
      samples += [sample, fixed, counted, unit]
      if sample.hasNarrow {
        samples += [sample, counted].map { $0.with { $0.value = .large } }
      }
      if [.unsigned, .enumeration, .string, .structure].contains(sample.type) {
        samples += [sample.field.array(3), sample.field.counted(3)].map { field in sample.with { $0.field = field } }
      }
      if sample.type == .instant || sample.type == .duration {
        samples.append(sample.with { $0.field.clock = 2 })
      }
    }
    for (least, most, number) in [(2, 3, 2), (0, 0, 0)] as [(UInt64, UInt64, UInt32)] {
      for type in [RawType.countedBytes, .string, .list] {
        samples.append(
          FieldSample(type).with {
            ($0.field.flags, $0.field.min, $0.field.max, $0.number) = (2, least, most, number)
            if type == .list { $0.listed = Array(repeating: 0, count: Int(number)) }
          })
      }
    }
    samples += [[0], [1], [0, 2]].map { listed in FieldSample(.list).with { $0.listed = listed } }
    samples.append(FieldSample(.union, [RawField("m", .unsigned, width: 1)]))
    return samples
  }()

  private var hasNarrow: Bool {
    switch type {
    case .unsigned, .signed, .enumeration, .flags, .guestAddress, .size, .count, .index: width > 1
    default: false
    }
  }
}
