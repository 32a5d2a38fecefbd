public import MigrationStream

/// A section that a device has with its parameters.
///
/// Source: Specs/device-models.md section 5.1.
public struct ResolvedSection: Sendable {
  /// As the document has it.
  public let section: ModelSection
  /// Number of its layout.
  public let layout: UInt32
  /// What a stream announces.
  public let version: UInt32
  public let versionMin: UInt32
  /// How many there may be.
  public let maximumCount: UInt32
  /// The entry that tells instances of `many` apart.
  public let keyEntry: UInt32?
  /// Positions of the sections that come before it where they are announced.
  public let predecessors: [Int]

  public var name: String { section.piece.name }
  public var mark: Mark { Mark(section.piece.mark) }
}

/// A subsection that a device may have with its parameters.
///
/// Source: Specs/device-models.md section 5.3.
public struct ResolvedSubsection: Sendable {
  /// What a subsection lies directly in, by position.
  public enum Owner: Equatable, Sendable {
    case section(Int)
    case subsection(Int)
  }

  /// As the document has it.
  public let subsection: ModelSubsection
  public let layout: UInt32
  public let version: UInt32
  public let versionMin: UInt32
  public let owner: Owner
  /// The entry of the owner's layout on whose elements it hangs; nil: the owner itself.
  public let target: UInt32?
  /// JSON pointer to it.
  let pointer: String

  public var name: String { subsection.piece.name }
  public var mark: Mark { Mark(subsection.piece.mark) }
}

/// Memory that a device has with its parameters.
///
/// Source: Specs/device-models.md section 5.8.
public struct ResolvedRegion: Sendable {
  public let region: ModelRegion
  /// Octets.
  public let byteCount: UInt64

  public var name: String { region.name }

  /// Flags of the manifest's entry.
  public var flags: UInt16 {
    (region.isShared ? RegionEntry.shared : 0) | (region.isReadOnly ? RegionEntry.readOnly : 0)
      | (region.isOpaque ? RegionEntry.opaque : 0)
  }
}

extension Mark {
  init(_ mark: FieldMark) { self = mark == .required ? .required : .skippable }
}
