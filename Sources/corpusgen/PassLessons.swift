import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: BARRIER 208 in a stream of one region (body 272: pass 272, num_channels 276, sequence_next 280),
  /// next record 288.
  mutating func addPasses() {
    folder = "pass"
    let passes: UInt32 = 1 << 2
    func ram(_ records: RawRecord...) -> RawStream { Base.ram(mandatory: passes, records) }
    let barrier = ram(.barrier(pass: 0, next: 2))
    accept("barrier", "30 §2", "two passes without data", barrier)
    accept(
      "memory-in-three-passes", "30 §2", "the same octets in each; the last pass has no barrier",
      ram(
        .memory([.data(0, 64)]), .barrier(pass: 0, next: 3), .memory(pass: 1, [.zero(0, 4096)]),
        .barrier(pass: 1, next: 5), .memory(pass: 2, [.data(0, 32)])))
    accept(
      "section-replaced", "10 §6", "sent in pass 0, and again with replaces in pass 1", Self.resent(4 | 1))
    reject(
      "section-resent-without-replaces", .duplicateSection, .section, 680, released: 4, "10 §6",
      "a section of an earlier pass carries replaces", Self.resent(1))
    reject(
      "section-replaced-in-its-own-pass", .duplicateSection, .section, 600, released: 3, "10 §6",
      "a repetition inside one pass, replaces or not", Self.resentAtOnce)
    reject(
      "section-of-an-earlier-pass", .badPass, .section, 688, released: 4, expected: 1, found: 0, "30 §2",
      "on channel 0 the pass equals the number of barriers", Self.resent(5).patched(688, .u32(0)))
    reject(
      "memory-of-a-later-pass", .badPass, .bulk, 276, released: 1, expected: 0, found: 1, "30 §2",
      "pass 1 before its barrier", ram(.memory(pass: 1, [.zero(0, 64)])))
    reject(
      "memory-of-an-earlier-pass", .badPass, .bulk, 356, released: 2, expected: 1, found: 0, "30 §2",
      "pass 0 behind its barrier", ram(.barrier(pass: 0, next: 2), .memory([.zero(0, 64)])))
    reject(
      "barrier-of-a-later-pass", .badPass, .bulk, 272, released: 1, expected: 0, found: 1, "30 §2",
      "the first barrier ends pass 0", ram(.barrier(pass: 1, next: 2)))
    reject(
      "barrier-twice", .badPass, .bulk, 352, released: 2, expected: 1, found: 0, "30 §2",
      "the second barrier ends pass 1", ram(.barrier(pass: 0, next: 2), .barrier(pass: 0, next: 3)))
    reject(
      "barrier-of-two-channels", .badValue, .bulk, 276, released: 1, expected: 1, found: 2, "30 §2",
      "as in the preamble", barrier.patched(276, .u32(2)))
    reject(
      "barrier-with-wrong-sequence", .badSequence, .bulk, 280, released: 1, expected: 2, found: 3, "30 §2",
      "for channel 0 the number of the record after the barrier", barrier.patched(280, .u64(3)))
    reject(
      "barrier-with-wrong-sequence-and-left-over-octets", .badSequence, .bulk, 280, released: 1, expected: 2, found: 3,
      "40 §5", "left-over octets come last",
      barrier.changing(1) { $0.body += .zeros(8) }.patched(280, .u64(3)))
    reject(
      "barrier-left-over-octets", .unexpectedData, .bulk, 288, released: 1, expected: 24, found: 16, "30 §2",
      "one word behind the channels", barrier.changing(1) { $0.body += .zeros(8) })
    reject(
      "barrier-too-short", .truncatedData, .bulk, 280, released: 1, "30 §2", "a channel's word is missing",
      barrier.changing(1) { $0.body.removeLast(8) })
    reject(
      "end-with-too-few-passes", .totalsMismatch, .end, 364, released: 2, expected: 1, found: 2, "10 §11",
      "barriers + 1", barrier.patched(364, .u32(1)))
  }

  /// SECTION 440 (body 504), BARRIER 536 (body 600), SECTION 616 (body 680, pass 688).
  private static func resent(_ flags: UInt16) -> RawStream {
    let second = RawSection(data: .zeros(8)) {
      $0.flags = flags
      $0.pass = 1
    }
    var stream = Base.device(mandatory: 1 << 2)
    stream.records.insert(contentsOf: [.barrier(pass: 0, next: 4), second.record], at: 3)
    return stream
  }

  /// SECTION 440 (body 504), SECTION 536 (body 600).
  private static let resentAtOnce = Base.device(mandatory: 1 << 2).inserting(
    RawSection(data: .zeros(8)) { $0.flags = 5 }.record, at: 3)
}
