import MigrationStream

/// Decodes one stream in three ways and compares.
public enum DecodeOracle {
  /// nil: accepted.
  typealias Verdict = StreamError?

  /// - Parameter segmentSeed: Chooses where the push decoder's input is cut.
  public static func check(_ stream: RawSpan, segmentSeed: UInt64) {
    let pulled = pull(stream)
    let pushed = push(stream, seed: segmentSeed)
    guard pulled == pushed else {
      fatalError("D1: pull \(describe(pulled)), push \(describe(pushed))")
    }
    let verified = verify(stream)
    guard verified == pulled else {
      fatalError("D2: pull \(describe(pulled)), verify \(describe(verified))")
    }
    if let pulled, pulled.offset > UInt64(stream.byteCount) {
      fatalError("D3: refused beyond the input: \(describe(pulled))")
    }
  }

  private static func pull(_ stream: RawSpan) -> Verdict {
    do throws(StreamError) {
      var decoder = try PullDecoder(stream)
      while try decoder.next() != nil {}
      try decoder.finish()
      return nil
    } catch {
      return error
    }
  }

  private static func push(_ stream: RawSpan, seed: UInt64) -> Verdict {
    var seed = seed
    do throws(StreamError) {
      var decoder = try PushDecoder()
      var nobody = NoHandler()
      var rest = stream
      while rest.byteCount > 0 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let piece = rest.extracting(first: min(rest.byteCount, 1 + Int(seed >> 57)))
        _ = try decoder.push(piece, to: &nobody)
        rest = rest.extracting(droppingFirst: piece.byteCount)
      }
      try decoder.finish()
      return nil
    } catch {
      return error
    }
  }

  private static func verify(_ stream: RawSpan) -> Verdict {
    do throws(StreamError) {
      var verifier = try StreamVerifier(.deep)
      _ = try verifier.push(stream)
      _ = try verifier.finish()
      return nil
    } catch {
      return error
    }
  }

  private static func describe(_ verdict: Verdict) -> String {
    guard let verdict else { return "accepted" }
    return "\(verdict.code) at \(verdict.offset), expected \(verdict.expected), found \(verdict.found), "
      + "\(verdict.stage), record \(verdict.sequence)"
  }
}
