import DeviceModel
public import MigrationStream

extension MachineOptions {
  /// The machine that a stream asks for: its devices with its parameters, and as much guest memory.
  ///
  /// A parameter that a stream does not list is off.
  ///
  /// - Throws: when a device is none of the reference devices, or its parameters are not those of its model.
  public init(resuming manifest: borrowing Manifest) throws(MachineFault) {
    self.init([])
    let models = try Self.models()
    for number in 0..<manifest.devices.count {
      let device = manifest.devices[number]
      let identifier = Self.text(manifest.model(of: device))
      guard let (kind, document) = models.first(where: { $0.document.model == identifier }) else {
        let path = Self.text(manifest.path(of: device))
        throw MachineFault(
          "\(path) is a \(identifier), which is none of the reference devices: \(models.map(\.document.model).joined(separator: ", "))")
      }
      guard !devices.contains(kind) else { throw MachineFault("there are two devices of the model \(identifier)") }
      devices.append(kind)
      parameters[kind] = Self.settings(of: device, manifest, document)
    }
    for number in 0..<manifest.regions.count {
      let region = manifest.regions[number]
      if region.owner == Format.none32, Self.text(manifest.name(of: region)) == "ram" { memoryByteCount = region.byteCount }
    }
  }

  private static func models() throws(MachineFault) -> [(kind: ReferenceKind, document: ModelDocument)] {
    var models: [(kind: ReferenceKind, document: ModelDocument)] = []
    for kind in ReferenceKind.allCases {
      guard let device = try? kind.makeDevice(MachineOptions([kind])) else { continue }
      models.append((kind, device.model.resolved.document))
    }
    return models
  }

  private static func settings(
    of device: DeviceEntry, _ manifest: borrowing Manifest, _ document: ModelDocument
  ) -> [String] {
    var listed: [String: String] = [:]
    for index in 0..<device.parameterCount {
      let parameter = manifest.parameter(index, of: device)
      let value: ParameterValue =
        switch parameter.kind {
        case .bool: .bool(parameter.value != 0)
        case .int: .int(Int64(bitPattern: parameter.value))
        case .str: .str(text(manifest.text(of: parameter)))
        }
      listed[text(manifest.name(of: parameter))] = value.text
    }
    for parameter in document.parameters where listed[parameter.name] == nil {
      listed[parameter.name] = parameter.offValue?.text
    }
    return listed.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  private static func text(_ octets: RawSpan) -> String {
    String(decoding: [UInt8](octets), as: UTF8.self)
  }
}
