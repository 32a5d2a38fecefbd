import StreamMutation
import StreamTestKit

/// An input of FuzzRules: parts of a fixed length, so that a change of one leaves what the others say as it is.
///
/// ```
///   layouts | changes | table | rules | device | data of each section that is sent ...
/// ```
///
/// Octets that are missing are zero; every octet string is a program.
struct RulesProgram {
  enum Part: Int, CaseIterable {
    /// Three layouts of the reader.
    case layouts
    /// What is different in those of the stream.
    case changes
    /// Sections and subsections.
    case table
    /// Field rules, one after the other.
    case rules
    /// What the device announces, and which sections are sent.
    case device
    /// Local values, then one piece for each section that is sent.
    case data
  }

  /// Octets of a piece, and pieces, of each part.
  private static let sizes: [(octets: Int, pieces: Int)] = [(24, 3), (4, 4), (10, 7), (12, 6), (8, 5), (40, 9)]
  static let byteCount = sizes.reduce(0) { $0 + $1.octets * $1.pieces }

  let octets: [UInt8]

  /// The choices of one piece of a part.
  func choices(_ part: Part, _ piece: Int) -> SeededGenerator {
    let range = Self.range(part, piece)
    let (start, end) = (min(range.lowerBound, octets.count), min(range.upperBound, octets.count))
    return SeededGenerator(choices: Array(octets[start..<end]))
  }

  /// What decides which relations are judged: the last octet of all.
  var sample: UInt8 { octets.count > Self.byteCount ? octets[Self.byteCount] : 0 }

  private static func range(_ part: Part, _ piece: Int) -> Range<Int> {
    let (octets, pieces) = sizes[part.rawValue]
    let start = sizes[..<part.rawValue].reduce(0) { $0 + $1.octets * $1.pieces } + piece % pieces * octets
    return start..<(start + octets)
  }

  // MARK: Mutation

  /// One or two choices of one piece, mostly by a step or to what another is; or a whole piece becomes another one.
  static func mutate(_ input: inout [UInt8], chance: inout Chance) {
    while input.count <= byteCount { input.append(0) }
    for _ in 0...chance.below(3) {
      let range = anyPiece(&chance)
      let place = range.lowerBound + chance.below(range.count)
      switch chance.below(8) {
      case 0: input[place] &+= 1
      case 1: input[place] &-= 1
      case 2: input[place] = UInt8(chance.below(8))
      case 3: input[place] = input[range.lowerBound + chance.below(range.count)]
      case 4:
        // The same choices a little later or earlier: a field, a term or a value more or less.
        let (from, to) = chance.isOne(in: 2) ? (range.upperBound - 1, place) : (place, range.upperBound - 1)
        input.insert(input.remove(at: from), at: to)
      case 5 where chance.isOne(in: 4):
        for place in range { input[place] = chance.isOne(in: 2) ? UInt8(chance.below(6)) : UInt8(chance.below(256)) }
      default: input[place] = UInt8(chance.below(256))
      }
    }
    input[byteCount] = UInt8(chance.below(256))
  }

  /// Some pieces of another program.
  static func crossOver(_ first: [UInt8], _ second: [UInt8], chance: inout Chance) -> [UInt8] {
    var made = first
    while made.count <= byteCount { made.append(0) }
    for _ in 0...chance.below(3) {
      let (part, whole) = (Part.allCases[chance.below(Part.allCases.count)], chance.isOne(in: 2))
      let pieces = sizes[part.rawValue].pieces
      let one = chance.below(pieces)
      for piece in 0..<pieces where whole || piece == one {
        for place in range(part, piece) where place < second.count { made[place] = second[place] }
      }
    }
    return made
  }

  private static func anyPiece(_ chance: inout Chance) -> Range<Int> {
    let part = Part.allCases[chance.below(Part.allCases.count)]
    return range(part, chance.below(sizes[part.rawValue].pieces))
  }
}
