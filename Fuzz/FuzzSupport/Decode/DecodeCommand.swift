import Glibc
import MigrationStream
import StreamMutation

/// What FuzzDecode does with inputs besides running them.
///
///     FuzzDecode --reach COUNT PATH ...     says how many of the streams, and of COUNT mutants of each, reach END
public enum DecodeCommand {
  /// - Returns: The exit status: 2 for usage and files; nil when no such thing was asked.
  public static func run(_ arguments: [String]) -> Int32? {
    guard arguments.first == "--reach" else { return nil }
    guard arguments.count > 2, let mutantCount = Int(arguments[1]), mutantCount >= 0 else {
      print("usage: FuzzDecode --reach COUNT PATH ...")
      return 2
    }
    return reach(mutantCount, Array(arguments.dropFirst(2)))
  }

  private static func reach(_ mutantCount: Int, _ paths: [String]) -> Int32 {
    var (count, ended) = (0, 0)
    var chance = Chance(1)
    for path in paths.flatMap({ Replay.files($0) }) {
      guard let octets = Replay.contents(of: path) else { return 2 }
      for number in 0...mutantCount {
        var input = octets
        if number > 0 {
          DecodeTarget.mutate(
            &input, byteCountMax: DecodeTarget.usualByteCountMax, chance: &chance, plan: MutationPlan())
        }
        guard ChannelInput(input) == nil else { continue }
        count += 1
        if reachesEnd(input.dropLast()) { ended += 1 }
      }
    }
    guard count > 0 else { return 2 }
    print("\(count) streams of one channel: \(ended * 100 / count) % reach END")
    return 0
  }

  private static func reachesEnd(_ stream: ArraySlice<UInt8>) -> Bool {
    let stream = Array(stream)
    do throws(StreamError) {
      var decoder = try PullDecoder(stream.span.octets)
      while try decoder.next() != nil {}
      return decoder.state.hasEnded
    } catch { return false }
  }
}
