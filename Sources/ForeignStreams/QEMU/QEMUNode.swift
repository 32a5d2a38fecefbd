/// What a leaf of a device's tree is, as QEMU means it.
public enum QEMUValueType: String, Sendable {
  case bool, u8, u16, u32, u64, i8, i16, i32, i64, f64
  /// Nanoseconds of the guest's virtual clock at which the timer fires, u64; all ones: not armed.
  case timer
  /// Words of 64 bits, bit 0 of word 0 first.
  case bitmap
  /// Octets without structure.
  case bytes
  /// A capability's name.
  case text
  /// The mark of a null pointer in an array of pointers; no value.
  case nullPointer
  /// The number of a file descriptor, u32, or the octet that carries one.
  case fileDescriptor
  case structure
  /// Elements that may differ in their fields, in stream order.
  case list

  /// Octets of one value; nil where the node's width says it.
  public var fixedWidth: Int? {
    switch self {
    case .bool, .u8, .i8, .nullPointer: 1
    case .u16, .i16: 2
    case .u32, .i32: 4
    case .u64, .i64, .f64, .timer: 8
    case .bitmap, .bytes, .text, .fileDescriptor, .structure, .list: nil
    }
  }
}

/// One field of a device: a value, an array, a struct or a list, with where it is in the stream.
public struct QEMUNode: Sendable, Equatable {
  public enum Shape: Sendable, Equatable {
    case single
    /// `count` values of ``QEMUNode/width`` octets each, back to back.
    case array(count: Int)
    /// ``QEMUNode/children`` are the fields.
    case structure
    /// `count` structs of ``QEMUNode/width`` octets each, back to back; ``QEMUNode/children`` are the fields of the
    /// first one. Their offsets move by the width from element to element.
    case structArray(count: Int)
    /// ``QEMUNode/children`` are the elements, structs with an ``QEMUNode/index`` each.
    case list
  }

  /// The description's name, such as `env.cr[0]`; for parts that the description does not know, this reader's.
  public var name: String
  /// The description's type, such as `uint32 equal`; empty for parts that the description does not know.
  public var typeName = ""
  public var type: QEMUValueType
  public var shape = Shape.single
  /// Octets of one value or struct in the stream; 0 for structs and lists of varying length.
  public var width: Int
  /// Where the first octet is, from the start of the stream.
  public var sourceOffset: UInt64
  /// Octets of all elements, marks and subsections included.
  public var sourceLength: UInt64
  /// Which element of an array or list this is, where elements are nodes of their own.
  public var index: Int?
  /// The struct type's name, where the description has one.
  public var structName = ""
  public var version: UInt32 = 0
  /// Whether the octets in the stream are little-endian, as in PCI configuration space.
  public var isLittleEndian = false
  public var children: [QEMUNode] = []
  /// Subsections of this struct.
  public var subsections: [QEMUSubsection] = []

  /// How many values or structs this node has.
  public var elementCount: Int {
    switch shape {
    case .single, .structure: 1
    case .array(let count), .structArray(let count): count
    case .list: children.count
    }
  }
}

/// An optional piece of a struct that the stream names.
public struct QEMUSubsection: Sendable, Equatable {
  /// For instance `cpu/msr_tsc_aux`.
  public var name: String
  public var version: UInt32
  /// Where the subsection's mark is.
  public var sourceOffset: UInt64
  /// Octets with mark, name and version.
  public var sourceLength: UInt64
  public var children: [QEMUNode]
  public var subsections: [QEMUSubsection]
}

/// One section of the stream as a tree of typed fields.
public struct QEMUDevice: Sendable, Equatable {
  /// The section, with name, instance, id and version.
  public var section: QEMUSection
  public var children: [QEMUNode]
  public var subsections: [QEMUSubsection]

  /// One step from a struct to a struct inside it.
  public struct PathStep: Sendable, Equatable {
    /// The number of the field among the struct's children.
    public var child: Int
    /// The element of a list; 0 for other fields.
    public var element: Int

    public init(child: Int, element: Int) {
      self.child = child
      self.element = element
    }
  }

  /// A subsection and where it belongs.
  public struct PlacedSubsection: Sendable, Equatable {
    public var subsection: QEMUSubsection
    /// The number in the same list of the subsection that the path begins in; nil: in the section.
    public var parent: Int?
    /// From the section's or parent's fields to the struct that has the subsection; empty: that itself.
    public var path: [PathStep]
  }

  /// All subsections, those inside embedded structs and lists included, parents first.
  public func placedSubsections() -> [PlacedSubsection] {
    var result: [PlacedSubsection] = []
    Self.place(children, subsections, parent: nil, path: [], into: &result)
    return result
  }

  private static func place(
    _ children: [QEMUNode], _ subsections: [QEMUSubsection], parent: Int?, path: [PathStep],
    into result: inout [PlacedSubsection]
  ) {
    for (number, child) in children.enumerated() {
      if child.shape == .list {
        for (element, structure) in child.children.enumerated() {
          let step = PathStep(child: number, element: element)
          place(
            structure.children, structure.subsections, parent: parent, path: path + [step],
            into: &result)
        }
      } else if !child.children.isEmpty || !child.subsections.isEmpty {
        let step = PathStep(child: number, element: 0)
        place(child.children, child.subsections, parent: parent, path: path + [step], into: &result)
      }
    }
    for subsection in subsections {
      let number = result.count
      result.append(PlacedSubsection(subsection: subsection, parent: parent, path: path))
      place(subsection.children, subsection.subsections, parent: number, path: [], into: &result)
    }
  }
}
