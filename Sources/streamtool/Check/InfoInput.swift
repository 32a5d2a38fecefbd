import DeviceModel
import MigrationStream
import StreamIO
import StreamReport

/// The longest document, or line of JSON lines, in octets.
///
/// Source: Specs/device-models.md section 2.
let documentByteCountMax = 16 << 20

extension InfoDocument {
  /// - Throws: ``DocumentFault``.
  init(octets: [UInt8], line: Int = 1) throws(DocumentFault) {
    try self.init(json: JSONValue(parsing: octets, firstLine: line))
  }

  /// A document that is a whole input.
  ///
  /// - Throws: ``IOFailure``, ``ModelTrouble``.
  init(reading input: inout InputFile) throws {
    let octets = try input.octets(atMost: documentByteCountMax + 1)
    do throws(DocumentFault) { self = try InfoDocument(octets: octets) } catch {
      throw ModelTrouble(error, in: input.name)
    }
  }
}

extension RawSpan {
  /// Whether this could be JSON: the first octet that is not white space opens a value, or is a byte order mark's.
  var beginsDocument: Bool {
    for index in 0..<byteCount {
      switch octet(at: index) {
      case 0x20, 0x09, 0x0a, 0x0d: continue
      case UInt8(ascii: "{"), UInt8(ascii: "["), 0xef: return true
      default: return false
      }
    }
    return false
  }
}

/// Destinations as they come: files with one document, or standard input with one a line.
struct DestinationReader {
  let names: [String]

  /// - Parameter use: Takes a destination's name, line (0: none) and document.
  /// - Throws: ``IOFailure`` of standard input; trouble with a file is said, and the others go on.
  /// - Returns: How the reading went.
  func forEach(
    _ use: (String, Int, Result<InfoDocument, DocumentFault>) throws -> Void
  ) throws -> ToolStatus {
    var status = ToolStatus.good
    for name in names {
      if name == "-" {
        try forEachLine(use)
      } else {
        do { try read(name, use) } catch let failure as IOFailure { status = status.and(ToolStatus.report(failure)) }
      }
    }
    return status
  }

  private func read(_ name: String, _ use: (String, Int, Result<InfoDocument, DocumentFault>) throws -> Void) throws {
    var input = try InputFile.open(name)
    let octets = try input.octets(atMost: documentByteCountMax + 1)
    let finding = Result { () throws(DocumentFault) in try InfoDocument(octets: octets) }
    try use(finding.host ?? name, 0, finding)
  }

  private func forEachLine(_ use: (String, Int, Result<InfoDocument, DocumentFault>) throws -> Void) throws {
    var lines = LineReader(try InputFile.open("-"), byteCountMax: documentByteCountMax)
    while let line = try lines.next() {
      let number = lines.number
      var octets: [UInt8]?
      if case .octets(let whole) = line {
        if whole.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
        octets = whole
      }
      let finding = Result { () throws(DocumentFault) in
        guard let octets else {
          throw DocumentFault("the line has more than \(documentByteCountMax) octets", pointer: "", line: number)
        }
        return try InfoDocument(octets: octets, line: number)
      }
      try use(finding.host ?? "line \(number)", number, finding)
    }
  }
}

extension Result<InfoDocument, DocumentFault> {
  /// The label of a document that has one.
  fileprivate var host: String? {
    guard let host = try? get().host, !host.isEmpty else { return nil }
    return host
  }
}
