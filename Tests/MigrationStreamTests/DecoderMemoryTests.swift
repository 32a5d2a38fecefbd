import MigrationStream
import StreamTestKit
import Testing

/// The memory of a decoder against the formula of the specification, for manifests, layouts and bodies that are as
/// dear as they can be.
///
/// Source: Specs/40-reader-rules.md section 3.
@Suite struct DecoderMemoryTests {
  private static let constant = 65536

  @Test(arguments: ["devices", "regions", "parameters", "announcements"])
  func manifests(_ what: String) {
    let manifest = RawManifest {
      switch what {
      case "devices":
        $0.devices = (0..<9000).map { number in
          RawDevice {
            $0.path = .text("d\(number)")
            $0.sections = []
          }
        }
      case "regions": $0.regions = .init(repeating: RawRegion(), count: 4096)
      case "parameters":
        let names = (1000..<2000).map { RawParameter("\($0)", type: 2) }
        $0.devices = (0..<17).map { number in
          RawDevice {
            $0.path = .text("d\(number)")
            $0.parameters = names
            $0.sections = []
          }
        }
      default:
        $0.devices = (0..<5).map { number in
          RawDevice {
            $0.path = .text("d\(number)")
            $0.sections = .init(repeating: RawAnnouncement("s"), count: 4096)
          }
        }
      }
    }.record
    let body = manifest.body.count
    let tables: Int =
      switch what {
      case "devices": 9000 * 128
      case "regions": 4096 * 48
      case "parameters": 17 * 128 + 17000 * 32
      default: 5 * 128 + 5 * 4096 * 20 + 5 * 4096 / 8
      }
    let stream = RawStream([manifest, .end]).octets
    // The body is in the manifest once, and where it was received.
    check(stream, Self.constant + 3 * body + 3 * tables, whole: Self.constant + 3 * body + 2 * tables)
  }

  @Test func manyTinyLayouts() {
    let layout = RawLayout("l", [RawField("a", .bool)])
    let records = (0..<20000).map { layout.record(UInt32($0)) }
    let stream = RawStream([RawManifest().record] + records + [.end]).octets
    let kept = 20000 * (layout.canonical.count + 32 + 32)
    check(stream, Self.constant + 3 * kept, whole: Self.constant + 2 * kept)
  }

  @Test func oneBody() {
    let record = RawRecord(0x8001, flags: 2, body: .zeros(3_000_000))
    let stream = RawStream([RawManifest().record, record, .end]).octets
    check(stream, Self.constant + 3 * 3_000_000, whole: Self.constant + 2 * 3_000_000)
  }

  /// Frames of growing contents: each takes what it holds, whatever came before.
  @Test func frames() {
    let counts = [1_000_000, 3_000_000, 3_000_064]
    let records = counts.map { count in
      RawRecord.memory(zstd: Self.frame(count), plain: .init(repeating: 0x61, count: count))
    }
    let manifest = RawManifest { $0.regions = [RawRegion { $0.length = 1 << 24 }] }
    let stream = RawStream(mandatory: 1 << 3, [manifest.record] + records + [.end]).octets
    let most = Self.constant + 256 * 1024 + 3_000_064
    check(stream, most, whole: most)
  }

  /// A single segment of `count` times the octet 61, in blocks of 128 KiB and the rest.
  private static func frame(_ count: Int) -> [UInt8] {
    var octets: [UInt8] = .joined(.hex("28b52ffd a0"), .u32(UInt32(count)))
    var left = count
    while left > 0 {
      let block = min(left, 128 * 1024)
      left -= block
      octets += [UInt8].u32(UInt32(block << 3 | 1 << 1 | (left == 0 ? 1 : 0))).prefix(3) + [0x61]
    }
    return octets
  }

  /// - Parameters:
  ///   - peak: Most octets at any time.
  ///   - whole: Most octets once the records before END have come.
  private func check(_ stream: [UInt8], _ peak: Int, whole: Int) {
    for cuts in [[], stride(from: 0, to: stream.count, by: 1009).map { $0 }] {
      let counter = CountingAllocator()
      do throws(StreamError) {
        var decoder = try PushDecoder(allocator: counter.allocator)
        var nobody = NoHandler()
        var start = 0
        for cut in cuts + [stream.count] {
          _ = try decoder.push(stream.span.octets.extracting(start..<cut), to: &nobody)
          start = cut
        }
        #expect(counter.live <= whole, "held \(counter.live)")
      } catch { #expect(error.code == .missingSection, "\(error)") }
      #expect(counter.peak <= peak, "peak \(counter.peak)")
    }
  }
}
