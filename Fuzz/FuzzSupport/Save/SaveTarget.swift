/// Nothing yet.
public enum SaveTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict { .uninteresting }
}
