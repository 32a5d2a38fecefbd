import DeviceModel
import MigrationStream

/// What the devices of a machine lend to sessions, in one place that lives as long as the machine.
struct MachineLayouts: ~Copyable {
  /// The writers' layouts of all devices, one device after the other.
  let writers: LayoutStore
  let ranges: [Range<Int>]
  /// Configuration that verified fields are compared with, and where that of each section of each device lies.
  let localValues: OwnedBytes
  let localRanges: [[Range<Int>]]

  init(copyOf other: borrowing MachineLayouts) throws(StreamError) {
    let writers = try LayoutStore(copyOf: other.writers)
    var localValues = OwnedBytes()
    try localValues.append(contentsOf: other.localValues)
    self.writers = writers
    self.localValues = localValues
    ranges = other.ranges
    localRanges = other.localRanges
  }

  init(_ devices: [any ReferenceDevice]) throws(MachineFault) {
    var writers = LayoutStore()
    var localValues = OwnedBytes()
    var ranges: [Range<Int>] = []
    var localRanges: [[Range<Int>]] = []
    do throws(StreamError) {
      for device in devices {
        let first = writers.count
        try Self.add(device.model.resolved.writerLayouts, to: &writers)
        ranges.append(first..<writers.count)
        var places: [Range<Int>] = []
        for values in device.localValues() {
          let start = localValues.count
          try localValues.append(values.span.octets)
          places.append(start..<localValues.count)
          // Values are read at multiples of 8, as in a stream.
          try localValues.pad(to: 8)
        }
        localRanges.append(places)
      }
    } catch { throw MachineFault("\(error.code)") }
    self.writers = writers
    self.ranges = ranges
    self.localValues = localValues
    self.localRanges = localRanges
  }

  /// A view of what a class holds lives as long as a call that borrows it.
  private static func add(_ source: borrowing LayoutStore, to target: inout LayoutStore) throws(StreamError) {
    for number in 0..<source.count {
      try target.add(canonical: source.table.layout(UInt32(number)).octets, at: 0, limits: StreamLimits())
    }
  }
}
