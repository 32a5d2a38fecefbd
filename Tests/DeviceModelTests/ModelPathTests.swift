import DeviceModel
import Testing

@Suite struct ModelPathTests {
  @Test(arguments: ["a", "/a", "a/b", "/queues/ring", "a~1b/c~0d", "größe/状 態"])
  func textComesBack(_ text: String) throws {
    #expect(try #require(ModelPath(text)).text == text)
  }

  @Test(arguments: ["", "/", "a//b", "a/", "//a", "~", "a~2", "a/~"])
  func otherTextsAreRefused(_ text: String) { #expect(ModelPath(text) == nil) }

  @Test func namesAreUnescaped() throws {
    #expect(try #require(ModelPath("/a~1b/~0")) == ModelPath(["a/b", "~"], isAbsolute: true))
    #expect(try #require(ModelPath("x")).isAbsolute == false)
  }
}
