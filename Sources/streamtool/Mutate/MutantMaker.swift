import ForeignStreams
import MigrationStream
import StreamIO
import StreamMutation
import StreamReport

/// One broken stream, and what was broken.
struct Mutant {
  var octets: [UInt8]
  /// The mutation's name.
  var mutation: String
  /// Number and kind of the record, the device of a QEMU stream, the field.
  var place: String
  /// Octets from the start of the mutant to what was changed.
  var offset: Int
  /// Values, where a number was changed.
  var old: UInt64?
  var new: UInt64?
  /// Whether a digest was broken, or of a QEMU stream its framing.
  var breaksFraming: Bool
  /// All of it in one line.
  var line: String
}

/// Makes mutants of one stream, by what its first octets say it is.
enum MutantMaker {
  case stream([UInt8])
  case qemu(QEMUMutator)

  /// - Returns: nil when the octets are no stream that is known.
  init?(_ octets: [UInt8]) {
    let magic = octets.count >= 8 ? octets.span.octets.integer(at: 0, as: UInt64.self) : 0
    if magic == Format.magic || magic == Format.helloMagic {
      self = .stream(octets)
    } else if let mutator = try? QEMUMutator(octets) {
      self = .qemu(mutator)
    } else {
      return nil
    }
  }

  /// The ending of the mutants' names.
  var suffix: String {
    switch self {
    case .stream: "mgs"
    case .qemu: "bin"
    }
  }

  /// - Parameter share: Of 100 mutants of our streams so many have a digest broken.
  func mutant(seed: UInt64, brokenDigests share: Int) -> Mutant? {
    var chance = Chance(seed)
    switch self {
    case .stream(let original):
      let breaksDigests = chance.below(100) < share
      guard
        let (octets, note) = StreamMutator.mutant(
          of: original, byteCountMax: original.count + 65536, breaksDigests: breaksDigests, chance: &chance)
      else { return nil }
      let path = note.path(in: octets)
      let record = note.record.map { "record \($0) \(note.kindName)" } ?? "stream"
      let hasValues = note.old != note.new
      return Mutant(
        octets: octets, mutation: "\(note.mutation)", place: path.isEmpty ? record : "\(record) \(path)",
        offset: note.offset, old: hasValues ? note.old : nil, new: hasValues ? note.new : nil,
        breaksFraming: breaksDigests, line: note.text(in: octets))
    case .qemu(let mutator):
      let (octets, note) = mutator.mutate(&chance)
      return Mutant(
        octets: octets, mutation: note.operation.name,
        place: note.device.isEmpty ? note.path : "\(note.device)#\(note.instance)/\(note.path)", offset: note.offset,
        breaksFraming: note.operation.breaksFraming, line: note.text)
    }
  }
}

extension Mutant {
  /// Members of the object of one mutant.
  ///
  /// Source: Specs/50-inspection.md section 14.
  func json(file: String) -> String {
    var members = [
      "\"file\":\(JSONText.string(file))", "\"mutation\":\(JSONText.string(mutation))",
      "\"place\":\(JSONText.string(place))", "\"offset\":\"\(offset)\"",
    ]
    if let old { members.append("\"old\":\"\(old)\"") }
    if let new { members.append("\"new\":\"\(new)\"") }
    members.append("\"breaks_framing\":\(breaksFraming)")
    members.append("\"line\":\(JSONText.string(line))")
    return "{\(members.joined(separator: ","))}"
  }
}
