/// Names of the format's flag bits, by position.
///
/// Source: Specs/10-stream-format.md sections 2, 3.2 and 4.
enum FlagNames {
  static let mandatory = [
    "singleDevice", "channels", "passes", "zstd", "externalLayouts", "opaqueMemory", "postCopy",
  ]
  static let optional = ["indexed", "canonical"]
  static let record = [
    "required", "skippable", "replaces", "", "", "", "", "", "initialDataEnd", "last", "unitFirst", "unitLast",
  ]
  static let region = ["shared", "readOnly", "opaque"]

  /// The names of the bits that are set.
  static func text(_ value: UInt64, _ names: [String], from first: Int = 0) -> String {
    names.indices.dropFirst(first).filter { value >> UInt64($0) & 1 == 1 }.map { names[$0] }
      .joined(separator: " | ")
  }
}
