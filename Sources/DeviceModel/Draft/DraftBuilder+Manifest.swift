import MigrationStream

/// What the manifest says of a device.
extension DraftBuilder {
  /// The listed parameters. What they are when nobody names them is a guess: the value with which a device is as if
  /// the parameter had not been invented.
  func parameters(of entry: DeviceEntry, _ state: borrowing StreamState) throws(DraftFault) -> [Parameter] {
    var parameters: [Parameter] = []
    for index in 0..<entry.parameterCount {
      let listed = state.manifest.parameter(index, of: entry)
      let name = String(state.manifest.name(of: listed))
      let isNamed = name.utf8.count <= 255 && !name.unicodeScalars.contains {
        $0 == "=" || $0 == "/" || $0.properties.isWhitespace || $0.isControl
      }
      guard isNamed else { throw DraftFault("a document cannot have a parameter of the name \(name)") }
      switch listed.kind {
      case .bool:
        let off = ParameterValue.bool(listed.value == 0)
        parameters.append(Parameter(name: name, initValue: off, offValue: off))
      case .int where listed.value != 0:
        parameters.append(Parameter(name: name, initValue: .int(0), offValue: .int(0)))
      case .int:
        parameters.append(Parameter(name: name, initValue: .int(0), offValue: nil))
      case .str:
        let text = String(state.manifest.text(of: listed))
        guard text.utf8.count <= 1024 else {
          throw DraftFault("the value of parameter \(name) is longer than the 1024 octets a document can say")
        }
        parameters.append(Parameter(name: name, initValue: .str(text), offValue: nil))
      }
    }
    return parameters
  }

  /// The regions whose owner the device is.
  func regions(ofDevice number: Int, _ state: borrowing StreamState) -> [ModelRegion] {
    var regions: [ModelRegion] = []
    var names = UniqueNames()
    for index in 0..<state.manifest.regions.count {
      let entry = state.manifest.regions[index]
      guard entry.owner == UInt32(truncatingIfNeeded: number) else { continue }
      var region = ModelRegion(
        name: names.claim(String(state.manifest.name(of: entry))), size: .constant(Int128(entry.byteCount)),
        pageSize: entry.pageByteCount)
      region.isShared = entry.flags & RegionEntry.shared != 0
      region.isReadOnly = entry.flags & RegionEntry.readOnly != 0
      region.isOpaque = entry.isOpaque
      regions.append(region)
    }
    return regions
  }

  /// What the stream calls the model; the nearest legal identifier where that is none.
  mutating func identifier(announced: String, path: String) -> String {
    if announced.isEmpty { return "example.com/" + Self.step(path) }
    if ModelIdentifier.fault(of: announced) == nil { return announced }
    let domain = String(announced.prefix { $0 != "/" }).lowercased()
    let isDomain = ModelIdentifier.fault(of: domain + "/x") == nil
    let identifier = (isDomain ? domain : "example.com") + "/" + Self.step(announced)
    notes.append("the stream calls the model \(announced), which is no identifier; the draft calls it \(identifier)")
    return identifier
  }

  /// A step of an identifier, made of the last one of a path.
  private static func step(_ path: String) -> String {
    let last = path.split(separator: "/").last ?? ""
    let legal = last.lowercased().unicodeScalars.map { scalar -> Character in
      let isKept = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      return isKept || "._-".unicodeScalars.contains(scalar) ? Character(scalar) : "-"
    }
    let name = String(String(legal).drop { $0 == "-" || $0 == "." }.prefix(200))
    return name.isEmpty ? "device" : name
  }
}

/// Names that are given once: a second one gets `#2` behind it, as those of converted streams do.
struct UniqueNames {
  private var taken: Set<String> = []
  private var counts: [String: Int] = [:]

  mutating func claim(_ name: String) -> String {
    if taken.insert(name).inserted { return name }
    var count = counts[name, default: 1]
    var candidate: String
    repeat {
      count += 1
      let suffix = "#\(count)"
      candidate = name.cut(to: 255 - suffix.utf8.count) + suffix
    } while !taken.insert(candidate).inserted
    counts[name] = count
    return candidate
  }
}

extension String {
  /// The characters at its beginning that take at most `count` octets.
  fileprivate func cut(to count: Int) -> String {
    var scalars = String.UnicodeScalarView()
    var left = count
    for scalar in unicodeScalars {
      left -= UTF8.width(scalar)
      if left < 0 { break }
      scalars.append(scalar)
    }
    return String(scalars)
  }
}
