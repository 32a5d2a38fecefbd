import MigrationStream
import ReferenceReader

/// The sections of an accepted stream with what lies in them, by names: comparable between streams of the same devices.
///
/// Read by the reference reader, so that nothing here depends on the codec. Of sections that came more than once, in
/// passes, the last one counts.
struct SectionContents {
  /// A section or subsection.
  struct Piece {
    var name: [UInt8]
    var layout: Int
    var data: Range<Int>
    /// Steps of its target.
    var target: [UInt8] = []
    var subsections: [Piece] = []
  }

  /// Of one device: its sections in announced order; nil: it was announced and did not come.
  struct Device {
    var path: [UInt8]
    var sections: [Piece?]
    /// Names of its sections and subsections.
    var sectionNames: [[UInt8]]
    var subsectionNames: [[UInt8]]
  }

  let octets: [UInt8]
  private(set) var devices: [Device] = []
  private let layouts: [ReferenceLayout]

  /// - Returns: nil for a stream that is refused.
  init?(_ octets: [UInt8]) {
    var reader = ReferenceReader()
    guard reader.read(octets) == nil else { return nil }
    self.octets = octets
    layouts = reader.layouts
    devices = reader.manifest.devices.map { device in
      Device(
        path: Array(octets[device.path]), sections: device.sections.map { _ in nil },
        sectionNames: device.sections.map { Array(octets[$0.name]) },
        subsectionNames: device.subsections.map { Array(octets[$0.name]) })
    }
    for record in reader.records where record.kind == RecordKind.section.rawValue {
      let (device, body) = (Int(record.device), record.body)
      let section = Int(number(body.lowerBound, 2))
      devices[device].sections[section] = piece(
        devices[device].sectionNames[section], head: body.lowerBound, layoutAt: 4, nestedAt: 2,
        dataAt: SectionHead.byteCount, end: body.upperBound, device)
    }
  }

  private func number(_ position: Int, _ width: Int) -> UInt64 {
    (0..<width).reduce(0) { $0 | UInt64(octets[position + $1]) << UInt64(8 * $1) }
  }

  /// Chapter 10 sections 6 and 6.1: a head whose data length lies in its octets 16 to 23; the reader has judged it.
  private func piece(
    _ name: [UInt8], head: Int, layoutAt: Int, nestedAt: Int, dataAt: Int, end: Int, _ device: Int
  ) -> Piece {
    let start = head + dataAt
    let dataEnd = start + Int(number(head + 16, 8))
    var made = Piece(name: name, layout: Int(number(head + layoutAt, 4)), data: start..<dataEnd)
    made.target = Array(octets[(head + 24)..<start])
    var place = dataEnd
    for _ in 0..<number(head + nestedAt, 2) {
      let next = place + Int(number(place, 4))
      made.subsections.append(
        piece(
          devices[device].subsectionNames[Int(number(place + 4, 2))], head: place, layoutAt: 8, nestedAt: 6,
          dataAt: 24 + 8 * Int(number(place + 12, 2)), end: next, device))
      place = next
    }
    return made
  }

  /// The canonical octets of a layout; nil when data by it cannot be compared octet by octet: elements of lists have
  /// numbers of layouts, which streams count each for itself, and an external layout is not known.
  private func comparable(_ layout: Int) -> ArraySlice<UInt8>? {
    guard !layouts[layout].isExternal, !layouts[layout].fields.contains(where: { $0.type == .list }) else { return nil }
    return layouts[layout].octets[layouts[layout].canonical]
  }

  // MARK: Comparing

  /// What of these contents `given` lacks or has otherwise: pieces that both streams name, in the same layout.
  ///
  /// - Returns: nil: nothing.
  func missing(in given: SectionContents) -> String? {
    for device in devices {
      guard let other = given.devices.first(where: { $0.path == device.path }) else { continue }
      for (place, section) in device.sections.enumerated() {
        guard let section else { continue }
        // The instance: how many of that name came before.
        let instance = device.sectionNames[..<place].count { $0 == section.name }
        let twins = other.sectionNames.indices.filter { other.sectionNames[$0] == section.name }
        guard !twins.isEmpty else { continue }
        guard instance < twins.count, let twin = other.sections[twins[instance]] else {
          return "section \(Self.text(section.name)), instance \(instance), is not given"
        }
        if let found = difference(section, twin, given, other.subsectionNames) { return found }
      }
    }
    return nil
  }

  private func difference(
    _ piece: Piece, _ twin: Piece, _ given: SectionContents, _ known: [[UInt8]]
  ) -> String? {
    if let layout = comparable(piece.layout), layout == given.comparable(twin.layout),
      octets[piece.data] != given.octets[twin.data]
    {
      let place = zip(octets[piece.data], given.octets[twin.data]).enumerated().first { $1.0 != $1.1 }?.offset
      return "\(Self.text(piece.name)) is given otherwise from octet \(place ?? min(piece.data.count, twin.data.count)) on"
    }
    for subsection in piece.subsections where known.contains(subsection.name) {
      let inner = twin.subsections.first { $0.name == subsection.name && $0.target == subsection.target }
      guard let inner else { return "\(Self.text(subsection.name)) came in \(Self.text(piece.name)) and is not given there" }
      if let found = difference(subsection, inner, given, known) { return found }
    }
    return nil
  }

  private static func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }
}
