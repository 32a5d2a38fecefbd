/// I10: what `device_state` of the first protocol's region shows.
///
/// Source: Specs/resume-path.md section 11.
public enum RegionRule {
  /// - Parameters:
  ///   - shown: What was read.
  ///   - before: What was read before the operation.
  public static func check(shown: UInt32, before: UInt32) -> [Violation] {
    let bits = shown & 7
    // resuming with running says nothing; with saving alone it says error.
    if bits == 5 || bits == 7 { return [Violation(.regionBits, "device_state shows \(bits)")] }
    if shown >> 3 != before >> 3 {
      return [Violation(.regionBits, "reserved bits went from \(before >> 3) to \(shown >> 3)")]
    }
    return []
  }
}
