import DeviceModel
import MigrationStream
import ResumePath
import Synchronization

/// A machine that nothing has happened to, with all that is worked out when it is made the first time: machines with
/// the same options begin as copies of it.
///
/// Nothing in it changes after it was made, so threads may share it.
final class MachineTemplate: @unchecked Sendable {
  private let options: MachineOptions
  /// Only copied.
  let devices: [any ReferenceDevice]
  let states: [MigrationState]
  let regions: [MachineMemory.Region]
  let layouts: MachineLayouts

  /// The latest ones; more machines than these are seldom made in turns.
  private static let shared = Mutex<[MachineTemplate]>([])
  private static let countMax = 16

  static func of(_ options: MachineOptions) throws(MachineFault) -> MachineTemplate {
    if let known = shared.withLock({ $0.first { $0.options.makeSameMachine(as: options) } }) { return known }
    let made = try MachineTemplate(options)
    shared.withLock {
      if $0.count == countMax { $0.removeFirst() }
      $0.append(made)
    }
    return made
  }

  private init(_ options: MachineOptions) throws(MachineFault) {
    let least = Board.driverMemory(options.devices.count)
    guard options.memoryByteCount % 4096 == 0, options.memoryByteCount >= least else {
      throw MachineFault(
        "guest memory is a multiple of 4096 octets, at least \(least) of them; found \(options.memoryByteCount)")
    }
    guard Set(options.devices).count == options.devices.count, !options.devices.isEmpty else {
      throw MachineFault("a machine has devices, of each kind one")
    }
    var devices: [any ReferenceDevice] = []
    for kind in options.devices { devices.append(try kind.makeDevice(options)) }
    var memory = MachineMemory()
    memory.addRegion("ram", owner: nil, byteCount: options.memoryByteCount)
    if options.devices.contains(.blk) { memory.addRegion("disk", owner: nil, byteCount: BlockDevice.diskByteCount) }
    for (number, device) in devices.enumerated() {
      for region in device.model.resolved.regions {
        memory.addRegion(region.name, owner: number, byteCount: region.byteCount, flags: region.flags)
      }
    }
    layouts = try MachineLayouts(devices)
    self.options = options
    states = devices.map { _ in .running }
    regions = memory.regions
    self.devices = devices
  }
}

extension MachineOptions {
  /// The seed is a guest's.
  fileprivate func makeSameMachine(as other: MachineOptions) -> Bool {
    devices == other.devices && capabilities == other.capabilities && memoryByteCount == other.memoryByteCount
      && byteStringByteCount == other.byteStringByteCount && parameters == other.parameters
  }
}
