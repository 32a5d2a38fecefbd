internal import CMigStream
internal import MigrationStream

/// What is done for one field of a table, or for a run of fields, when a struct is saved or loaded.
///
/// Steps stand in the order of the stream; those of what lies inside of a field follow it. Fields that lie side by side
/// in the stream and in memory, with the same octets, are one step.
///
/// ```
///   struct  |mode |mac        |..|num  |filters ...      stream  |mode |mac        |number |  |filters ...
///            run 8             |  counted 4, 8 octets each        block             |       |  variable part
/// ```
struct FieldStep: BitwiseCopyable {
  enum Kind: UInt8 {
    /// `size` octets of memory are as many of the block.
    case run
    /// `size` zero octets of the block.
    case blank
    /// `count` elements; what is in one follows.
    case array
    /// As many elements as a number says; what is in one follows, nothing where ``isBulk``.
    case counted
    /// As many octets as a number says.
    case octets
    /// What is inside follows, where a bool says so.
    case optional
    /// A ``child`` for each choice follows.
    case union
    case child
    /// Elements that name their layout.
    case list
  }

  let kind: Kind
  /// The elements are behind a pointer.
  var isAway = false
  /// The octets of all elements are those of the stream.
  var isBulk = false
  /// Configuration: saved, and not loaded.
  var isVerified = false
  /// Octets from the start of the struct at hand to the member, and to its number, bool or choice.
  var offset: UInt32 = 0
  var number: UInt32 = 0
  /// Elements, or the most that there may be; of a list, how many element layouts it has.
  var count: UInt32 = 0
  /// Octets in the block: of a run, of one element, of what is inside.
  var size: UInt32 = 0
  /// Octets from one element to the next in memory; 0: there is no memory.
  var stride: UInt32 = 0
  /// Of a list: octets before the union in an element, and the first of its element layouts.
  var inner: UInt32 = 0
  var first: UInt32 = 0
  /// The step after what is inside.
  var end: UInt32 = 0

  init(_ kind: Kind) { self.kind = kind }
}

/// The steps of a layout.
struct StepRange: BitwiseCopyable {
  var start: Int
  var end: Int
  /// Octets of the layout's block.
  var blockByteCount: Int
}

/// Text of a table: as many octets as a name may have, and one more, by which a reader knows that it is too long.
///
/// Safe: the caller's tables live longer than what was made of them.
func tableText(_ text: UnsafePointer<CChar>?) -> UnsafeRawBufferPointer {
  guard let text = unsafe text else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
  var count = 0
  while count < 256, unsafe text[count] != 0 { count += 1 }
  return unsafe UnsafeRawBufferPointer(start: text, count: count)
}
