import MigrationStream

/// Decodes one stream in three ways and compares.
public enum DecodeOracle {
  /// nil: accepted.
  typealias Verdict = StreamError?

  /// - Parameter segmentSeed: Chooses where the push decoder's input is cut, and whether content is collected.
  public static func check(_ stream: RawSpan, segmentSeed: UInt64) {
    var options = DecoderOptions()
    options.collectsContent = segmentSeed & 1 == 1
    let pulled = pull(stream, options)
    let pushed = push(stream, options, seed: segmentSeed)
    guard pulled == pushed else {
      fatalError("D1: pull \(describe(pulled)), push \(describe(pushed))")
    }
    if let pulled, pulled.offset > UInt64(stream.byteCount) {
      fatalError("D3: refused beyond the input: \(describe(pulled))")
    }
    if options.collectsContent {
      if pulled == nil { IndexOracle.check(stream) }
      return
    }
    let verified = verify(stream)
    guard verified == pulled else {
      fatalError("D2: pull \(describe(pulled)), verify \(describe(verified))")
    }
  }

  private static func pull(_ stream: RawSpan, _ options: DecoderOptions) -> Verdict {
    do throws(StreamError) {
      var decoder = try PullDecoder(stream, options: options)
      while try decoder.next() != nil {}
      try decoder.finish()
      if options.collectsContent { checkAreas(stream, decoder.state) }
      return nil
    } catch {
      return error
    }
  }

  /// Looks into the areas of an image that was accepted; what it finds wrong there is no fault of the records.
  private static func checkAreas(_ stream: RawSpan, _ state: borrowing StreamState) {
    do throws(StreamError) {
      var checker = try AreaChecker()
      while let piece = try checker.next(in: state) {
        let start = Int(piece.fileOffset)
        try checker.take(stream.extracting(start..<(start + Int(piece.byteCount))))
      }
    } catch {
      guard error.code == .digestMismatch || error.code == .badPadding else {
        fatalError("D4: areas \(describe(error))")
      }
    }
  }

  private static func push(_ stream: RawSpan, _ options: DecoderOptions, seed: UInt64) -> Verdict {
    var seed = seed
    do throws(StreamError) {
      var decoder = try PushDecoder(options: options)
      var nobody = NoHandler()
      var rest = stream
      while rest.byteCount > 0 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let piece = rest.extracting(first: min(rest.byteCount, 1 + Int(seed >> 57)))
        _ = try decoder.push(piece, to: &nobody)
        rest = rest.extracting(droppingFirst: piece.byteCount)
        // Half of the time the areas of an image are left unread.
        guard seed >> 56 & 1 == 1 else { continue }
        let skipped = min(decoder.skippable, UInt64(rest.byteCount))
        try decoder.skip(skipped)
        rest = rest.extracting(droppingFirst: Int(skipped))
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

  static func describe(_ verdict: Verdict) -> String {
    guard let verdict else { return "accepted" }
    return "\(verdict.code) at \(verdict.offset), expected \(verdict.expected), found \(verdict.found), "
      + "\(verdict.stage), record \(verdict.sequence)"
  }
}
