/// One thing to do while a section is mapped. Offsets count from the block that the steps are about.
///
/// Steps stand in the order in which they are done, those inside a group after the group's own. 72 octets, which is
/// what the memory formula counts; a layout pair has at most two for each entry of either.
///
/// Source: Specs/20-layouts.md section 6; memory: Specs/40-reader-rules.md section 3.
struct MappingStep: BitwiseCopyable {
  enum Kind: UInt8 {
    /// `count` octets of the block, of one field or of several side by side.
    case copy
    /// A field that both sides have.
    case pair
    /// A child that the stream's union may have, in the order of the stream.
    case choice
    /// The default, `count` times.
    case constant
    /// A group or counted octets without anything in the stream: `count` elements by the steps inside.
    case made
    /// Reports: a field of the stream that is skipped, one of the reader that is left alone, or not compared.
    case skip, leave, unverified
    /// What the layouts alone refuse.
    case refuse
  }

  var kind: Kind
  var shape = FieldShape.one
  var way = MappingWay.copy
  /// Structures around the field in the same block.
  var levels: UInt8 = 0
  /// A choice that is never taken, for the reason in `code`.
  var isRefused = false
  var code = StreamError.Code.missingField
  var streamEntry: UInt32 = 0
  var readerEntry: UInt32 = 0
  var source: UInt32 = 0
  /// Of a choice: position of the reader's child.
  var target: UInt32 = 0
  /// Octets of one element in the block.
  var sourceWidth: UInt32 = 0
  var targetWidth: UInt32 = 0
  var count: UInt32 = 0
  /// Which of the positions in the stream's variable part the field has; ``none`` without one.
  var slot = MappingStep.none
  /// Steps inside, which follow.
  var inner: UInt32 = 0
  /// Octets of the block of the part that an element has.
  var sourcePart: UInt32 = 0
  var targetPart: UInt32 = 0
  /// Positions that the fields inside one element have in the stream's variable part.
  var slots: UInt32 = 0
  /// A refusal's expected and found; the default; least and most elements; symbols that the two sides do not share.
  var first: UInt64 = 0
  var second: UInt64 = 0

  static var none: UInt32 { UInt32.max }

  init(_ kind: Kind) { self.kind = kind }
}

/// How a value gets from the stream's field to the reader's.
enum MappingWay: UInt8 {
  case copy
  case unsigned, signed
  case float
  case enumeration, flags
  case counted
  case structure, optional, union, list
}
