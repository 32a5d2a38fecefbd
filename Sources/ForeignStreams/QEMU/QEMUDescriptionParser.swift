/// Turns the JSON text of a description into a ``QEMUDescription``.
///
/// Unknown keys are stepped over. A key given twice has its last value, as in QEMU's script, except that each
/// `vmsd_name` inside a field begins the next element of a list.
struct QEMUDescriptionParser {
  private static let nameOctetsMax = 1_023

  private var scanner: JSONScanner
  private var result = QEMUDescription()
  private let limits: ForeignLimits
  /// Kinds of the type names met, so that each name is compared once.
  private var kinds: [[UInt8]: (PooledName, DescribedKind)] = [:]

  private init(_ text: [UInt8], at base: Int, limits: ForeignLimits) {
    scanner = JSONScanner(text, at: base)
    self.limits = limits
  }

  /// Reads the description that `text` begins with, and says by ``QEMUDescription/octetCount`` where it ends.
  ///
  /// - Parameter base: Where `text` begins in the stream.
  static func parse(
    _ text: [UInt8], at base: Int, limits: ForeignLimits
  ) throws(ForeignError) -> QEMUDescription {
    var parser = QEMUDescriptionParser(text, at: base, limits: limits)
    try parser.readTop()
    parser.result.octetCount = parser.scanner.position
    return parser.result
  }

  private mutating func readTop() throws(ForeignError) {
    try scanner.expect(UInt8(ascii: "{"))
    var isFirst = true
    var devices: [DescribedStruct]?
    while try scanner.hasNext(until: UInt8(ascii: "}"), &isFirst) {
      try scanner.readKey()
      switch String(decoding: scanner.string, as: UTF8.self) {
      case "page_size": result.pageSize = try readPageSize()
      case "configuration":
        let number = try append([try readStruct(depth: 0)])
        result.configuration = number.lowerBound
      case "devices": devices = try readStructs(depth: 0)
      default: try scanner.skipValue()
      }
    }
    guard let devices else { throw scanner.failure() }
    result.devices = Array(try append(devices))
  }

  private mutating func readPageSize() throws(ForeignError) -> Int {
    let value = try scanner.readInteger()
    let isPowerOfTwo = value > 0 && value & (value - 1) == 0
    guard isPowerOfTwo, QEMUFormat.pageSizes.contains(Int(value)) else {
      throw scanner.failure(expected: 4_096, found: UInt64(bitPattern: value))
    }
    return Int(value)
  }

  /// Numbers for structs that follow each other.
  private mutating func append(_ structs: [DescribedStruct]) throws(ForeignError) -> Range<Int32> {
    let start = result.structs.count
    try checkCount(start + structs.count)
    result.structs += structs
    return Int32(start)..<Int32(start + structs.count)
  }

  private func checkCount(_ count: Int) throws(ForeignError) {
    guard count <= limits.describedFields else {
      throw scanner.failure(
        .limitExceeded, expected: UInt64(limits.describedFields), found: UInt64(count))
    }
  }

  private mutating func readStructs(depth: Int) throws(ForeignError) -> [DescribedStruct] {
    try scanner.expect(UInt8(ascii: "["))
    var structs: [DescribedStruct] = []
    var isFirst = true
    while try scanner.hasNext(until: UInt8(ascii: "]"), &isFirst) {
      try checkCount(result.structs.count + structs.count + 1)
      structs.append(try readStruct(depth: depth))
    }
    return structs
  }

  private mutating func readStruct(depth: Int) throws(ForeignError) -> DescribedStruct {
    guard depth < limits.nesting else {
      throw scanner.failure(
        .limitExceeded, expected: UInt64(limits.nesting), found: UInt64(depth + 1))
    }
    try scanner.expect(UInt8(ascii: "{"))
    var value = DescribedStruct()
    var isFirst = true
    while try scanner.hasNext(until: UInt8(ascii: "}"), &isFirst) {
      try scanner.readKey()
      switch String(decoding: scanner.string, as: UTF8.self) {
      case "name": value.deviceName = try readName()
      case "instance_id":
        // QEMU writes the identifier as a signed 32-bit number in some releases and unsigned in others.
        value.instance = UInt32(truncatingIfNeeded: try scanner.readInteger())
      default: try readStructMember(of: &value, depth: depth)
      }
    }
    return finish(value)
  }

  /// The value of the key just read, where it belongs to a struct; other keys are stepped over.
  private mutating func readStructMember(
    of value: inout DescribedStruct, depth: Int
  ) throws(ForeignError) {
    switch String(decoding: scanner.string, as: UTF8.self) {
    case "vmsd_name": value.name = try readName()
    case "version": value.version = UInt32(truncatingIfNeeded: try scanner.readInteger())
    case "fields":
      value.fields = try readFields(depth: depth)
      value.hasFields = true
    case "subsections": value.subsections = try append(try readStructs(depth: depth + 1))
    default: try scanner.skipValue()
    }
  }

