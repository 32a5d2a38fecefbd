/// Nothing yet.
public enum ToolTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict { .uninteresting }
}
