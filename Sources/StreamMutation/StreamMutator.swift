import MigrationStream

/// Changes streams as their structure is.
public enum StreamMutator {
  /// Changes one thing of a stream, and repairs what follows from it.
  ///
  /// - Parameters:
  ///   - octets: Any octets; replaced by the changed ones.
  ///   - byteCountMax: The result has no more octets.
  ///   - chance: The only source of chance.
  ///   - repairs: false: lengths and digests stay as the mutation left them.
  ///   - leaf: Changes octets that have no structure; the result has at most so many.
  /// - Returns: What was broken; nil when the octets held nothing to change but octets.
  @discardableResult
  public static func mutate(
    _ octets: inout [UInt8], byteCountMax: Int, chance: inout Chance, repairs: Bool,
    leaf: (inout [UInt8], Int) -> Void
  ) -> MutationNote? {
    leaf(&octets, byteCountMax)
    if repairs { StreamRepair.repair(&octets) }
    return nil
  }

  /// A stream with records of both.
  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, repairs: Bool
  ) -> [UInt8] {
    var result = Array((first.prefix(chance.below(first.count + 1)) + second.suffix(chance.below(second.count + 1)))
      .prefix(byteCountMax))
    if repairs { StreamRepair.repair(&result) }
    return result
  }
}
