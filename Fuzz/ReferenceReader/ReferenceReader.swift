/// Nothing yet.
public enum ReferenceReader {}
