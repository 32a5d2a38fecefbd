/// Custom encodings of a fixed layout that QEMU describes by their size only.
///
/// Source: facts about QEMU 7.2 to 10.2, `target/mips/system/machine.c`, `target/hppa/machine.c`.
extension QEMUTreeBuilder {
  /// A value of a custom encoding: name, type, how many.
  typealias CustomValue = (name: String, type: QEMUValueType, count: Int)

  /// Adds a field whose custom encoding has several values; false when it is not one of those.
  mutating func addCustom(
    _ field: DescribedField, to children: inout [QEMUNode]
  ) throws(ForeignError) -> Bool {
    guard let values = customValues(of: field), let total = field.fixedLength,
      total <= reader.remaining
    else { return false }
    try addStructs(description.text(field.name), field.elementCount, values, to: &children)
    let last = children.count - 1
    children[last].typeName = description.text(field.typeName)
    children[last].index = field.index
    if field.arrayCount == nil { children[last].shape = .structure }
    return true
  }

  private func customValues(of field: DescribedField) -> [CustomValue]? {
    let frames: CustomValue = ("PFN", .u64, 2)
    switch (description.text(field.typeName), field.size) {
    case ("tlb entry", 16): return [("va_b", .u64, 1), ("pa", .u32, 1), ("access", .u32, 1)]
    case ("tlb_entry", 28):
      return [
        ("VPN", .u32, 1), ("PageMask", .u32, 1), ("ASID", .u16, 1), ("flags", .u16, 1), frames,
      ]
    case ("tlb_entry", 32) where hasWideRegisters:
      return [
        ("VPN", .u64, 1), ("PageMask", .u32, 1), ("ASID", .u16, 1), ("flags", .u16, 1), frames,
      ]
    case ("tlb_entry", 32), ("tlb_entry", 36):
      let number: CustomValue = ("VPN", field.size == 32 ? .u32 : .u64, 1)
      return [
        number, ("PageMask", .u32, 1), ("ASID", .u16, 1), ("MMID", .u32, 1), ("flags", .u16, 1),
        frames,
      ]
    default: return nil
    }
  }

  /// Whether a MIPS processor's registers are 64 bits wide. An entry of 32 octets is that of release 7.2 then, and that
  /// of newer releases, which add `MMID`, otherwise.
  private var hasWideRegisters: Bool {
    description.fields.contains { $0.size == 8 && description.text($0.name) == "env.CP0_EntryHi" }
  }
}
