internal import MigrationStream

/// Names, descriptions and units of everything but fields, which the walk of the state looks at.
extension ModelLint {
  mutating func checkTexts() {
    checkWords(document.description, at: root["description"])
    for (parameter, place) in zip(document.parameters, root["params"].members) {
      checkName(parameter.name, at: place, mayHaveHyphens: true)
      checkMeaning(parameter.description, of: "The parameter \(parameter.name)", at: place)
    }
    for (layout, place) in zip(document.layouts, root["layouts"].members) {
      checkName(layout.name, at: place)
      checkWords(layout.description, at: place["description"])
    }
    for (region, place) in zip(document.regions, root["regions"].elements) {
      checkName(region.name, at: place["name"])
      checkWords(region.description, at: place["description"])
    }
    if let byteString = document.byteString {
      checkWords(byteString.description, at: root["byte_string"]["description"])
    }
    for (external, place) in zip(document.externals, root["externals"].elements) {
      checkName(external.name, at: place["name"])
      checkMeaning(external.description, of: "The external \(external.name)", at: place)
    }
  }

  mutating func checkName(_ name: String, at place: DocumentPlace, mayHaveHyphens: Bool = false) {
    checkWords(name, at: place)
    let first = name.utf8.first ?? 0
    let isPlain = name.utf8.allSatisfy { octet in
      switch octet {
      case 0x61...0x7a, 0x30...0x39, 0x5f: true
      case 0x2d: mayHaveHyphens
      default: false
      }
    }
    guard !isPlain || !(0x61...0x7a).contains(first) else { return }
    add(.nameStyle, "The name \(name) is not of a-z, 0-9 and _ with a letter in front.", at: place)
  }

  mutating func checkMeaning(_ description: String, of what: String, at place: DocumentPlace) {
    if description.isEmpty {
      add(.noMeaning, "\(what) has no description.", at: place)
    } else {
      checkWords(description, at: place["description"])
    }
  }

  mutating func checkWords(_ text: String, at place: DocumentPlace) {
    guard let word = ImplementationWords.first(in: text) else { return }
    add(.implementationWord, "The word \"\(word)\" is about an implementation.", at: place)
  }

  // MARK: Fields

  mutating func checkTexts(of field: ModelField, at place: DocumentPlace) {
    checkName(field.name, at: place["name"])
    guard field.type.type != .padding else { return }
    checkMeaning(field.description, of: "The field \(field.name)", at: place)
    checkWords(field.unit, at: place["unit"])
    if Self.lacksUnit(field) {
      add(.noUnit, "The number \(field.name) has no unit.", at: place)
    }
    if Self.soundsSecret(field), !field.isSecret {
      add(.secretHint, "The field \(field.name) sounds like a secret and does not say that it is one.", at: place)
    }
    for (symbol, symbolPlace) in zip(field.symbols, place["symbols"].members) {
      checkName(symbol.name, at: symbolPlace)
      checkWords(symbol.description, at: symbolPlace["description"])
    }
  }

  private static func lacksUnit(_ field: ModelField) -> Bool {
    switch field.type.type {
    case .unsigned, .signed, .float: break
    default: return false
    }
    let isIdentity = field.isUnique || field.link != nil || field.above != nil
    return field.unit.isEmpty && field.radix == 0 && !isIdentity
  }

  private static func soundsSecret(_ field: ModelField) -> Bool {
    switch field.type.type {
    case .unsigned, .bytes, .vector, .countedBytes, .string: break
    default: return false
    }
    let last = ImplementationWords.words(of: field.name).last ?? ""
    return ["key", "password", "passphrase", "token", "secret", "credential"].contains(last)
  }

  // MARK: Bounds

  mutating func checkBounds(of field: ModelField, at place: DocumentPlace) {
    let isBound = field.range != nil
    let isLost =
      switch field.type.type {
      case .index: field.reference == nil && field.link == nil && !isBound
      case .count: field.reference == nil && !isBound
      case .countedBytes, .string, .list: !isBound
      default: false
      }
    if isLost { add(.unbounded, "Nothing bounds the \(field.type.spelling) \(field.name).", at: place) }
    if field.type.type == .enumeration, field.isOpen {
      add(.openEnumeration, "The enumeration \(field.name) takes values without a symbol.", at: place["open"])
    }
  }
}
