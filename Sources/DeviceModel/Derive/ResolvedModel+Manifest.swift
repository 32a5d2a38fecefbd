public import MigrationStream

extension ResolvedModel {
  /// Announces the device in a manifest: what it is, its listed parameters, its sections and subsections.
  ///
  /// - Parameters:
  ///   - counts: How many of a section come that is `optional` or `many`, by name; 1 of those that are not named.
  /// - Throws: ``StreamError`` of the builder.
  public borrowing func writeManifestDevice(
    into manifest: inout ManifestBuilder, path: String, address: String = "", parent: UInt32 = Format.none32,
    counts: [String: Int] = [:]
  ) throws(StreamError) {
    try manifest.beginDevice(
      path: path.utf8.span.octets, address: address.utf8.span.octets, model: document.model.utf8.span.octets,
      parent: parent, apply: document.apply, clock: document.clock, version: version, versionMin: versionMin)
    for setting in parameters.listed {
      let name = setting.name.utf8.span.octets
      switch setting.value {
      case .bool(let value): try manifest.parameter(name: name, kind: .bool, value: value ? 1 : 0)
      case .int(let value): try manifest.parameter(name: name, kind: .int, value: UInt64(bitPattern: value))
      case .str(let value): try manifest.parameter(name: name, kind: .str, text: value.utf8.span.octets)
      }
    }
    for section in sections {
      let count = section.section.cardinality == .one ? 1 : counts[section.name] ?? 1
      for _ in 0..<max(count, 0) {
        try manifest.section(
          name: section.name.utf8.span.octets, mark: section.mark, version: section.version,
          versionMin: section.versionMin)
      }
    }
    for subsection in subsections {
      try manifest.subsection(
        name: subsection.name.utf8.span.octets, mark: subsection.mark, version: subsection.version,
        versionMin: subsection.versionMin)
    }
    try manifest.endDevice()
  }

  /// Adds the device's memory to a manifest.
  ///
  /// - Parameter owner: Number of the device.
  public borrowing func writeManifestRegions(
    into manifest: inout ManifestBuilder, owner: UInt32
  ) throws(StreamError) {
    for region in regions {
      try manifest.region(
        name: region.name.utf8.span.octets, owner: owner, byteCount: region.byteCount,
        pageByteCount: region.region.pageSize, flags: region.flags)
    }
  }
}
