import MigrationStream
import StreamTestKit

/// Runs a program's calls.
struct RoundTripEncoding {
  let program: RoundTripProgram
  /// Records that no reader knows are left out.
  var leavesOutUnknown = false
  private(set) var octets: [UInt8] = []

  init(_ program: RoundTripProgram) { self.program = program }

  mutating func encode(_ allocator: StreamAllocator) throws(StreamError) -> [UInt8] {
    octets = []
    var encoder = try StreamEncoder(preamble: preamble, indexes: program.indexes, allocator: allocator)
    append(encoder.preamble)
    let manifest = try manifest(allocator)
    append(try encoder.manifest(manifest))
    for layout in program.layouts {
      let canonical = try layout.canonical(allocator: allocator)
      append(try encoder.layout(canonical: canonical.span.octets, compresses: program.compressesLayouts))
    }
    for call in program.calls { try run(call, &encoder) }
    if program.indexes {
      while true {
        guard let page = try encoder.indexPage() else { break }
        append(page)
      }
      append(try encoder.index())
    }
    append(try encoder.end())
    return octets
  }

  private var preamble: Preamble {
    var preamble = Preamble(uuid: StreamUUID(low: 0x0123_4567_89ab_cdef, high: 0xfedc_ba98_7654_3210))
    preamble.mandatoryFlags = MandatoryFlags.known & ~(MandatoryFlags.channels | MandatoryFlags.singleDevice)
    if program.isSingle { preamble.mandatoryFlags |= MandatoryFlags.singleDevice }
    return preamble
  }

  private mutating func append(_ list: GatherList) {
    for index in 0..<list.count { append(list[index]) }
  }

  private mutating func append(_ span: RawSpan) { octets += copied(span) }

  private func manifest(_ allocator: StreamAllocator) throws(StreamError) -> ManifestBuilder {
    let (name, architecture) = (Array("fuzz".utf8), Array((program.isSingle ? "" : "x86_64").utf8))
    var builder = try ManifestBuilder(
      producer: name.span.octets, producerVersion: name.span.octets, architecture: architecture.span.octets,
      guestEndianness: program.isSingle ? 0 : 1, pageByteCount: program.isSingle ? 0 : 4096, allocator: allocator)
    for region in program.regions {
      try builder.region(
        name: name.span.octets, owner: region.owner, byteCount: UInt64(RoundTripProgram.regionByteCount),
        pageByteCount: 4096, flags: region.isOpaque ? 4 : 0)
    }
    for (number, device) in program.devices.enumerated() {
      let path = Array("device/\(number)".utf8)
      try builder.beginDevice(
        path: path.span.octets, address: RawSpan(), model: name.span.octets, mark: device.mark, version: 3, versionMin: 1)
      for parameter in 0..<device.parameters {
        let name = [UInt8(97 + parameter)]
        try builder.parameter(name: name.span.octets, kind: .int, value: UInt64(parameter))
      }
      for section in 0..<device.sections {
        let mark: Mark = device.marks >> section & 1 == 1 ? .required : .skippable
        try builder.section(name: name.span.octets, mark: mark, version: 2, versionMin: 1)
      }
      try builder.endDevice()
    }
    return builder
  }

  private mutating func run(_ call: RoundTripProgram.Call, _ encoder: inout StreamEncoder) throws(StreamError) {
    switch call {
    case .memory(let region, let offset, let octets, let compresses, let isLive):
      append(
        try encoder.memory(
          region: UInt32(region), offset: UInt64(offset), octets: octets.span.octets, source: isLive ? .live : .stable,
          compresses: compresses))
    case .run(let region, let offset, let length, let isDiscard):
      append(
        try encoder.memory(
          region: UInt32(region), offset: UInt64(offset), length: UInt64(length), kind: isDiscard ? .discard : .zero))
    case .bytes(let device, let octets, let flags, let compresses):
      append(
        try encoder.bytes(device: UInt32(device), octets: octets.span.octets, flags: flags, compresses: compresses))
    case .section(let device, let section, let data, let replaces):
      let octets = data.octets
      append(
        try encoder.section(
          device: UInt32(device), section: UInt16(section), layout: 0, data: octets.span.octets, replaces: replaces))
    case .barrier: append(try encoder.barrier())
    case .unknown(let kind, let body, let payload):
      guard !leavesOutUnknown else { return }
      append(
        try encoder.preserved(
          kind: kind, flags: RecordFlags.skippable, device: Format.none32, body: body.span.octets,
          payload: payload.span.octets))
    }
  }
}
