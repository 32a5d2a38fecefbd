/// Writes tiny QEMU streams for tests, octet by octet.
struct StreamBuilder {
  var octets: [UInt8] = []

  mutating func u8(_ value: UInt8) { octets.append(value) }
  mutating func u16(_ value: UInt16) { number(UInt64(value), 2) }
  mutating func u32(_ value: UInt32) { number(UInt64(value), 4) }
  mutating func u64(_ value: UInt64) { number(value, 8) }

  private mutating func number(_ value: UInt64, _ size: Int) {
    for shift in stride(from: (size - 1) * 8, through: 0, by: -8) {
      octets.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }

  mutating func string8(_ text: String) {
    octets.append(UInt8(text.utf8.count))
    octets += Array(text.utf8)
  }

  /// Magic, version and the machine's name.
  mutating func header(machine: String? = "test") {
    u32(0x5145_564d)
    u32(3)
    guard let machine else { return }
    u8(7)
    u32(UInt32(machine.utf8.count))
    octets += Array(machine.utf8)
  }

  /// A section's header.
  mutating func section(
    _ type: UInt8 = 4, id: UInt32, _ name: String, instance: UInt32 = 0, version: UInt32 = 1
  ) {
    u8(type)
    u32(id)
    string8(name)
    u32(instance)
    u32(version)
  }

  mutating func footer(_ id: UInt32) {
    u8(0x7e)
    u32(id)
  }

  /// A whole described section.
  mutating func device(
    id: UInt32, _ name: String, instance: UInt32 = 0, version: UInt32 = 1, payload: [UInt8]
  ) {
    section(id: id, name, instance: instance, version: version)
    octets += payload
    footer(id)
  }

  mutating func subsection(_ name: String, version: UInt32 = 1, payload: [UInt8]) {
    u8(5)
    string8(name)
    u32(version)
    octets += payload
  }

  /// The end of the stream, with a description.
  mutating func end(description: String?) {
    u8(0)
    guard let description else { return }
    u8(6)
    u32(UInt32(description.utf8.count))
    octets += Array(description.utf8)
  }

  /// A stream with one block of four pages of 256 octets: data, data, zero, data.
  static func memory(trailing: [UInt8] = []) -> [UInt8] {
    var builder = StreamBuilder()
    builder.header()
    builder.section(1, id: 2, "ram", version: 4)
    builder.u64(1_024 | 0x04)
    builder.string8("r0")
    builder.u64(1_024)
    builder.u64(0x10)
    builder.footer(2)
    builder.u8(2)
    builder.u32(2)
    builder.u64(0x08)
    builder.string8("r0")
    builder.octets += [UInt8](repeating: 0xa1, count: 256)
    builder.u64(0x100 | 0x28)
    builder.octets += [UInt8](repeating: 0xa2, count: 256)
    builder.u64(0x200 | 0x22)
    builder.u8(0)
    builder.u64(0x10)
    builder.footer(2)
    builder.u8(3)
    builder.u32(2)
    builder.u64(0x300 | 0x28)
    builder.octets += [UInt8](repeating: 0xa3, count: 256)
    builder.u64(0x10)
    builder.footer(2)
    builder.device(id: 5, "dev", payload: [0, 0, 0, 7])
    builder.end(
      description:
        #"{"page_size": 256, "devices": [{"name": "dev", "instance_id": 0, "vmsd_name": "dev", "#
        + #""version": 1, "fields": [{"name": "x", "type": "uint32", "size": 4}]}]}"#)
    return builder.octets + trailing
  }

  /// A stream of one device, `dev`, with this payload and these members of its description.
  static func oneDevice(payload: [UInt8], members: String) -> [UInt8] {
    var builder = StreamBuilder()
    builder.header()
    builder.device(id: 1, "dev", payload: payload)
    builder.end(
      description:
        #"{"page_size": 4096, "devices": [{"name": "dev", "instance_id": 0, "vmsd_name": "dev", "#
        + "\"version\": 1, \(members)}]}")
    return builder.octets
  }
}
