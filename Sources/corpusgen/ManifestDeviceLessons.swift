import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: entry 168, parent 172, flags 176, apply 178, clock 179, len_path 180, len_address 182, len_model 184,
  /// num_parameters 186, num_sections 188, num_subsections 190, version 192, version_min 196, texts 216 to 222,
  /// announcement 224 (flags 226, version_min 232, reserved 236, name 240 to 245).
  mutating func addManifestDevices() {
    folder = "manifest"
    accept(
      "device-with-everything", "10 §4.2", "parent, address, model, parameters, clock, sizes", Base.everything
    )
    accept(
      "device-skippable", "10 §4.2", "a reader without this device steps over its records",
      Base.skippableDevice)
    reject(
      "device-entry-not-a-multiple-of-8", .badValue, .manifest, 168, released: 0, found: 81, "10 §4.2",
      "len_entry is 81", Base.uart.patched(168, .u32(81)))
    reject(
      "device-entry-past-the-body", .truncatedData, .manifest, 168, released: 0, "10 §4.2",
      "len_entry is 88, 80 octets are left", Base.uart.patched(168, .u32(88)))
    reject(
      "device-entry-of-zero", .truncatedData, .manifest, 168, released: 0, "10 §4.2",
      "the fixed part alone has 48 octets", Base.uart.patched(168, .u32(0)))
    reject(
      "device-entry-left-over-octets", .unexpectedData, .manifest, 248, released: 0, expected: 88, found: 80,
      "10 §4.2", "8 octets behind the announcement", Base.device { $0.extra = .zeros(8) })
    reject(
      "device-entry-ends-before-its-announcement", .truncatedData, .manifest, 168, released: 0, expected: 80,
      found: 72, "10 §4.2",
      "len_entry is 72: the announcement's name lies behind it", Base.uart.patched(168, .u32(72)))
    reject(
      "device-its-own-parent", .unknownDevice, .manifest, 172, released: 0, found: 0, "10 §4.2",
      "a parent has a smaller number", Base.uart.patched(172, .u32(0)))
    reject(
      "device-without-mark", .badMark, .manifest, 176, released: 0, "10 §1", "flags are 0",
      Base.uart.patched(176, .u16(0)))
    reject(
      "device-with-both-marks", .badMark, .manifest, 176, released: 0, "10 §1", "flags are 3",
      Base.uart.patched(176, .u16(3)))
    addDeviceFields()
    addAnnouncements()
    addParameters()
  }

  private mutating func addDeviceFields() {
    reject(
      "device-flag-reserved", .reservedNotZero, .manifest, 176, released: 0, "10 §4.2", "bit 2",
      Base.uart.patched(176, .u16(5)))
    for apply in [UInt8(0), 4] {
      reject(
        "device-apply-\(apply)", .badValue, .manifest, 178, released: 0, found: UInt64(apply), "10 §4.2",
        "1, 2 or 3", Base.uart.patched(178, [apply]))
    }
    reject(
      "device-clock-4", .badValue, .manifest, 179, released: 0, found: 4, "10 §4.2", "0 to 3",
      Base.uart.patched(179, [4]))
    reject(
      "device-without-path", .badValue, .manifest, 180, released: 0, found: 0, "10 §4.2",
      "only the single-device form has an empty path", Base.device { $0.path = [] })
    reject(
      "device-path-twice", .duplicateName, .manifest, 272, released: 0, "10 §4.2",
      "two devices are called /uart0; the second's path starts at 272",
      RawStream([
        RawManifest { $0.devices = [RawDevice { $0.sections = [] }, RawDevice { $0.sections = [] }] }.record,
        .end,
      ]))
    reject(
      "device-paths-twice", .duplicateName, .manifest, 272, released: 0, "10 §4.2",
      "/uart1, /uart1, /uart0, /uart0: the first path that an earlier device has starts at 272",
      RawStream([
        RawManifest {
          $0.devices = [1, 1, 0, 0].map { number in
            RawDevice {
              $0.path = .text("/uart\(number)")
              $0.sections = []
            }
          }
        }.record, .end,
      ]))
    reject(
      "device-path-no-text", .badText, .manifest, 216, released: 0, "10 §1", "a zero octet",
      Base.uart.patched(217, [0]))
    reject(
      "device-text-padding", .badPadding, .manifest, 223, released: 0, "10 §1", "the last octet of the group",
      Base.uart.patched(223, [1]))
    reject(
      "device-version-min-above-version", .badValue, .manifest, 196, released: 0, expected: 1, found: 2,
      "10 §4.2", "at most version", Base.uart.patched(196, .u32(2)))
    reject(
      "parameters-above-the-limit", .limitExceeded, .manifest, 186, released: 0, expected: 1024,
      found: 1025, "40 §3", "parametersMax", Base.uart.patched(186, .u16(1025)))
    reject(
      "sections-above-the-limit", .limitExceeded, .manifest, 188, released: 0, expected: 4096,
      found: 4097, "40 §3", "sectionsMax", Base.uart.patched(188, .u16(4097)))
    reject(
      "subsections-above-the-limit", .limitExceeded, .manifest, 190, released: 0, expected: 4096,
      found: 4097, "40 §3", "subsectionsMax", Base.uart.patched(190, .u16(4097)))
  }

  private mutating func addAnnouncements() {
    reject(
      "announcement-without-name", .badValue, .manifest, 224, released: 0, found: 0, "10 §4.2",
      "len_name is 1 or more", Base.uart.patched(224, .u16(0)))
    reject(
      "announcement-without-mark", .badMark, .manifest, 226, released: 0, "10 §1", "flags are 0",
      Base.uart.patched(226, .u16(0)))
    reject(
      "announcement-flag-reserved", .reservedNotZero, .manifest, 226, released: 0, "10 §4.2", "bit 4",
      Base.uart.patched(226, .u16(17)))
    reject(
      "announcement-version-min-above-version", .badValue, .manifest, 232, released: 0, expected: 1,
      found: 9, "10 §4.2", "at most version", Base.uart.patched(232, .u32(9)))
    reject(
      "announcement-reserved", .reservedNotZero, .manifest, 236, released: 0, "10 §4.2", "octets 12 to 15",
      Base.uart.patched(236, .u32(1)))
    reject(
      "announcement-name-no-text", .badText, .manifest, 240, released: 0, "10 §1", "ff",
      Base.uart.patched(240, [0xff]))
    reject(
      "announcement-name-padding", .badPadding, .manifest, 245, released: 0, "10 §1",
      "the first octet behind the name", Base.uart.patched(245, [1]))
  }

  /// Offsets: parameter 224, type 226, reserved 227, len_text 228, value 232, name 240; the second 248.
  private mutating func addParameters() {
    func parameters(_ list: RawParameter...) -> RawStream { Base.device { $0.parameters = list } }
    let two = parameters(
      RawParameter("fifo", type: 1, value: 1), RawParameter("irq", type: 2, value: 4))
    accept(
      "parameters-of-every-type", "10 §4.3", "bool, a negative int, str, an empty str; ascending",
      parameters(
        RawParameter("a", type: 1, value: 1), RawParameter("b", type: 2, value: .max),
        RawParameter("ba", type: 3, text: "on"), RawParameter("c", type: 3)))
    reject(
      "parameter-order", .badOrder, .manifest, 264, released: 0, "10 §4.3",
      "names strictly ascend; the second name stands at 264", two.patched(264, .text("Irq")))
    reject(
      "parameter-out-of-order-with-wrong-padding", .badPadding, .manifest, 267, released: 0, "40 §5",
      "the order is judged when texts and padding were", two.patched(264, .text("Irq")).patched(267, [1]))
    reject(
      "parameter-twice", .badOrder, .manifest, 264, released: 0, "10 §4.3", "names strictly ascend",
      parameters(RawParameter("fifo", type: 1, value: 1), RawParameter("fifo", type: 1, value: 1)))
    reject(
      "parameter-prefix-after-longer-name", .badOrder, .manifest, 264, released: 0, "10 §4.3",
      "fif comes before fifo",
      parameters(RawParameter("fifo", type: 1, value: 1), RawParameter("fif", type: 1, value: 1)))
    reject(
      "parameter-without-name", .badValue, .manifest, 224, released: 0, found: 0, "10 §4.3",
      "len_name is 1 or more", two.patched(224, .u16(0)))
    for type in [UInt8(0), 4] {
      reject(
        "parameter-type-\(type)", .badValue, .manifest, 226, released: 0, found: UInt64(type), "10 §4.3",
        "1, 2 or 3", two.patched(226, [type]))
    }
    reject(
      "parameter-reserved", .reservedNotZero, .manifest, 227, released: 0, "10 §4.3", "octet 3",
      two.patched(227, [1]))
    reject(
      "parameter-int-with-text", .badValue, .manifest, 228, released: 0, expected: 0, found: 4, "10 §4.3",
      "len_text is 0 but for a str", two.patched(228, .u32(4)))
    reject(
      "parameter-bool-2", .badValue, .manifest, 232, released: 0, found: 2, "10 §4.3", "0 or 1",
      two.patched(232, .u64(2)))
    reject(
      "parameter-str-with-value", .badValue, .manifest, 232, released: 0, expected: 0, found: 1, "10 §4.3",
      "the value of a str is 0", parameters(RawParameter("a", type: 3, value: 1, text: "x")))
    reject(
      "parameter-name-no-text", .badText, .manifest, 240, released: 0, "10 §1", "a tabulator",
      two.patched(241, [9]))
    reject(
      "parameter-text-no-text", .badText, .manifest, 241, released: 0, "10 §1", "a lone lead octet",
      parameters(RawParameter("a", type: 3, text: "x")).patched(241, [0xc3]))
    reject(
      "parameter-text-above-the-limit", .limitExceeded, .manifest, 241, released: 0, expected: 1024,
      found: .init(UInt32.max), "40 §3", "textBytesMax",
      parameters(RawParameter("a", type: 3, text: "x")).patched(228, .u32(.max)))
  }
}

