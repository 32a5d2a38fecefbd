import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// A whole stream whose layouts and values a seed chose: one device, one section, a little memory.
struct RandomStream {
  static let device = "pci.0/random0"
  static let sectionName = "state"

  let section: RandomSection
  let octets: [UInt8]

  /// - Parameter claims: Whether layouts claim ranges, alignments and references, which random data does not keep.
  init(seed: UInt64, claims: Bool = true) throws {
    section = RandomSection(seed: seed, claims: claims)
    var random = SeededGenerator(seed: ~seed)
    var octets: [UInt8] = []
    var encoder = try StreamEncoder(preamble: Preamble(uuid: StreamUUID(low: random.next(), high: random.next())))
    append(encoder.preamble, to: &octets)
    append(try encoder.manifest(Self.manifest()), to: &octets)
    for layout in section.layouts {
      let canonical = try layout.canonical()
      append(try encoder.layout(canonical: canonical.span.octets), to: &octets)
    }
    let memory = random.octets(4096) + [UInt8](repeating: 0, count: 4096) + random.octets(8192)
    append(try encoder.memory(region: 0, offset: 0, octets: memory.span.octets), to: &octets)
    let data = section.octets
    append(try encoder.section(device: 0, section: 0, layout: 0, data: data.span.octets), to: &octets)
    append(try encoder.end(), to: &octets)
    self.octets = octets
  }

  private static func manifest() throws(StreamError) -> ManifestBuilder {
    var manifest = try ManifestBuilder(
      producer: StaticString("random").octets, producerVersion: StaticString("1").octets,
      architecture: StaticString("x86_64").octets, guestEndianness: 1, pageByteCount: 4096)
    try manifest.region(
      name: StaticString("ram").octets, guestAddress: 0, byteCount: 1 << 20, pageByteCount: 4096)
    try manifest.beginDevice(
      path: Array(device.utf8).span.octets, address: RawSpan(), model: RawSpan(), version: 1, versionMin: 1)
    try manifest.section(name: Array(sectionName.utf8).span.octets, version: 1, versionMin: 1)
    try manifest.endDevice()
    return manifest
  }
}

/// A leaf with its type, as the JSON of a dump has to show it.
struct ShownLeaf: Equatable, CustomStringConvertible {
  var path: String
  /// By Specs/50-inspection.md section 2, written down here a second time.
  var type: String
  /// As in ``ModelLeaf``.
  var value: String

  var description: String { "\(path): \(type) = \(value)" }
}

extension RandomStream {
  /// What a dump must show, computed from the values that went in.
  var leaves: [ShownLeaf] {
    section.leavesOfFields.map { leaf, field in
      let path = leaf.path.replacing(".", with: "/")
      return ShownLeaf(
        path: "/devices/\(Self.device)/\(Self.sectionName)/\(path)", type: Self.type(field.attributes),
        value: leaf.value)
    }
  }

  /// Arrays of leaves are one item that carries the shape; elements of other arrays are items of their own.
  private static func type(_ attributes: FieldAttributes) -> String {
    let bits = attributes.width * 8
    let name =
      switch attributes.type {
      case .unsigned: "u\(bits)"
      case .signed: "i\(bits)"
      case .float: "f\(bits)"
      case .enumeration: "enum\(bits)"
      case .bytes: "bytes\(attributes.width)"
      case .flags, .bitmap, .vector, .guestAddress, .size, .count, .index: "\(attributes.type)\(bits)"
      default: "\(attributes.type)"
      }
    guard attributes.type.isLeaf else { return name }
    return switch attributes.shape {
    case .one: name
    case .fixedArray: name + "[\(attributes.count)]"
    case .countedArray: name + "[<=\(attributes.count)]"
    }
  }
}

extension JSONDocument {
  /// The leaves of a file's section data; arrays of leaves element by element.
  func leaves(ofFile number: Int) throws -> [ShownLeaf] {
    func flat(_ nodes: [[String: Any]]) -> [[String: Any]] {
      nodes.flatMap { [$0] + flat($0["nodes"] as? [[String: Any]] ?? []) }
    }
    let file = try #require(files.indices.contains(number) ? files[number] : nil)
    let root = "/devices/\(RandomStream.device)/\(RandomStream.sectionName)/"
    var leaves: [ShownLeaf] = []
    for node in flat(file["nodes"] as? [[String: Any]] ?? []) {
      guard let path = node["path"] as? String, path.hasPrefix(root), !path.hasPrefix(root + "@"),
        let value = node["value"]
      else { continue }
      let type = try #require(node["type"] as? String, "\(path)")
      let kind = String(type.prefix { $0 != "[" })
      if let array = value as? [String: Any], let elements = array["elements"] as? [Any] {
        #expect(array["count"] as? String == "\(elements.count)", "\(path)")
        for (index, element) in elements.enumerated() {
          leaves.append(ShownLeaf(path: "\(path)[\(index)]", type: type, value: Self.text(element, kind)))
        }
      } else {
        leaves.append(ShownLeaf(path: path, type: type, value: Self.text(value, kind)))
      }
    }
    return leaves
  }

  /// A value in the form of ``ModelLeaf``; what is not written as the specification says stays as it is.
  private static func text(_ value: Any, _ type: String) -> String {
    if type == "bool" { return (value as? Bool).map { $0 ? "true" : "false" } ?? "\(value)" }
    if let octets = value as? [String: Any], let digits = octets["octets"] as? String,
      octets["count"] as? String == "\(digits.utf8.count / 2)"
    {
      return digits
    }
    guard let text = value as? String else { return "\(value)" }
    switch type {
    case "string": return text
    case "uuid": return text.replacing("-", with: "")
    case "mac": return text.replacing(":", with: "")
    case "pciAddress": return pciOctets(text) ?? text
    case "f32", "f64": return floatOctets(text, isWide: type == "f64") ?? text
    default: return integer(text) ?? text
    }
  }

  /// The decimal form of an integer in any of the radixes.
  private static func integer(_ text: String) -> String? {
    let magnitude = text.drop { $0 == "-" }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where magnitude.hasPrefix(prefix) {
      return UInt128(magnitude.dropFirst(2), radix: radix).map { (magnitude == text ? "" : "-") + "\($0)" }
    }
    return text.hasPrefix("-") ? Int128(text).map { "\($0)" } : UInt128(text).map { "\($0)" }
  }

  /// The octets in the stream, in hexadecimal, of `domain:bus:device.function`.
  private static func pciOctets(_ text: String) -> String? {
    let parts = text.split { $0 == ":" || $0 == "." }.compactMap { UInt32($0, radix: 16) }
    guard parts.count == 4, parts[2] < 32, parts[3] < 8 else { return nil }
    return hexadecimal(parts[0] << 16 | parts[1] << 8 | parts[2] << 3 | parts[3])
  }

  private static func floatOctets(_ text: String, isWide: Bool) -> String? {
    if text.hasPrefix("nan(0x"), let bits = UInt64(text.dropFirst(6).dropLast(), radix: 16) {
      return isWide ? hexadecimal(bits) : hexadecimal(UInt32(truncatingIfNeeded: bits))
    }
    return isWide ? Double(text).map { hexadecimal($0.bitPattern) } : Float(text).map { hexadecimal($0.bitPattern) }
  }

  private static func hexadecimal<Number: FixedWidthInteger>(_ number: Number) -> String {
    [UInt8].integer(number).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
