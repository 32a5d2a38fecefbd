/// Nothing yet.
public enum ForeignTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict { .uninteresting }
}
