internal import MigrationStream

/// Looks for what is wrong with a device model document before it is published.
///
/// Source: Specs/device-models.md section 10.
public struct ModelLint {
  let document: ModelDocument
  /// The document as it stands in its file, for pointers and lines.
  let root: DocumentPlace
  /// The first of each name.
  let parameters: [String: Parameter]
  /// Names of parameters that state or numbers depend on.
  var usedParameters: Set<String> = []
  /// Fields of the layouts of list elements.
  let elementGroups: [ExactName: GroupIndex]
  /// Paths of fields that externals name.
  let externalFields: Set<String>
  var findings: [LintFinding] = []

  private init(_ document: ModelDocument, _ json: JSONValue) {
    self.document = document
    root = DocumentPlace(json)
    parameters = Dictionary(document.parameters.map { ($0.name, $0) }) { first, _ in first }
    elementGroups = Dictionary(document.layouts.map { (ExactName($0.name), GroupIndex($0.fields)) }) { first, _ in first }
    externalFields = Set(document.externals.compactMap(\.field))
  }

  /// All findings about a document, in the order of its lines.
  ///
  /// - Parameters:
  ///   - octets: Contents of the file.
  ///   - path: Path of the file in the folder of the models; nil when it is not in one.
  public static func findings(in octets: [UInt8], path: String? = nil) -> [LintFinding] {
    let json: JSONValue
    do throws(DocumentFault) { json = try JSONValue(parsing: octets) } catch { return [LintFinding(error)] }
    var spelling = SpellingLint()
    spelling.check(DocumentPlace(json))
    var findings = spelling.findings
    do throws(DocumentFault) {
      var lint = ModelLint(try ModelDocument(json: json), json)
      if let path { lint.checkPath(path) }
      lint.checkForm(octets)
      lint.checkTexts()
      lint.checkState()
      lint.checkParameters()
      lint.checkHistory(octetCount: octets.count)
      findings += lint.findings
    } catch {
      // What has a finding of its own is clearer there.
      if !findings.contains(where: { $0.pointer == error.pointer && $0.rule.level == .error }) {
        findings.append(LintFinding(error))
      }
    }
    return findings.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element)
  }

  /// The canonical text of a document; nil when the loader refuses it.
  public static func rewritten(_ octets: [UInt8]) -> [UInt8]? {
    do throws(DocumentFault) {
      return canonical(try ModelDocument(json: JSONValue(parsing: octets)))
    } catch { return nil }
  }

  private static func canonical(_ document: ModelDocument) -> [UInt8] { Array(document.json.text.utf8) }

  mutating func add(_ rule: LintRule, _ message: String, at place: DocumentPlace) {
    findings.append(LintFinding(rule, message, pointer: place.pointer, line: place.line))
  }

  private mutating func checkPath(_ path: String) {
    let wanted = document.model + ".json"
    if path == wanted || path.hasSuffix("/" + wanted) { return }
    add(.filePath, "The model \(document.model) lies at \(path), expected \(wanted).", at: root["model"])
  }
}

extension ModelLint {
  private mutating func checkForm(_ octets: [UInt8]) {
    let canonical = Self.canonical(document)
    guard octets != canonical else { return }
    let common = zip(octets, canonical).prefix { $0 == $1 }.count
    let line = 1 + octets[..<common].count { $0 == 0x0a }
    findings.append(
      LintFinding(.notCanonical, "The octets are not the canonical text of the document.", pointer: "", line: line))
  }
}

extension LintFinding {
  /// The loader refuses the document.
  init(_ fault: DocumentFault) {
    self.init(.document, fault.message, pointer: fault.pointer, line: max(fault.line, 1))
  }
}

/// The rules that a document does not have to load for.
struct SpellingLint {
  private(set) var findings: [LintFinding] = []

  mutating func check(_ root: DocumentPlace) {
    let model = root["model"]
    if case .string(let identifier) = model.value?.content, identifier.contains("://") {
      add(.schemeInIdentifier, "The identifier \(identifier) has a scheme.", at: model)
    }
    checkKeys(in: root)
  }

  private mutating func add(_ rule: LintRule, _ message: String, at place: DocumentPlace) {
    findings.append(LintFinding(rule, message, pointer: place.pointer, line: place.line))
  }

  /// Keys that say a vague version, and classes of what is not in a stream.
  ///
  /// Values nest 64 deep at most: the parser refuses more.
  private mutating func checkKeys(in place: DocumentPlace) {
    switch place.value?.content {
    case .array: for element in place.elements { checkKeys(in: element) }
    case .object(let members):
      for (member, inside) in zip(members, place.members) {
        if Self.isVague(member.key) {
          add(.vagueVersion, "Nobody can say what \(member.key) is the version of.", at: inside)
        }
        if member.key == "fields" { checkClasses(of: inside) }
        checkKeys(in: inside)
      }
    default: break
    }
  }

  private static func isVague(_ key: String) -> Bool {
    let letters = ImplementationWords.words(of: key).joined()
    return letters == "deviceversion" || letters == "versionstring"
  }

  private mutating func checkClasses(of fields: DocumentPlace) {
    for field in fields.elements {
      let place = field["class"]
      guard case .string(let name) = place.value?.content else { continue }
      if name == External.Treatment.hidden.rawValue || name == External.Treatment.reread.rawValue {
        add(.externalClass, "A field has the class \(name), which is not in the stream.", at: place)
      }
    }
  }
}
