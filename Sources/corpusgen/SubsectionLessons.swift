import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: first subsection 856 (number 860, num_subsections 862, layout 864, num_target 868, reserved 870,
  /// len_data 872, target 880), of 32 octets without target; SECTION 760 (body 824).
  mutating func addSubsections() {
    folder = "subsection"
    let data: [UInt8] = .zeros(8)
    let plain = Base.subsections([RawSubsection(0, data: data)])
    accept("one", "10 §6.1", "no target: it belongs to the section", plain)
    accept(
      "none", "10 §6.1", "an announced subsection comes only when its condition holds", Base.subsections([]))
    accept(
      "siblings", "10 §6.1", "ascending by target, a shorter one first, then by position",
      Base.subsections([
        RawSubsection(0, data: data), RawSubsection(1, data: data),
        RawSubsection(0, target: [(1, 0)], data: data), RawSubsection(1, target: [(1, 0)], data: data),
        RawSubsection(0, target: [(1, 1)], data: data),
      ]))
    accept(
      "target-optional", "10 §6.1", "field 3, an optional that is present",
      Base.subsections(
        data: .joined(.hex("00000001000000 00"), .u64(5)), [RawSubsection(1, target: [(3, 0)], data: data)]))
    accept(
      "nested", "10 §6.1", "a subsection in a subsection, both with siblings",
      Base.subsections([
        RawSubsection(0, data: data, [RawSubsection(0, data: data), RawSubsection(1, data: data)]),
        RawSubsection(1, data: data),
      ]))
    accept("eight-deep", "10 §6.1", "nesting is at most 8 deep", Base.subsections([Self.nest(8)]))
    reject(
      "nine-deep", .limitExceeded, .section, 1112, released: 2, expected: 8, found: 9, "10 §6.1",
      "the ninth starts at 1112", Base.subsections([Self.nest(9)]))
    bad("not-announced", .unknownSection, 860, "two are announced", plain.patched(860, .u16(2)))
    bad("length-not-a-multiple-of-8", .badValue, 856, "33", plain.patched(856, .u32(33)))
    bad("length-past-the-section", .truncatedData, 856, "40 declared, 32 there", plain.patched(856, .u32(40)))
    bad("length-of-zero", .badValue, 856, "the fixed part alone has 24 octets", plain.patched(856, .u32(0)))
    bad(
      "length-before-its-data", .truncatedData, 872, "24 declared, the data has 8 more",
      plain.patched(856, .u32(24)))
    reject(
      "left-over-octets", .unexpectedData, .section, 888, released: 2, expected: 40, found: 32, "10 §6",
      "8 octets behind the data, counted by len_subsection",
      Base.subsections([RawSubsection(0, data: data) { $0.extra = .zeros(8) }]))
    reject(
      "left-over-octets-in-its-data", .unexpectedData, .section, 888, released: 2, expected: 16, found: 8,
      "10 §6", "the layout consumes 8 of 16 octets", Base.subsections([RawSubsection(0, data: .zeros(16))]))
    bad("reserved", .reservedNotZero, 870, "octets 14 and 15", plain.patched(870, .u16(1)))
    bad("layout-not-sent", .unknownLayout, 864, "there is one layout, number 0", plain.patched(864, .u32(1)))
    bad("data-not-a-multiple-of-8", .badValue, 872, "len_data is 7", plain.patched(872, .u64(7)))
    bad("data-past-the-subsection", .truncatedData, 872, "16 declared, 8 there", plain.patched(872, .u64(16)))
    bad(
      "count-above-what-is-there", .truncatedData, 888, "two declared, one there", plain.patched(826, .u16(2))
    )
    reject(
      "count-below-what-is-there", .unexpectedData, .section, 856, released: 2, expected: 64, found: 32,
      "10 §6", "none declared, one there", plain.patched(826, .u16(0)))
    bad(
      "nested-count-above-what-is-there", .truncatedData, 888, "one declared, none there",
      plain.patched(862, .u16(1)))
    addOrder()
    addTargets()
  }

  private mutating func bad(
    _ name: String, _ code: StreamError.Code, _ offset: UInt64, _ comment: String, _ stream: RawStream
  ) {
    reject(name, code, .section, offset, released: 2, "10 §6.1", comment, stream)
  }

  /// Each level has 32 octets before the next.
  private static func nest(_ levels: Int) -> RawSubsection {
    RawSubsection(0, data: .zeros(8), levels > 1 ? [nest(levels - 1)] : [])
  }

  private mutating func addOrder() {
    let data: [UInt8] = .zeros(8)
    bad(
      "sent-twice", .badOrder, 888, "the same position and target",
      Base.subsections([RawSubsection(0, data: data), RawSubsection(0, data: data)]))
    bad(
      "positions-step-back", .badOrder, 888, "1, then 0",
      Base.subsections([RawSubsection(1, data: data), RawSubsection(0, data: data)]))
    bad(
      "targets-step-back", .badOrder, 896, "element 1, then element 0",
      Base.subsections([
        RawSubsection(0, target: [(1, 1)], data: data), RawSubsection(0, target: [(1, 0)], data: data),
      ]))
    bad(
      "target-shorter-than-the-one-before", .badOrder, 896, "a prefix comes first",
      Base.subsections([RawSubsection(0, target: [(1, 1)], data: data), RawSubsection(0, data: data)]))
  }

  private mutating func addTargets() {
    func target(_ steps: (field: UInt32, element: UInt32)...) -> RawStream {
      Base.subsections([RawSubsection(0, target: steps, data: .zeros(8))])
    }
    bad("target-scalar", .badTarget, 880, "field 0 is an integer", target((0, 0)))
    bad("target-past-the-fields", .badTarget, 880, "there are fields 0 to 4", target((5, 0)))
    bad("target-element-past-the-array", .badTarget, 880, "ports has elements 0 and 1", target((1, 2)))
    bad("target-element-of-one", .badTarget, 880, "field 3 has no array: element 0 only", target((3, 1)))
    bad("target-step-that-is-no-child", .badTarget, 880, "3 is no child of 1", target((1, 0), (3, 0)))
    bad("target-step-to-a-scalar-child", .badTarget, 880, "field 2 is an integer", target((1, 0), (2, 0)))
    bad("target-absent-optional", .badTarget, 880, "field 3 is absent", target((3, 0)))
    bad("target-not-at-the-top", .badTarget, 880, "field 2 is a child of field 1", target((2, 0)))
    bad(
      "target-of-nine-steps", .badValue, 868, "0 to 8",
      Base.subsections([RawSubsection(0, target: .init(repeating: (1, 0), count: 9), data: .zeros(8))]))
  }
}