  private mutating func readFields(depth: Int) throws(ForeignError) -> Range<Int32> {
    try scanner.expect(UInt8(ascii: "["))
    var fields: [DescribedField] = []
    var isFirst = true
    while try scanner.hasNext(until: UInt8(ascii: "]"), &isFirst) {
      try checkCount(result.fields.count + fields.count + 1)
      fields.append(try readField(depth: depth))
    }
    let start = result.fields.count
    try checkCount(start + fields.count)
    result.fields += fields
    return Int32(start)..<Int32(start + fields.count)
  }

  private mutating func readField(depth: Int) throws(ForeignError) -> DescribedField {
    try scanner.expect(UInt8(ascii: "{"))
    var field = DescribedField()
    var elements: [DescribedStruct] = []
    var hasName = false
    var hasType = false
    var hasSize = false
    var isFirst = true
    while try scanner.hasNext(until: UInt8(ascii: "}"), &isFirst) {
      try scanner.readKey()
      switch String(decoding: scanner.string, as: UTF8.self) {
      case "name":
        field.name = try readName()
        hasName = true
      case "type":
        (field.typeName, field.kind) = try readType()
        hasType = true
      case "size":
        field.size = try readCount()
        hasSize = true
      case "array_len": field.arrayCount = try readCount()
      case "index": field.index = try readCount()
      case "struct":
        elements = [try readStruct(depth: depth + 1)]
      case "vmsd_name":
        guard depth + 1 < limits.nesting else {
          throw scanner.failure(
            .limitExceeded, expected: UInt64(limits.nesting), found: UInt64(depth + 2))
        }
        try checkCount(result.structs.count + elements.count + 1)
        elements.append(DescribedStruct(name: try readName()))
      default:
        if elements.isEmpty {
          try scanner.skipValue()
        } else {
          try readStructMember(of: &elements[elements.count - 1], depth: depth + 1)
        }
      }
    }
    guard hasName, hasType, hasSize else { throw scanner.failure() }
    for number in elements.indices { elements[number] = finish(elements[number]) }
    field.structs = try append(elements)
    return try finish(field)
  }

  private mutating func readCount() throws(ForeignError) -> Int {
    let value = try scanner.readInteger()
    guard value >= 0, value <= Int64(Int32.max) else {
      throw scanner.failure(expected: UInt64(Int32.max), found: UInt64(bitPattern: value))
    }
    return Int(value)
  }

  private mutating func readName() throws(ForeignError) -> PooledName {
    try scanner.readString()
    return try pool(scanner.string)
  }

  private mutating func pool(_ octets: [UInt8]) throws(ForeignError) -> PooledName {
    guard octets.count <= Self.nameOctetsMax else {
      throw scanner.failure(
        .limitExceeded, expected: UInt64(Self.nameOctetsMax), found: UInt64(octets.count))
    }
    let isPlain = octets.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }
    let name = PooledName(
      start: Int32(result.names.count), count: Int32(octets.count), isPlain: isPlain)
    result.names += octets
    return name
  }

  private mutating func readType() throws(ForeignError) -> (PooledName, DescribedKind) {
    try scanner.readString()
    if let known = kinds[scanner.string] { return known }
    let kind = DescribedKind(typeName: String(decoding: scanner.string, as: UTF8.self))
    let entry = (try pool(scanner.string), kind)
    kinds[scanner.string] = entry
    return entry
  }
}

extension QEMUDescriptionParser {
  /// Fills in what follows from a field's members.
  private func finish(_ field: DescribedField) throws(ForeignError) -> DescribedField {
    var field = field
    var elementLength: Int? = field.size
    switch field.kind {
    case .structure:
      if let number = field.structs.first {
        let described = result.structs[Int(number)]
        if !described.hasFields, field.size == 1 {
          field.kind = .nullPointer
        } else {
          elementLength = described.fixedLength
        }
      } else {
        field.kind = .custom
      }
    case .capability: elementLength = nil
    case .bool, .signed, .unsigned:
      if field.size < 1 || field.size > 8 { field.kind = .custom }
    case .nullPointer:
      if field.size != 1 { field.kind = .custom }
    default: break
    }
    // Null pointers are walked, never skipped: an element that is not null is a known untruth of older releases.
    if field.kind == .nullPointer { elementLength = nil }
    if let elementLength {
      let (length, overflow) = elementLength.multipliedReportingOverflow(by: field.elementCount)
      guard !overflow else { throw scanner.failure(.limitExceeded) }
      field.fixedLength = length
    }
    return field
  }

  /// Fills in what follows from a struct's fields.
  private func finish(_ value: DescribedStruct) -> DescribedStruct {
    var value = value
    var length: Int? = value.subsections.isEmpty ? 0 : nil
    var seen: Set<Int> = []
    var previous: PooledName?
    for number in value.fields {
      let field = result.fields[Int(number)]
      if let known = length, let more = field.fixedLength {
        let (sum, overflow) = known.addingReportingOverflow(more)
        length = overflow ? nil : sum
      } else {
        length = nil
      }
      if let previous, result.isSame(previous, field.name) { continue }
      previous = field.name
      // Equal hashes of different names cost the slower way of printing, nothing else.
      if !seen.insert(result.names[field.name.range].hashValue).inserted {
        value.isScattered = true
      }
    }
    value.fixedLength = length
    return value
  }
}
