import DeviceModel
import MigrationStream
import Testing

@Suite struct FieldTypeSpellingTests {
  @Test(arguments: [
    "u8", "u128", "i64", "f32", "bool", "enum16", "flags64", "bitmap128", "vector512", "bytes6", "uuid", "mac",
    "pciAddress", "guestAddress64", "size32", "count16", "index8", "duration", "instant", "padding3", "countedBytes",
    "string", "structure", "list", "union", "optional",
  ])
  func spellingComesBack(_ spelling: String) throws {
    #expect(try #require(ModelFieldType(spelling)).spelling == spelling)
  }

  @Test(arguments: [
    "", "u", "u7", "u24", "u08", "u+8", "f16", "bool1", "bitmap8", "vector64", "bytes0", "bytes", "size128", "struct",
    "U8", "u8 ", "u99999999999", "bytes٣", "uuid16",
  ])
  func otherSpellingsAreRefused(_ spelling: String) {
    #expect(ModelFieldType(spelling) == nil)
  }
}
