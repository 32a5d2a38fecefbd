import MigrationStream

/// What a mutation broke: values only, text is made when it is asked for.
public struct MutationNote: Sendable {
  public var mutation: Mutation
  /// Number of the record in the stream that was changed, from 0; nil: the preamble, or the stream as a whole.
  public var record: Int?
  public var kind: UInt16 = 0
  public var field = FieldLabel()
  /// Octets from the start of the result to what was changed.
  public var offset = 0
  /// Octets of the field; 0: none, or more than a number has.
  public var width = 0
  public var old: UInt64 = 0
  public var new: UInt64 = 0
  /// What was repaired behind it.
  public var repair: Repair = .none

  public enum Repair: UInt8, Sendable { case none, framing, all }

  init(_ mutation: Mutation, record: Int? = nil) {
    self.mutation = mutation
    self.record = record
  }
}

/// Where a field stands in its record.
public struct FieldLabel: Sendable {
  /// `extents`, `len_data`; empty: no field.
  public var name: StaticString = ""
  /// Position in a list.
  public var element: Int?
  /// Of section data: entry of the layout, and number of the record that brings the layout.
  public var entry: Int?
  public var layoutRecord: Int?

  init() {}
  init(_ name: StaticString, _ element: Int? = nil) {
    self.name = name
    self.element = element
  }
}
