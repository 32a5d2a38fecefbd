import MigrationStream
import ReferenceReader

/// Collects where the values of section data lie, as the codec's walk of it meets them.
struct ValuePlaces: FieldVisitor {
  struct Place: Equatable {
    var layout: Int
    var field: Int
    var octets: Range<Int>
  }

  private(set) var places: [Place] = []

  mutating func value(_ octets: RawSpan, at place: FieldPlace, of layout: LayoutView) {
    add(place, 0, octets.byteCount)
  }

  mutating func values(_ octets: RawSpan, count: Int, at place: FieldPlace, of layout: LayoutView) {
    let width = count == 0 ? 0 : octets.byteCount / count
    for element in 0..<count { add(place, element * width, width) }
  }

  private mutating func add(_ place: FieldPlace, _ start: Int, _ count: Int) {
    let first = Int(place.offset) + start
    places.append(Place(layout: Int(place.layout), field: place.number, octets: first..<(first + count)))
  }
}

extension ValuePlaces {
  /// The same of the reference reader: values only, no groups.
  static func places(_ reference: ReferenceReader) -> [Place] {
    var places: [Place] = []
    for value in reference.values where value.field >= 0 {
      let type = reference.layouts[value.layout].fields[value.field].type
      guard !type.isGroupOrList else { continue }
      places.append(Place(layout: value.layout, field: value.field, octets: value.octets))
    }
    return places
  }

  /// Walks the data of every section of a right stream.
  static func walk(_ stream: [UInt8]) throws(StreamError) -> [Place] {
    var visitor = ValuePlaces()
    var decoder = try PullDecoder(stream.span.octets)
    while true {
      var copy: CopiedRecord?
      if let item = try decoder.next() { copy = CopiedRecord(item) }
      guard let record = copy else { break }
      guard record.header.kind == RecordKind.section.rawValue else { continue }
      let head = SectionHead(record.body.span.octets)
      let start = record.offset + UInt64(RecordHeader.byteCount + SectionHead.byteCount)
      let walker = SectionWalker(
        head.data(in: record.body.span.octets), at: start, layouts: decoder.state.layouts.table, limits: StreamLimits())
      try walker.walk(layout: head.layout, visitor: &visitor)
    }
    return visitor.places
  }
}
