/// A subsection with the ones nested in it.
///
/// Source: Specs/10-stream-format.md section 6.1.
public struct RawSubsection: Sendable {
  public var position: UInt16
  public var layout: UInt32 = 0
  /// Steps of the target path: field number and element.
  public var target: [(field: UInt32, element: UInt32)] = []
  public var data: [UInt8]
  public var nested: [RawSubsection] = []
  /// Octets behind the nested subsections, counted by len_subsection.
  public var extra: [UInt8] = []

  public init(
    _ position: UInt16, target: [(field: UInt32, element: UInt32)] = [], data: [UInt8],
    _ nested: [RawSubsection] = [], _ change: (inout RawSubsection) -> Void = { _ in }
  ) {
    self.position = position
    self.target = target
    self.data = data
    self.nested = nested
    change(&self)
  }

  var octets: [UInt8] {
    var rest: [UInt8] = .joined(.u16(position), .u16(UInt16(nested.count)), .u32(layout))
    rest.put(.u16(UInt16(target.count)), .u16(0), .u64(UInt64(data.count)))
    for step in target { rest.put(.u32(step.field), .u32(step.element)) }
    rest.put(data, nested.flatMap(\.octets), extra)
    return .joined(.u32(UInt32(rest.count + 4)), rest)
  }
}

/// A SECTION record.
///
/// Source: Specs/10-stream-format.md section 6.
public struct RawSection: Sendable {
  public var device: UInt32 = 0
  public var position: UInt16 = 0
  public var flags: UInt16 = RawFlag.required
  public var layout: UInt32 = 0
  public var pass: UInt32 = 0
  public var data: [UInt8]
  public var subsections: [RawSubsection]
  /// Octets behind the last subsection.
  public var extra: [UInt8] = []

  public init(
    data: [UInt8], _ subsections: [RawSubsection] = [], _ change: (inout RawSection) -> Void = { _ in }
  ) {
    self.data = data
    self.subsections = subsections
    change(&self)
  }

  public var record: RawRecord {
    var body: [UInt8] = .joined(.u16(position), .u16(UInt16(subsections.count)), .u32(layout))
    body.put(.u32(pass), .u32(0), .u64(UInt64(data.count)))
    body.put(data, subsections.flatMap(\.octets), extra)
    return RawRecord(RawKind.section, flags: flags, device: device, body: body)
  }
}
