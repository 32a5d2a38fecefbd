// What patches of the planted-bug benchmark call. The runner adds this file to MigrationStream in a scratch checkout;
// the repository's own sources never call it, and no oracle may. The counts are kept in C, which the fuzz build does not
// instrument: a fuzzer learns nothing from them.

@_silgen_name("planted_bug_is_chosen")
private func isChosen(_ number: Int32) -> Bool

@_silgen_name("planted_bug_note")
private func note(_ number: Int32, _ isWrong: Bool) -> Bool

/// Whether this run plants the bug.
public func isPlanted(_ number: Int32) -> Bool { isChosen(number) }

/// Notes that the faulty code of a bug ran, and with `isWrong` that it took effect.
///
/// - Returns: Whether the bug is planted in this run, and `isWrong`.
@discardableResult
public func planted(_ number: Int32, when isWrong: Bool = true) -> Bool { note(number, isWrong) }
