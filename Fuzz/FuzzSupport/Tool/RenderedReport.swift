import CFuzzShim
import DeviceModel
import Glibc
import MigrationStream
import StreamReport

/// What a report looks like when it is printed.
struct RenderedReport: ReportOutput, ~Copyable {
  private(set) var octets: [UInt8] = []

  mutating func write(_ text: String) { octets.append(contentsOf: text.utf8) }

  /// The first scalar that no report may print.
  var control: Unicode.Scalar? {
    let isPlain = unsafe octets.withUnsafeBufferPointer { octets in
      guard let start = octets.baseAddress else { return true }
      return unsafe fuzz_is_plain_text(start, octets.count) != 0
    }
    if isPlain { return nil }
    return String(decoding: octets, as: UTF8.self).unicodeScalars.first { Self.isControl($0) }
  }

  /// Whether a terminal acts on the scalar, or shows others in another order because of it; the line feed is the report's.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0a: false
    case 0..<0x20, 0x7f..<0xa0, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}

/// A renderer whose report is looked at on the way: the places of records, and what it says of the fault.
final class ToolReport: ReportSink {
  private let writer: ReportWriter<RenderedReport>
  private let form: ReportForm
  /// Where the nodes without a parent are.
  private(set) var places: [UInt64] = []
  private(set) var fault: ReportFault?
  /// A secret of which something is shown.
  private var shownSecret: String?
  private var depth = 0

  init(_ form: ReportForm, command: String) {
    self.form = form
    writer = ReportWriter(RenderedReport(), form: form, command: command)
    writer.start()
    writer.startFile("input", showsName: false)
  }

  func begin(_ node: ReportNode, path: String) {
    note(node)
    depth += 1
    writer.begin(node, path: path)
  }

  func leaf(_ node: ReportNode, path: String, octets: RawSpan) {
    note(node)
    if node.value == .redacted, !node.meaning.isEmpty || !octets.isEmpty { shownSecret = path }
    writer.leaf(node, path: path, octets: octets)
  }

  func end() {
    depth -= 1
    writer.end()
  }

  func fault(_ fault: ReportFault) {
    self.fault = fault
    writer.fault(fault)
  }

  private func note(_ node: ReportNode) {
    if depth == 0, let offset = node.offset { places.append(offset) }
  }

  /// Ends the report and looks at all of it.
  func finish(_ verdict: ReportVerdict, size: Int) -> FuzzViolation? {
    if depth != 0 { return FuzzViolation("R12", "\(depth) nodes are still open") }
    if let shownSecret { return FuzzViolation("secret", "something of it is shown: \(shownSecret)") }
    writer.endFile(verdict, size: UInt64(size))
    writer.finish()
    if let control = writer.output.control {
      return FuzzViolation("I36", "a report prints U+\(String(control.value, radix: 16))")
    }
    switch form {
    case .text, .annotated: return nil
    case .json: return document(writer.output.octets, verdict)
    case .jsonLines: return lines(writer.output.octets)
    }
  }

  private func document(_ octets: [UInt8], _ verdict: ReportVerdict) -> FuzzViolation? {
    let json: JSONValue
    do throws(DocumentFault) { json = try JSONValue(parsing: octets) } catch {
      return FuzzViolation("I36", "a report is no JSON: \(error.text)")
    }
    guard case .array(let files) = json["files"]?.content, files.count == 1, let file = files.first,
      file["verdict"]?["result"]?.content == .string(verdict.result.rawValue)
    else { return FuzzViolation("R12", "a report has lost its verdict") }
    guard let fault else {
      return file["fault"] == nil ? nil : FuzzViolation("R12", "a report has a fault that nobody found")
    }
    if file["fault"]?["offset"]?.content == .string(String(fault.offset)),
      file["fault"]?["code"]?.content == .string(fault.code)
    {
      return nil
    }
    return FuzzViolation("R12", "a report says something else than \(fault.code) at \(fault.offset)")
  }

  private func lines(_ octets: [UInt8]) -> FuzzViolation? {
    var (start, number) = (0, 1)
    while start < octets.count {
      let end = lineEnd(octets, from: start)
      if end > start {
        do throws(DocumentFault) { _ = try JSONValue(parsing: Array(octets[start..<end]), firstLine: number) } catch {
          return FuzzViolation("I36", "a line of a report is no JSON: \(error.text)")
        }
      }
      (start, number) = (end + 1, number + 1)
    }
    return nil
  }

  private func lineEnd(_ octets: [UInt8], from start: Int) -> Int {
    unsafe octets.withUnsafeBytes { octets in
      guard let first = octets.baseAddress,
        let feed = unsafe memchr(first + start, 0x0a, octets.count - start)
      else { return octets.count }
      return unsafe UnsafeRawPointer(feed) - first
    }
  }
}
