public import MigrationStream

extension InfoDocument {
  /// What a stream says about its devices before any of their state.
  public init(_ manifest: borrowing Manifest) {
    for number in 0..<manifest.devices.count {
      devices.append(DeviceInfo(manifest.devices[number], in: manifest))
    }
  }
}

extension DeviceInfo {
  init(_ device: DeviceEntry, in manifest: borrowing Manifest) {
    self.init(path: String(manifest.path(of: device)), model: String(manifest.model(of: device)))
    mark = device.mark
    parameters = (0..<device.parameterCount).map { number in
      let entry = manifest.parameter(number, of: device)
      let value: ParameterValue =
        switch entry.kind {
        case .bool: .bool(entry.value != 0)
        case .int: .int(Int64(bitPattern: entry.value))
        case .str: .str(String(manifest.text(of: entry)))
        }
      return ParameterSetting(String(manifest.name(of: entry)), value)
    }
    var announced = DeviceStream(version: device.version, versionMin: device.versionMin)
    for number in 0..<device.sectionCount {
      announced.sections.append(AnnouncedPiece(manifest.section(number, of: device), in: manifest))
    }
    for number in 0..<device.subsectionCount {
      announced.subsections.append(AnnouncedPiece(manifest.subsection(number, of: device), in: manifest))
    }
    stream = announced
  }
}

extension AnnouncedPiece {
  fileprivate init(_ entry: Announcement, in manifest: borrowing Manifest) {
    name = String(manifest.name(of: entry))
    mark = entry.mark
    version = entry.version
    versionMin = entry.versionMin
  }
}