extension Base {
  /// A device and a child of it that has every kind of text, parameter and number.
  static let everything = RawStream([
    RawManifest {
      $0.devices = [
        RawDevice {
          $0.path = .text("/bus")
          $0.sections = []
        },
        RawDevice {
          $0.parent = 0
          $0.address = .text("0000:00:03.0")
          $0.model = .text("example.org/uart")
          $0.clock = 1
          $0.version = 7
          $0.versionMin = 3
          $0.lenInitial = 8
          $0.lenTotal = 4096
          $0.parameters = [RawParameter("fifo", type: 1, value: 1)]
          $0.subsections = [RawAnnouncement("fifo", flags: RawFlag.skippable)]
        },
      ]
    }.record, oneField.record(0), RawSection(data: .zeros(8)) { $0.device = 1 }.record, .end,
  ])

  /// A skippable device with a skippable section and a byte string.
  static let skippableDevice = RawStream([
    RawManifest {
      $0.devices = [
        RawDevice {
          $0.flags = RawFlag.skippable
          $0.sections = [RawAnnouncement("state", flags: RawFlag.skippable)]
        }
      ]
    }.record, oneField.record(0), RawSection(data: .zeros(8)) { $0.flags = RawFlag.skippable }.record,
    .bytes(flags: RawFlag.whole ^ 3, .ramp(64)), .end,
  ])
}
