/// A name inside a description's pool of name octets.
struct PooledName: Sendable {
  var start: Int32
  var count: Int32
  /// Whether every octet is printable ASCII that JSON does not escape, so that printing is copying.
  var isPlain: Bool

  static let empty = PooledName(start: 0, count: 0, isPlain: true)

  var range: Range<Int> { Int(start)..<(Int(start) + Int(count)) }
}

/// How a field is written, from its type's name in the description.
enum DescribedKind: UInt8, Sendable {
  case bool, signed, unsigned, structure, nullPointer, capability
  case float64, timer, buffer, unusedBuffer, bitmap
  case temporary, versionedStructure, list, tree
  case pciConfig, pciInterrupts, msix, virtio, fileDescriptor
  /// Any other custom encoding; only its size is known.
  case custom
}

/// One field of a described struct, or a run of equal elements of an array.
struct DescribedField: Sendable {
  var name = PooledName.empty
  var typeName = PooledName.empty
  var kind = DescribedKind.custom
  /// Octets of one element as the description says; not used for structs, which are walked.
  var size = 0
  /// Equal elements that follow each other; nil when the description has no `array_len`.
  var arrayCount: Int?
  /// Which element of its array this is, where elements are described one by one.
  var index: Int?
  /// The struct of a `struct` field, or the structs inside a list, in stream order.
  var structs: Range<Int32> = 0..<0
  /// Octets of all elements, nil when only walking tells.
  var fixedLength: Int?

  /// Elements to read. QEMU's script reads one element for an `array_len` of 0, which QEMU never writes.
  var elementCount: Int { max(1, arrayCount ?? 1) }
}

/// A described struct: a device, an embedded struct, a list element or a subsection.
struct DescribedStruct: Sendable {
  /// The struct type's name; for subsections the name in the stream.
  var name = PooledName.empty
  /// The section's name, for devices only.
  var deviceName = PooledName.empty
  var instance: UInt32 = 0
  var version: UInt32 = 0
  var fields: Range<Int32> = 0..<0
  /// Struct numbers of the subsections that the stream has, in stream order.
  var subsections: Range<Int32> = 0..<0
  /// Whether the description lists fields at all. QEMU before 9.2 writes `{}` for an array of null pointers.
  var hasFields = false
  /// Octets in the stream, nil when only walking tells (there is a subsection or a capability inside).
  var fixedLength: Int?
  /// Whether a field's name comes again after another name, so that printing in stream order would be wrong.
  var isScattered = false
}

/// The description at the end of a QEMU stream, in flat arrays.
///
/// It says how the device sections are laid out. Source: facts about QEMU 7.2 to 10.2, `migration/vmstate.c`.
struct QEMUDescription: Sendable {
  var names: [UInt8] = []
  var fields: [DescribedField] = []
  var structs: [DescribedStruct] = []
  /// Struct numbers of the devices, in stream order.
  var devices: [Int32] = []
  /// The struct of the configuration record; present from QEMU 8.2 on.
  var configuration: Int32?
  var pageSize: Int?
  /// Octets of the JSON text.
  var octetCount = 0

  func text(_ name: PooledName) -> String { String(decoding: names[name.range], as: UTF8.self) }

  func isSame(_ left: PooledName, _ right: PooledName) -> Bool {
    left.count == right.count
      && (left.start == right.start || names[left.range] == names[right.range])
  }
}

extension DescribedKind {
  /// The kind of a type name that is not an integer's; integers are found by ``integer(_:)``.
  private static let named: [String: DescribedKind] = [
    "bool": .bool, "struct": .structure, "nullptr": .nullPointer, "capability": .capability,
    "float64": .float64, "CPU_Double_U": .float64, "timer": .timer, "buffer": .buffer,
    "unused_buffer": .unusedBuffer, "bitmap": .bitmap, "tmp": .temporary,
    "vstruct": .versionedStructure,
    "qtailq": .list, "qlist": .list, "gtree": .tree, "pci config": .pciConfig,
    "pci irq state": .pciInterrupts, "msix state": .msix, "virtio": .virtio, "fd": .fileDescriptor,
  ]

  /// The integer types that QEMU's script prints as numbers. It takes the small `equal` types and `int64 equal`, which
  /// are unsigned in QEMU, for signed ones; printing follows it, typing (``QEMUValueType``) does not.
  private static let integers: [String: DescribedKind] = [
    "int8": .signed, "int16": .signed, "int32": .signed, "int64": .signed, "int32 equal": .signed,
    "int32 le": .signed, "int64 equal": .signed, "uint8 equal": .signed, "uint16 equal": .signed,
    "uint8": .unsigned, "uint16": .unsigned, "uint32": .unsigned, "uint64": .unsigned,
    "uint32 equal": .unsigned,
  ]

  init(typeName: String) {
    self = Self.integers[typeName] ?? Self.named[typeName] ?? .custom
  }
}
