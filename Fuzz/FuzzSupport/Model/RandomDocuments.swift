import DeviceModel
import StreamMutation
import StreamTestKit

/// Documents with every key and construct of the chapter, and what devices of them say of themselves: what shipped models do
/// not use, mutation takes from here.
struct RandomDocuments {
  let json: JSONValue
  let text: [UInt8]

  /// Enough that every key is in some of them.
  private static let all = (0..<64 as Range<UInt64>).flatMap { seed in
    let document = RandomModel.document(seed: seed).json
    let said = ModelSide(Array(document.text.utf8)).said.flatMap { ModelSide(Array($0.text.utf8)).said }
    return [document, said].compactMap { $0 }.map { RandomDocuments(json: $0, text: Array($0.text.utf8)) }
  }

  static func pick(_ chance: inout Chance) -> RandomDocuments { all[chance.below(all.count)] }
}
