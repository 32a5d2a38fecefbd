import MigrationStream

/// Words of the format for libFuzzer and AFL++, in the order and spelling of their dictionaries.
///
/// Source: Specs/10-stream-format.md, Specs/20-layouts.md section 2, Specs/40-reader-rules.md section 3.
public enum MutationDictionary {
  /// The whole file.
  public static var text: String {
    var lines = ["# Words of the stream format, made from its constants by `corpusgen --dictionary FILE`."]
    lines += [
      word("magic", Format.magic, 8), word("magic_hello", Format.helloMagic, 8), word("sync", UInt64(Format.sync), 4),
      word("none32", UInt64(Format.none32), 4), word("none64", Format.none64, 8),
    ]
    lines += RecordKind.allCases.map { word("kind_\($0)", UInt64($0.rawValue), 2) }
    let ranges: [UInt64] = [0x0040, 0x004f, 0x0060, 0x006f, 0x8000, 0xffff]
    lines += ranges.map { word("kind_" + String($0, radix: 16), $0, 2) }
    lines += flags
    lines += FieldType.allCases.map { word("type_\($0)", UInt64($0.rawValue), 1) }
    lines += FieldShape.allCases.map { word("shape_\($0)", UInt64($0.rawValue), 1) }
    lines += limits.flatMap { [word($0.0, $0.1, 8), word("\($0.0)_above", $0.1 + 1, 8)] }
    let kinds: [(String, UInt64)] = [("data", 1), ("zero", 2), ("discard", 3)]
    lines += kinds.map { word("extent_\($0.0)", 4096 | $0.1 << 56, 8) }
    let corners: [(UInt64, Int)] = [
      (0x7f, 1), (0x80, 1), (0x7fff, 2), (0x8000, 2), (0xffff, 2), (0x7fff_ffff, 4), (0x8000_0000, 4), (0xffff_fff8, 4),
      (0x1_0000_0000, 8), (1 << 56 - 1, 8), (1 << 62, 8), (1 << 63 - 1, 8), (1 << 63, 8), (.max - 7, 8),
    ]
    lines += corners.map { word("corner_" + String($0.0, radix: 16) + "_\($0.1)", $0.0, $0.1) }
    lines.append(word("zstd_magic", 0xfd2f_b528, 4))
    return lines.joined(separator: "\n") + "\n"
  }

  private static var flags: [String] {
    let record: [(String, UInt16)] = [
      ("required", RecordFlags.required), ("skippable", RecordFlags.skippable), ("replaces", RecordFlags.replaces),
      ("initialDataEnd", RecordFlags.initialDataEnd), ("last", RecordFlags.last), ("unitFirst", RecordFlags.unitFirst),
      ("unitLast", RecordFlags.unitLast),
    ]
    let mandatory: [(String, UInt32)] = [
      ("singleDevice", MandatoryFlags.singleDevice), ("channels", MandatoryFlags.channels),
      ("passes", MandatoryFlags.passes), ("zstd", MandatoryFlags.zstd),
      ("externalLayouts", MandatoryFlags.externalLayouts), ("opaqueMemory", MandatoryFlags.opaqueMemory),
      ("postCopy", MandatoryFlags.postCopy), ("known", MandatoryFlags.known),
    ]
    return record.map { word("flag_\($0.0)", UInt64($0.1), 2) } + mandatory.map { word("feature_\($0.0)", UInt64($0.1), 4) }
  }

  static var limits: [(String, UInt64)] {
    let limits = StreamLimits()
    return [
      ("recordBodyBytesMax", limits.recordBodyBytesMax), ("payloadBytesMax", limits.payloadBytesMax),
      ("devicesMax", UInt64(limits.devicesMax)), ("regionsMax", UInt64(limits.regionsMax)),
      ("parametersMax", UInt64(limits.parametersMax)), ("sectionsMax", UInt64(limits.sectionsMax)),
      ("subsectionsMax", UInt64(limits.subsectionsMax)), ("textBytesMax", UInt64(limits.textBytesMax)),
      ("layoutBytesMax", limits.layoutBytesMax), ("nestingMax", UInt64(limits.nestingMax)),
      ("blockBytesMax", limits.blockBytesMax), ("extentsMax", UInt64(limits.extentsMax)),
      ("zstdWindowBytesMax", limits.zstdWindowBytesMax),
    ]
  }

  /// `name="\x01\x02"`, the number's octets little-endian.
  private static func word(_ name: String, _ value: UInt64, _ width: Int) -> String {
    let octets = (0..<width).map { place in
      let digits = String(UInt8(truncatingIfNeeded: value >> (8 * UInt64(place))), radix: 16)
      return "\\x" + (digits.count < 2 ? "0" : "") + digits
    }
    return "\(name)=\"\(octets.joined())\""
  }
}
