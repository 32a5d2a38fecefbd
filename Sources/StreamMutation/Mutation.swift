/// What a mutation does.
public enum Mutation: UInt8, CaseIterable, Sendable {
  case octets
}
