import DeviceModel

/// `MODEL[@VERSION]` as a user wrote it: a document or an identifier, and a definition or an alias.
struct ModelReference {
  enum Version {
    case newest
    case definition(UInt32)
    case alias(String)
  }

  let name: String
  let version: Version

  /// Digits behind the last `@` are a definition, another text is an alias.
  init(_ text: String) {
    guard let sign = text.utf8.lastIndex(of: UInt8(ascii: "@")) else {
      (name, version) = (text, .newest)
      return
    }
    name = String(text[..<sign])
    let suffix = String(text[text.utf8.index(after: sign)...])
    if let number = UInt32(suffix), String(number) == suffix { version = .definition(number) } else { version = .alias(suffix) }
  }

  /// The definition, which for an alias is the newest.
  func definition(in library: ModelLibrary) throws -> ModelLibrary.Entry {
    let entry = try library.entry(name)
    if case .alias = version { _ = try parameters(of: entry.document) }
    guard case .definition(let number) = version else { return entry }
    do throws(DocumentFault) {
      return ModelLibrary.Entry(file: entry.file, document: try entry.document.definition(number))
    } catch { throw ModelTrouble(error, in: entry.file) }
  }

  /// The parameters that the alias sets, or those of a device that is made without naming any; but for `settings`.
  func parameters(of document: ModelDocument, but settings: [String] = []) throws -> ParameterSet {
    do throws(ParameterFault) {
      let settings = try ParameterSet.settings(settings, of: document)
      if case .alias(let alias) = version { return try ParameterSet(alias: alias, of: document, but: settings) }
      return try ParameterSet(initialOf: document, but: settings)
    } catch { throw ModelTrouble(error, of: document.model) }
  }
}
