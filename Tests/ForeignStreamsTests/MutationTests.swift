import ForeignStreams
import Testing

/// Edits of a recorded stream that QEMU refuses, or should: each breaks the structure at a known octet.
@Suite(.enabled(if: TestFiles.recordedNames.contains("72-pc-i440fx-7.2-S")))
struct MutationTests {
  private static let base = Result { try TestFiles.unzipped("72-pc-i440fx-7.2-S.bin.gz") }

  private func mutated(_ offset: Int, _ octets: [UInt8]) throws -> QEMUStream {
    var stream = try Self.base.get()
    stream.replaceSubrange(offset..<(offset + octets.count), with: octets)
    return try QEMUStream(MemoryOctets(stream))
  }

  @Test func footerMark() throws {
    let damage = try #require(try mutated(243_240, [0x7d]).damage)
    #expect(damage.code == .badFooter)
    #expect(damage.offset == 243_240)
    #expect(damage.expected == 0x7e)
    #expect(damage.found == 0x7d)
    #expect(damage.path == "i8254")
  }

  @Test func recordType() throws {
    let damage = try #require(try mutated(243_113, [0x0b]).damage)
    #expect(damage.code == .unknownRecord)
    #expect(damage.offset == 243_113)
    #expect(damage.found == 0x0b)
  }

  @Test func configurationType() throws {
    // Octet 8 now begins a section whose id and name are those of the configuration record.
    let damage = try #require(try mutated(8, [0x01]).damage)
    #expect(damage.code == .badName)
    #expect(damage.offset <= 64)
  }

  @Test func configurationLength() throws {
    let damage = try #require(try mutated(9, [0, 0, 0, 2]).damage)
    #expect(damage.code == .unknownRecord)
    #expect(damage.offset == 15)
    #expect(damage.found == 45)
  }

  @Test func versionsAndNamesAreReported() throws {
    let version = try mutated(243_131, [0])
    #expect(version.damage == nil)
    #expect(version.diagnostics.map(\.kind) == [.versionMismatch])
    #expect(version.diagnostics.first?.offset == 243_128)
    let name = try mutated(243_119, [0x58])
    #expect(name.damage == nil)
    #expect(name.diagnostics.map(\.kind) == [.opaqueSection, .missingSection])
    #expect(name.diagnostics.map(\.path) == ["X8254", "i8254"])
  }

  @Test func memory() throws {
    let block = try #require(try mutated(52, [0x58]).damage)
    #expect(block.code == .badMemoryRecord)
    #expect(block.path == "ram/pc.ram")
    let part = try #require(try mutated(200, [0x63]).damage)
    #expect(part.code == .unknownSection)
    #expect(part.found == 99)
    #expect(part.offset == 197)
  }

  @Test func descriptionLength() throws {
    let stream = try mutated(251_864, [0x7f, 0xff, 0xff, 0xff])
    #expect(stream.damage == nil)
    #expect(stream.diagnostics.map(\.kind) == [.descriptionUnusable])
    #expect(stream.diagnostics.first?.offset == 251_864)
  }

  @Test func truncation() throws {
    let whole = try Self.base.get()
    let inMemory = try QEMUStream(MemoryOctets(Array(whole[..<100_000])))
    #expect(inMemory.damage?.code == .truncated)
    #expect((inMemory.damage?.offset ?? 0) > 95_000)
    let withoutDescription = try QEMUStream(MemoryOctets(Array(whole[..<251_863])))
    #expect(withoutDescription.damage == nil)
    #expect(throws: ForeignError.self) { try QEMUStream(MemoryOctets([])) }
  }
}
