import ForeignStreams
import MigrationStream
import StreamReport

/// The fields of a QEMU struct as one of our layouts with its data.
///
/// QEMU's descriptions have fixed lengths once a stream is there, so everything lies in the block and the data is the
/// values one after the other, little-endian. Lists become structures with a field for each element. Structs nested
/// deeper than a layout may nest are kept as octets.
struct QEMULayout {
  /// A subsection and the part it belongs to.
  struct Placed {
    var subsection: QEMUSubsection
    var target: [TargetStep]
  }

  private(set) var canonical: [UInt8] = []
  private(set) var data: [UInt8] = []
  /// In the order in which a walk meets the parts.
  private(set) var subsections: [Placed] = []
  private let stream: QEMUStream
  private var steps: [TargetStep] = []

  /// Octets of one section's data, as much as a record body may hold.
  private static let dataByteCountMax = 16_000_000
  private static let nestingMax = 8
  private static let nameByteCountMax = 200

  init(
    _ name: String, _ children: [QEMUNode], _ subsections: [QEMUSubsection], of stream: QEMUStream
  ) throws {
    self.stream = stream
    var builder = LayoutBuilder()
    let title = try Self.name(name).utf8Copy()
    try builder.begin(name: title.bytes)
    self.subsections = subsections.map { Placed(subsection: $0, target: []) }
    try add(children, to: &builder)
    if data.isEmpty { try addMarker(to: &builder) }
    try builder.finish()
    canonical = [UInt8](copying: builder.canonical)
    data += [UInt8](repeating: 0, count: -data.count & 7)
  }

  /// A layout has a field at least: a section without any gets an octet of bytes.
  private mutating func addMarker(to builder: inout LayoutBuilder) throws {
    let name = try "empty".utf8Copy()
    try builder.field(FieldAttributes(.bytes, width: 1), name: name.bytes)
    data.append(0)
  }

  /// A text that our format allows as a name.
  static func name(_ text: String) -> String {
    let visible = text.visible(keeping: "\"\\")
    let name = visible.isEmpty ? "unnamed" : visible
    return name.utf8.count <= nameByteCountMax
      ? name : String(decoding: name.utf8.prefix(nameByteCountMax), as: UTF8.self)
  }

  private mutating func add(_ nodes: [QEMUNode], to builder: inout LayoutBuilder) throws {
    var used: [String: Int] = [:]
    for node in nodes where node.sourceLength > 0 {
      let plain = Self.name(node.index.map { "\(node.name)[\($0)]" } ?? node.name)
      let count = used[plain, default: 0]
      used[plain] = count + 1
      // Siblings differ in name; QEMU repeats some, `unused` for instance.
      let name = try (count == 0 ? plain : "\(plain)#\(count + 1)").utf8Copy()
      try add(node, name: name, to: &builder)
    }
  }

  private mutating func add(
    _ node: QEMUNode, name: borrowing OwnedBytes, to builder: inout LayoutBuilder
  ) throws {
    let isGroup = node.shape != .single && !node.isArray && !node.children.isEmpty
    guard isGroup, steps.count < Self.nestingMax else { return try addLeaf(node, name: name, to: &builder) }
    var attributes = FieldAttributes(.structure)
    if case .structArray(let count) = node.shape {
      (attributes.shape, attributes.count) = (.fixedArray, UInt32(clamping: count))
    }
    try builder.beginGroup(attributes, name: name.bytes)
    steps.append(TargetStep(field: builder.lastField, element: 0))
    subsections += node.subsections.map { Placed(subsection: $0, target: steps) }
    let before = data.count
    try add(node.children, to: &builder)
    if data.count == before { try addMarker(to: &builder) }
    if case .structArray(let count) = node.shape, count > 1 {
      for element in 1..<count {
        try appendValues(of: node.children, displacement: UInt64(element) * UInt64(node.width))
        if data.count == before + element { data.append(0) }
      }
    }
    steps.removeLast()
    try builder.endGroup()
  }

  /// The values of further elements of an array of structs.
  private mutating func appendValues(of nodes: [QEMUNode], displacement: UInt64) throws {
    for node in nodes where node.sourceLength > 0 {
      switch node.shape {
      case .single, .array: try append(node, displacement: displacement)
      case .structure, .list: try appendValues(of: node.children, displacement: displacement)
      case .structArray(let count):
        for element in 0..<count {
          try appendValues(of: node.children, displacement: displacement + UInt64(element) * UInt64(node.width))
        }
      }
    }
  }

  private mutating func append(_ node: QEMUNode, displacement: UInt64) throws {
    guard data.count + Int(clamping: node.sourceLength) <= Self.dataByteCountMax else {
      throw StreamError(
        .limitExceeded, .section, at: node.sourceOffset, expected: UInt64(Self.dataByteCountMax),
        found: node.sourceLength)
    }
    data += try stream.littleEndianOctets(of: node, displacement: displacement)
  }

  private mutating func addLeaf(
    _ node: QEMUNode, name: borrowing OwnedBytes, to builder: inout LayoutBuilder
  ) throws {
    let count = node.isArray ? node.elementCount : 1
    var attributes = Self.attributes(node)
    if node.shape != .single && !node.isArray {
      // A struct that nests too deep, or that nothing is known about.
      var octets = node
      (octets.type, octets.shape, octets.width) = (.bytes, .single, Int(clamping: node.sourceLength))
      attributes = FieldAttributes(.bytes, width: UInt32(clamping: node.sourceLength))
      try builder.field(attributes, name: name.bytes)
      return try append(octets, displacement: 0)
    }
    if count > 1 { (attributes.shape, attributes.count) = (.fixedArray, UInt32(clamping: count)) }
    try builder.field(attributes, name: name.bytes)
    try append(node, displacement: 0)
  }

  private static func attributes(_ node: QEMUNode) -> FieldAttributes {
    let width = UInt32(clamping: node.width)
    switch node.type {
    case .bool: return FieldAttributes(.bool, width: 1)
    case .u8, .u16, .u32, .u64: return FieldAttributes(.unsigned, width: width)
    case .i8, .i16, .i32, .i64: return FieldAttributes(.signed, width: width)
    case .f64: return FieldAttributes(.float, width: 8)
    case .timer:
      var attributes = FieldAttributes(.instant, width: 8)
      attributes.clock = ClockDomain.virtual.rawValue
      return attributes
    case .bitmap where node.width % 8 == 0: return FieldAttributes(.bitmap, width: width)
    case .fileDescriptor where node.width == 4: return FieldAttributes(.unsigned, width: 4)
    case .bitmap, .bytes, .text, .nullPointer, .fileDescriptor, .structure, .list:
      return FieldAttributes(.bytes, width: width)
    }
  }
}

extension QEMUNode {
  var isArray: Bool {
    if case .array = shape { true } else { false }
  }
}

extension Array where Element == UInt8 {
  init(copying octets: RawSpan) {
    self = []
    reserveCapacity(octets.byteCount)
    for index in octets.byteOffsets { append(octets.octet(at: index)) }
  }
}
