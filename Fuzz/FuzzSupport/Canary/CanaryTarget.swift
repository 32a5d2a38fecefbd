/// Nothing yet.
public enum CanaryTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict { .uninteresting }
}
