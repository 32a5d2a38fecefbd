import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Single device: MANIFEST body 128 (architecture 132, endianness 134, page_size 136, num_devices 144), text
  /// 152 to 159, device 160.
  mutating func addProfiles() {
    folder = "profile"
    let stream = Base.single { _ in }
    accept(
      "machine", "10 §1",
      "regions, devices, layouts of each form, two passes, subsections, bulk of each kind", Base.machine)
    accept("single-device", "10 §4.4", "one device and no machine", stream)
    accept(
      "single-device-without-path", "10 §4.4", "the path may be empty",
      Base.single { $0.devices[0].path = [] })
    accept(
      "single-device-with-its-region", "10 §4.4", "a region of device 0", Base.singleRegion(owner: 0))
    accept(
      "canonical-flag", "30 §5", "the optional flag says that the stream is in canonical form",
      stream.patched(20, .u32(2)))
    reject(
      "single-device-with-architecture", .badValue, .manifest, 132, released: 0, expected: 0, found: 6,
      "10 §4.4", "a machine's property", Base.single { $0.architecture = .text("x86_64") })
    reject(
      "single-device-with-architecture-and-reserved", .reservedNotZero, .manifest, 148, released: 0,
      "40 §5", "the head before what the form demands of it",
      Base.single { $0.architecture = .text("x86_64") }.patched(148, .u32(1)))
    reject(
      "single-device-with-endianness", .badValue, .manifest, 134, released: 0, expected: 0, found: 1,
      "10 §4.4", "a machine's property", Base.single { $0.endianness = 1 })
    reject(
      "single-device-with-page-size", .badValue, .manifest, 136, released: 0, expected: 0, found: 4096,
      "10 §4.4", "a machine's property", Base.single { $0.pageSize = 4096 })
    reject(
      "single-device-of-two", .badValue, .manifest, 144, released: 0, expected: 1, found: 2, "10 §4.4",
      "num_devices is 1", Base.single { $0.devices.append(RawDevice { $0.path = .text("/b") }) })
    reject(
      "single-device-of-none", .badValue, .manifest, 144, released: 0, expected: 1, found: 0, "10 §4.4",
      "num_devices is 1", Base.single { $0.devices = [] })
    reject(
      "single-device-of-none-with-page-size", .badValue, .manifest, 136, released: 0, expected: 0, found: 4096, "40 §5",
      "page_size stands before num_devices",
      Base.single {
        $0.devices = []
        $0.pageSize = 4096
      })
    reject(
      "single-device-with-machine-memory", .badValue, .manifest, 164, released: 0, expected: 0,
      found: 0xffff_ffff, "10 §4.4", "regions are owned by device 0", Base.singleRegion(owner: none32))
  }
}

extension Base {
  /// MANIFEST 64 (body 128), then the records of ``uart``.
  static func single(_ change: (inout RawManifest) -> Void) -> RawStream {
    let manifest = RawManifest {
      ($0.architecture, $0.endianness, $0.pageSize) = ([], 0, 0)
      $0.devices = [RawDevice()]
      change(&$0)
    }
    var stream = uart.changing(0) { $0 = manifest.record }
    stream.preamble.set(.u32(1), at: 16)
    return stream
  }

  /// Region 160 (owner 164).
  static func singleRegion(owner: UInt32) -> RawStream {
    single { $0.regions = [RawRegion { $0.owner = owner }] }
  }
}
