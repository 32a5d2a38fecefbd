import DeviceModel
import MigrationStream
import Synchronization

/// A shipped model with settled parameters, resolved once and shared by all devices that have them.
///
/// Nothing in it changes after it was made, so threads may share it.
final class ReferenceModel: @unchecked Sendable {
  let resolved: ResolvedModel

  private init(_ resolved: consuming ResolvedModel) { self.resolved = resolved }

  private static let shared = Mutex<[String: ReferenceModel]>([:])

  /// - Parameters:
  ///   - name: Tells documents apart.
  ///   - settings: `NAME=VALUE`; other parameters have their initial values.
  ///   - apply: In place of the document's, for a device that takes the same state in another way.
  static func resolve(
    _ name: String, _ json: String, _ settings: [String], apply: ApplyKind? = nil
  ) throws(MachineFault) -> ReferenceModel {
    let key = ([name] + settings.sorted()).joined(separator: "\n")
    if let known = shared.withLock({ $0[key] }) { return known }
    let model: ReferenceModel
    do {
      var document = try ModelDocument(json: JSONValue(parsing: Array(json.utf8)))
      if let apply { document.apply = apply }
      let parameters = try ParameterSet(
        initialOf: document, but: ParameterSet.settings(settings, of: document))
      model = ReferenceModel(try ResolvedModel(document, parameters))
    } catch {
      throw MachineFault((error as? ParameterFault)?.message ?? "\(error)")
    }
    shared.withLock { $0[key] = model }
    return model
  }

  // MARK: Numbers of pieces, looked up when a device is made

  func section(_ name: String) -> Int { resolved.sections.firstIndex { $0.name == name } ?? -1 }

  func subsection(_ name: String) -> Int { resolved.subsections.firstIndex { $0.name == name } ?? -1 }

  /// Of the layouts, by number.
  var layoutNames: [String] { resolved.readerFields.map(\.name) }

  /// The value of a parameter that is a number, or 1 and 0.
  func number(_ parameter: String) -> Int {
    switch resolved.parameters.value(of: parameter) {
    case .int(let value): Int(clamping: value)
    case .bool(let value): value ? 1 : 0
    case .str, nil: 0
    }
  }
}

/// Why a machine cannot be made.
public struct MachineFault: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
