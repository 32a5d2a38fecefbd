/// Nothing yet.
public enum ModelTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict { .uninteresting }
}
