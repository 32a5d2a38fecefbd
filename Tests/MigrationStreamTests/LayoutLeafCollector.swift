import MigrationStream
import StreamTestKit

/// Collects leaves by visiting, to compare with what a model says they are.
struct LeafCollector: FieldVisitor {
  var leaves: [ModelLeaf] = []
  /// Path of the groups, lists and elements that the walk is inside of.
  private var paths: [(path: String, isArray: Bool)] = [("", false)]

  private func path(_ place: FieldPlace, _ layout: LayoutView) -> String {
    let parent = paths[paths.count - 1]
    // Inside an array or list its own path is on top.
    if parent.isArray, let element = place.element { return "\(parent.path)[\(element)]" }
    let name = String(decoding: array(layout.name(of: place.number)), as: UTF8.self)
    return parent.path.isEmpty ? name : "\(parent.path).\(name)"
  }

  mutating func value(_ octets: RawSpan, at place: FieldPlace, of layout: LayoutView) {
    let type = layout.entries[place.number].type
    guard type != .padding else { return }
    leaves.append(ModelLeaf(path: path(place, layout), value: ModelLeaf.text(array(octets), as: type)))
  }

  mutating func values(_ octets: RawSpan, count: Int, at place: FieldPlace, of layout: LayoutView) {
    let entry = layout.entries[place.number]
    guard entry.type != .padding else { return }
    let path = path(place, layout)
    for index in 0..<count {
      let start = index * Int(entry.width)
      let element = array(octets.extracting(start..<(start + Int(entry.width))))
      leaves.append(ModelLeaf(path: "\(path)[\(index)]", value: ModelLeaf.text(element, as: entry.type)))
    }
  }

  mutating func beginArray(count: Int, at place: FieldPlace, of layout: LayoutView) {
    paths.append((path(place, layout), true))
  }

  mutating func endArray(at place: FieldPlace, of layout: LayoutView) { paths.removeLast() }

  mutating func enter(_ place: FieldPlace, of layout: LayoutView) {
    paths.append((path(place, layout), false))
  }

  mutating func enterElement(
    _ place: FieldPlace, of layout: LayoutView, element: LayoutView, number: UInt32
  ) { paths.append((path(place, layout), false)) }

  mutating func leave(_ place: FieldPlace, of layout: LayoutView) { paths.removeLast() }
}

func array(_ octets: RawSpan) -> [UInt8] { octets.byteOffsets.map { octets.octet(at: $0) } }
