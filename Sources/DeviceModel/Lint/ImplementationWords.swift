/// Words that belong to one implementation of a device, not to the device.
///
/// Source: Specs/device-models.md section 10.1.
enum ImplementationWords {
  static let phrases = [
    "pointer", "pointers", "struct", "structs", "sizeof", "typedef", "void", "vtable", "memcpy", "malloc", "mutex",
    "callback", "errno", "blob", "blobs", "cookie", "cookies", "opaque data", "private data", "memory dump",
    "raw memory", "host address", "host addresses", "host order", "host endian", "native order", "native endian",
    "file descriptor", "file descriptors",
  ]

  /// Second words by first words; "" where the first is all.
  private static let seconds: [String: [String]] = {
    var seconds: [String: [String]] = [:]
    for phrase in phrases {
      let words = Self.words(of: phrase)
      seconds[words[0], default: []].append(words.count > 1 ? words[1] : "")
    }
    return seconds
  }()

  /// The first of them in a text.
  static func first(in text: String) -> String? {
    let words = words(of: text)
    for (index, word) in words.enumerated() {
      guard let seconds = seconds[word] else { continue }
      if seconds.contains("") { return word }
      if index + 1 < words.count, seconds.contains(words[index + 1]) { return word + " " + words[index + 1] }
    }
    return nil
  }

  /// Runs of letters and digits; ASCII letters in lower case.
  static func words(of text: String) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    for octet in text.utf8 {
      switch octet {
      case 0x61...0x7a, 0x30...0x39, 0x80...0xff: word.append(octet)
      case 0x41...0x5a: word.append(octet + 0x20)
      default:
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        word = []
      }
    }
    if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
    return words
  }
}

extension ModelLint {
  /// All of them, as the chapter lists them.
  public static var implementationWords: [String] { ImplementationWords.phrases }

  /// The first of them in a text; nil when it has none.
  public static func implementationWord(in text: String) -> String? { ImplementationWords.first(in: text) }
}
