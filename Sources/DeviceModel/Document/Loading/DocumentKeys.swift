/// The keys of each kind of object, in the order of the chapter's tables, which is that of the canonical text.
///
/// Source: Specs/device-models.md.
package enum DocumentKeys {
  /// Every key of a document, once.
  package static let all = Array(
    Set(
      document + parameter + requirement + term + number + alias + section + subsection + field + symbol + layout + rule
        + region + byteString + external + historyEntry + operation)
  ).sorted()

  static let document = [
    "$schema", "format_version", "model", "description", "version", "min_version", "apply", "clock", "params",
    "versions", "sections", "layouts", "regions", "byte_string", "externals", "history",
  ]
  static let parameter = [
    "type", "init_value", "off_value", "allowed_values", "affects", "requires", "description",
  ]
  static let requirement = ["values", "param", "allowed_values"]
  static let term = ["param", "value", "values"]
  static let number = ["param", "times", "plus"]
  static let alias = ["params", "description"]
  static let section = [
    "name", "description", "since", "mark", "enabled_by", "cardinality", "max_count", "key", "after", "class", "layout",
    "fields", "rules", "subsections",
  ]
  static let subsection = [
    "name", "description", "since", "mark", "enabled_by", "target", "condition", "when", "class", "layout", "fields",
    "rules", "subsections",
  ]
  static let field = [
    "name", "type", "count", "max_count", "fields", "elements", "class", "verify", "mark", "since", "until",
    "enabled_by", "default", "range", "unit", "radix", "alignment", "clock", "secret", "symbols", "open", "aliases",
    "ref", "unique", "in", "none", "acyclic", "above", "rules", "description",
  ]
  static let symbol = ["value", "name", "since", "enabled_by", "description"]
  static let layout = ["description", "layout", "fields", "rules"]
  static let rule = ["name", "when", "then", "description"]
  static let region = [
    "name", "size", "page_size", "shared", "read_only", "opaque", "enabled_by", "description",
  ]
  static let byteString = ["description", "enabled_by"]
  static let external = ["name", "class", "on_arrival", "description", "field", "param"]
  static let historyEntry = ["version", "description", "undo"]
  static let operation = ["op", "path", "value", "before"]
}
