import ForeignStreams
import Testing

/// Nothing in a stream may trap, hang or pass unnoticed where structure is broken.
@Suite struct QEMUDamageTests {
  /// Opens, prints, builds every tree and walks every page; returns the damage.
  @discardableResult
  private func exercise(_ octets: [UInt8]) -> ForeignError? {
    do throws(ForeignError) {
      let stream = try QEMUStream(MemoryOctets(octets))
      do throws(ForeignError) {
        try AnalyzeMigrationPrinter.print(stream) { (_) throws(ForeignError) in }
        for number in stream.deviceNumbers {
          let device = try stream.device(number)
          _ = device.placedSubsections()
          for child in device.children where child.sourceLength > 0 {
            _ = try stream.littleEndianOctets(of: child)
          }
        }
        try stream.forEachPageRun { (run) throws(ForeignError) in
          #expect(run.fileOffset <= UInt64(octets.count))
        }
      } catch {
        #expect(error.code == .limitExceeded, "\(error)")
      }
      if let damage = stream.damage { #expect(damage.offset <= UInt64(octets.count)) }
      for section in stream.sections where section.content != .memory {
        #expect(section.payloadOffset + section.payloadLength <= UInt64(octets.count))
      }
      return stream.damage
    } catch {
      #expect(error.offset <= UInt64(octets.count))
      return error
    }
  }

  private static let samples: [[UInt8]] = [
    (try? TestFiles.corpus("72-none-S.bin")) ?? [], StreamBuilder.memory(), lists, packaged,
  ]

  /// A device with most of what a description can hold.
  private static let lists: [UInt8] = {
    var builder = StreamBuilder()
    builder.octets = [1, 0xa, 0, 0x30, 0x30, 9]
    builder.subsection("dev/extra", payload: [6])
    return StreamBuilder.oneDevice(
      payload: builder.octets,
      members: #"""
        "fields": [{"name": "q", "type": "qtailq", "vmsd_name": "e", "version": 1,
        "fields": [{"name": "v", "type": "uint8", "size": 1}], "size": 3},
        {"name": "p", "array_len": 2, "type": "struct", "struct": {}, "size": 1},
        {"name": "s", "index": 0, "type": "struct", "struct": {"vmsd_name": "s", "version": 1,
        "fields": [{"name": "x", "type": "uint8", "size": 1}]}, "size": 1}],
        "subsections": [{"vmsd_name": "dev/extra", "version": 1,
        "fields": [{"name": "y", "type": "uint8", "size": 1}]}]
        """#)
  }()

  private static let packaged: [UInt8] = {
    var inner = StreamBuilder()
    inner.device(id: 3, "dev", payload: [1])
    var builder = StreamBuilder()
    builder.header()
    builder.u8(8)
    builder.u16(7)
    builder.u16(4)
    builder.u32(UInt32(inner.octets.count))
    builder.octets += inner.octets
    builder.end(description: nil)
    return builder.octets
  }()

  /// Every prefix that lacks the end of the stream is damage, with an offset inside it.
  @Test(arguments: samples.indices) func prefixes(_ sample: Int) throws {
    let octets = Self.samples[sample]
    let stream = try QEMUStream(MemoryOctets(octets))
    let end = try #require(stream.records.last { $0.kind == .endOfStream && !$0.isPackaged }).offset
    for count in 0..<octets.count {
      let damage = exercise(Array(octets[..<count]))
      // Nothing behind the end record is a stream without description; the beginning of one is a cut.
      if count != Int(end) + 1 { #expect(damage != nil, "prefix of \(count) octets") }
    }
  }

  @Test(arguments: samples.indices) func singleOctets(_ sample: Int) {
    let octets = Self.samples[sample]
    for place in octets.indices {
      for value in [0, 1, 0x7f, 0x80, 0xff, octets[place] ^ 1] as [UInt8]
      where value != octets[place] {
        var changed = octets
        changed[place] = value
        exercise(changed)
      }
    }
  }

  @Test func randomOctets() {
    var generator = SeededGenerator(state: 0x5eed)
    for _ in 0..<2_000 {
      var builder = StreamBuilder()
      builder.header(machine: Bool.random(using: &generator) ? "m" : nil)
      for _ in 0..<Int.random(in: 0..<200, using: &generator) {
        // Small values reach further than uniform ones.
        builder.u8(
          UInt8.random(in: 0...(Bool.random(using: &generator) ? 8 : 255), using: &generator))
      }
      exercise(builder.octets)
    }
  }

  /// Pieces of the samples in any order.
  @Test func splicedOctets() {
    var generator = SeededGenerator(state: 0x5b11ce)
    for _ in 0..<2_000 {
      var octets = Self.samples[Int.random(in: 0..<Self.samples.count, using: &generator)]
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let other = Self.samples[Int.random(in: 0..<Self.samples.count, using: &generator)]
        let start = Int.random(in: 0..<other.count, using: &generator)
        let end = Int.random(in: start..<other.count, using: &generator)
        let place = Int.random(in: 8..<octets.count, using: &generator)
        let stop = Int.random(in: place..<min(octets.count, place + 64), using: &generator)
        octets.replaceSubrange(place..<stop, with: other[start..<end])
      }
      exercise(octets)
    }
  }

  /// Counts that would cost far more than the octets that claim them.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      #""fields": [{"name": "a", "array_len": 2147483647, "type": "struct", "struct": {"fields": []}, "size": 0}]"#,
      #""fields": [{"name": "a", "array_len": 2147483647, "type": "struct", "struct": {"fields": [{"name": "b", "#
        + #""array_len": 2147483647, "type": "struct", "struct": {"fields": [{"name": "c", "array_len": 2147483647, "#
        + #""type": "buffer", "size": 0}]}, "size": 0}]}, "size": 0}]"#,
      #""fields": [{"name": "a", "array_len": 2147483647, "type": "buffer", "size": 2147483647}]"#,
      #""fields": [{"name": "a", "array_len": 2147483647, "type": "capability", "size": 0}]"#,
      #""fields": [{"name": "a", "array_len": 2147483647, "type": "nullptr", "size": 1}]"#,
      #""fields": [{"name": "a", "type": "gtree", "size": 4}]"#,
    ])
  func hugeCounts(_ members: String) {
    exercise(StreamBuilder.oneDevice(payload: [0xff, 0xff, 0xff, 0xff], members: members))
  }

  @Test func deepDescriptionsAreRefused() throws {
    var members = #""fields": []"#
    for _ in 0..<40 {
      members =
        #""fields": [{"name": "s", "type": "struct", "struct": {"# + members + #"}, "size": 0}]"#
    }
    let stream = try QEMUStream(
      MemoryOctets(StreamBuilder.oneDevice(payload: [1], members: members)))
    #expect(stream.diagnostics.first?.kind == .descriptionUnusable)
    #expect(stream.sections.map(\.content) == [.opaque])
  }
}
