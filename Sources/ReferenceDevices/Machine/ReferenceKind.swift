import DeviceModel
import MigrationStream
public import ResumePath

/// The reference devices.
public enum ReferenceKind: String, CaseIterable, Sendable {
  case nic, blk, serial, sound, gpu, external

  /// What it is, in a line.
  public var summary: String {
    switch self {
    case .nic: "network card with a receive filter and rings in guest memory (net/rx-filter-nic)"
    case .blk: "block device with requests in flight (virtio/blk)"
    case .serial: "serial port with FIFOs and timeouts (serial/16550)"
    case .sound: "sound card that plays by a clock (sound/surround-card)"
    case .gpu: "GPU with sparse local memory that computes while it is saved (gpu/large-memory)"
    case .external: "card behind a pipe, whose driver takes its octets (sample/vendor-card)"
    }
  }
}

/// What a machine is made of.
public struct MachineOptions: Sendable {
  /// In the order of their numbers; each kind once.
  public var devices: [ReferenceKind]
  public var capabilities: MigrationCapabilities = [.stopCopy, .p2p, .preCopy]
  /// `NAME=VALUE` settings of the models; the others have their initial values.
  public var parameters: [ReferenceKind: [String]] = [:]
  /// Of the workload; travels with the guest.
  public var seed: UInt64 = 1
  /// Guest memory, octets: a multiple of 4096, at least that and 64 KiB a device.
  public var memoryByteCount: UInt64 = 512 << 10
  /// What the firmware of a GPU gives at first, octets: a multiple of 64 KiB.
  public var byteStringByteCount: UInt64 = 2 << 20

  public init(_ devices: [ReferenceKind]) { self.devices = devices }

  /// - Parameter name: One of ``ReferenceMachine/names``, or kinds joined by `-`: `serial-external`.
  public init?(named name: String) {
    if name == "machine" {
      devices = ReferenceKind.allCases
    } else if let kind = ReferenceKind(rawValue: name) {
      devices = [kind]
    } else {
      devices = []
      for word in name.split(separator: "-", omittingEmptySubsequences: false) {
        guard let kind = ReferenceKind(rawValue: String(word)), !devices.contains(kind) else { return nil }
        devices.append(kind)
      }
    }
  }
}

extension ReferenceKind {
  /// Where the device is in its machine.
  var path: String { "/machine/\(rawValue)0" }

  func makeDevice(_ options: MachineOptions) throws(MachineFault) -> any ReferenceDevice {
    let settings = options.parameters[self] ?? []
    switch self {
    case .serial: return SerialPort(try .resolve("serial", ModelDocuments.serial16550, settings))
    case .blk: return BlockDevice(try .resolve("blk", ModelDocuments.virtioBlk, settings))
    case .nic: return NetworkCard(try .resolve("nic", ModelDocuments.netRxFilterNic, settings))
    case .sound: return SoundCard(try .resolve("sound", ModelDocuments.soundSurroundCard, settings))
    case .gpu:
      guard options.byteStringByteCount % UInt64(FirmwareState.blockByteCount) == 0, options.byteStringByteCount > 0 else {
        throw MachineFault("what a firmware gives is a multiple of 65536 octets; found \(options.byteStringByteCount)")
      }
      return GraphicsCard(
        try .resolve("gpu", ModelDocuments.gpuLargeMemory, settings), options,
        localMemory: options.devices.contains(.blk) ? 2 : 1)
    case .external: return VendorCard(try .resolve("external", ModelDocuments.sampleVendorCard, settings))
    }
  }
}
