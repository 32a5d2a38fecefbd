import CFuzzShim

/// Which of a target's dear relations one input is judged by; what is cheap is judged always.
///
/// An octet of the input chooses, so that an input is judged the same way each time: 0 chooses all, every other value one.
/// A replay without libFuzzer judges all, and so does a fuzzer that goes without the sample, see ``FuzzChoices``:
/// what was found is made small that way.
struct RelationSample {
  let octet: UInt8
  /// How many relations there are to choose from.
  let count: Int

  static let judgesAll = fuzz_have_driver() == 0 || FuzzChoices.chosen.judgesAll

  func takes(_ relation: Int) -> Bool { Self.judgesAll || octet == 0 || Int(octet) % count == relation }

  /// What is left of the octet when the relation is chosen: for a choice inside of the relation.
  var rest: Int { Int(octet) / count }
}
