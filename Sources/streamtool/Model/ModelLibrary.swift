import ArgumentParser
import DeviceModel
import MigrationStream
import StreamIO
import StreamReport

/// Finds device model documents: files, and those below one folder by their identifiers.
struct ModelLibrary {
  /// Where documents lie as `DOMAIN/PATH.json`; nil when there is no such folder.
  let folder: String?

  /// A document and the file it came from.
  struct Entry {
    let file: String
    let document: ModelDocument

    func resolved(with parameters: ParameterSet) throws -> ResolvedModel {
      do throws(DocumentFault) {
        return try ResolvedModel(document, parameters)
      } catch { throw ModelTrouble(error, in: file) }
    }
  }

  /// Octets of a document at most, and one more by which the loader sees that there are more.
  private static var octetsMax: Int { (16 << 20) + 1 }

  /// - Parameter folder: nil: `Specs/devices`, when it exists.
  init(_ folder: String?) throws {
    let usual = "Specs/devices"
    self.folder = folder ?? (Folder.exists(usual) ? usual : nil)
    if let folder, !Folder.exists(folder) {
      throw ModelTrouble("\(folder) is no folder; give --models a folder that holds DOMAIN/PATH.json", .trouble)
    }
  }

  /// The document that a user named: a file, or an identifier.
  func entry(_ name: String) throws -> Entry {
    if name == "-" || Folder.hasFile(name) { return try Self.load(name) }
    if ModelIdentifier.fault(of: name) == nil {
      if let entry = try entry(identifier: name) { return entry }
      let place = folder.map { "below \($0)" } ?? "where models are looked for: there is no folder Specs/devices"
      throw ModelTrouble("there is no model \(name) \(place); name a document, or its folder with --models", .trouble)
    }
    return try Self.load(name)
  }

  /// The document of a model; nil when the folder has none.
  func entry(identifier: String) throws -> Entry? {
    guard let folder, ModelIdentifier.fault(of: identifier) == nil else { return nil }
    let file = "\(folder)/\(identifier).json"
    guard Folder.hasFile(file) else { return nil }
    let entry = try Self.load(file)
    guard entry.document.model == identifier else {
      throw ModelTrouble(
        "\(file): /model: it is the document of \(entry.document.model); move it to "
          + "\(entry.document.model).json", .refused)
    }
    return entry
  }

  /// The files of all documents, in the order of their identifiers.
  func files() throws -> [String] {
    guard let folder else { return [] }
    return try Folder.files(below: folder, suffix: ".json").map { "\(folder)/\($0)" }
  }

  /// Reads a document.
  static func load(_ file: String) throws -> Entry {
    let octets = try octets(of: file)
    do throws(DocumentFault) {
      return Entry(file: file, document: try ModelDocument(json: JSONValue(parsing: octets)))
    } catch { throw ModelTrouble(error, in: file) }
  }

  /// The octets of a document, or of another JSON file that is as short.
  static func octets(of file: String) throws(IOFailure) -> [UInt8] {
    var input = try InputFile.open(file, firstByteCount: 65_536)
    return try input.octets(atMost: octetsMax)
  }
}

/// Where commands look for models.
struct ModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder that holds DOMAIN/PATH.json; Specs/devices when it exists.", valueName: "dir"))
  var models: String?

  func library() throws -> ModelLibrary { try ModelLibrary(models) }
}

/// Values of a device's parameters, where they are not those of an alias or of a new device.
struct ParameterOptions: ParsableArguments {
  @Option(
    name: .customLong("param"),
    help: ArgumentHelp("The value of a parameter: on or off, digits, or text; may be repeated.", valueName: "name=value"))
  var parameters: [String] = []
}
