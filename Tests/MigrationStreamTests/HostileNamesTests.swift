import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// Names and numbers chosen to be dear: comparisons and octets of memory are counted, at three sizes.
///
/// CI sets MIGSTREAM_LONG_TESTS: up to 65,000, where a developer's run goes to 10,000.
@Suite struct HostileNamesTests {
  /// Orders that other ways to sort or to hash are slow with.
  enum Order: String, CaseIterable {
    case ascending, descending, organPipe, medianOfThreeKiller, interleaved, allEqual, twoValues

    /// `count` numbers; equal ones stand for equal names.
    func numbers(_ count: Int) -> [Int] {
      let half = count / 2
      switch self {
      case .ascending: return Array(0..<count)
      case .descending: return (0..<count).reversed()
      case .organPipe: return (0..<count).map { $0 < half ? 2 * $0 : 2 * (count - 1 - $0) + 1 }
      case .medianOfThreeKiller:
        // Musser: 1, k + 1, 3, k + 3 ... 2, 4, 6 ...; each median of first, middle and last is among the least.
        return (0..<count).map {
          $0 >= half ? 2 * ($0 - half + 1) : $0.isMultiple(of: 2) ? $0 + 1 : half + $0
        }
      case .interleaved: return (0..<count).map { $0.isMultiple(of: 2) ? $0 / 2 : half + $0 / 2 }
      case .allEqual: return .init(repeating: 7, count: count)
      case .twoValues: return (0..<count).map { $0 % 2 }
      }
    }
  }

  private static let sizes =
    ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] != nil ? [1000, 8000, 65000] : [100, 1000, 10000]

  /// The sort that names of fields and paths of devices go through: n log n comparisons whatever the order.
  @Test(arguments: Order.allCases)
  func comparisons(_ order: Order) throws {
    for count in Self.sizes {
      let numbers = order.numbers(count)
      var list = OwnedBuffer<UInt32>()
      for index in 0..<count { try list.append(UInt32(index)) }
      var comparisons = 0
      list.sort { left, right in
        comparisons += 1
        return (numbers[Int(left)], left) < (numbers[Int(right)], right)
      }
      let levels = Int.bitWidth - count.leadingZeroBitCount
      #expect(comparisons <= 2 * count * levels, "\(order), \(count)")
      for index in 1..<count {
        let (left, right) = (numbers[Int(list[index - 1])], numbers[Int(list[index])])
        guard left <= right else {
          Issue.record("\(order), \(count): not sorted at \(index)")
          break
        }
      }
    }
  }

  /// A layout of so many names, alike but for their last octets: right, or refused for the second of two equal ones.
  @Test(arguments: Order.allCases)
  func layouts(_ order: Order) throws {
    for count in Self.sizes {
      let names = order.numbers(count).map { Self.name($0, "field of a device ") }
      let canonical = Self.layout(names)
      let counter = CountingAllocator()
      var refusal: StreamError?
      do throws(StreamError) {
        var store = LayoutStore(allocator: counter.allocator)
        try store.add(canonical: canonical.span.octets, at: 0, limits: StreamLimits())
      } catch { refusal = error }
      check(refusal, order, .layout, at: 24 + 64 * (order == .twoValues ? 2 : 1), count)
      // Canonical octets, entries, the list that is sorted.
      #expect(counter.peak <= 65536 + canonical.count + 36 * count, "\(order), \(count)")
      #expect(counter.live == 0)
    }
  }

  @Test(arguments: Order.allCases)
  func devices(_ order: Order) throws {
    for count in Self.sizes {
      let numbers = order.numbers(count)
      let manifest = RawManifest {
        $0.devices = numbers.map { number in
          RawDevice {
            $0.path = Self.name(number, "/pci0/bridge/")
            $0.sections = []
          }
        }
      }.record
      let counter = CountingAllocator()
      let stream = RawStream([manifest, .end]).octets
      let refusal = Reading.push(stream, allocator: counter.allocator).outcome.refusal
      // Where the path of the device lies: behind the 48 octets of the manifest's head and those of each device.
      let duplicate = order == .twoValues ? 2 : 1
      let lenEntry = 48 + (Self.name(0, "/pci0/bridge/").count + 7) / 8 * 8
      let offset = 128 + 40 + duplicate * lenEntry + 48
      check(refusal, order, .manifest, at: offset, count)
      #expect(counter.peak <= 65536 + 3 * (2 * manifest.body.count + 128 * count), "\(order), \(count)")
      #expect(counter.live == 0)
    }
  }

  /// As many sections as a device may have, on so many devices.
  @Test func sectionsOfManyDevices() {
    for count in [1, 4, 16] {
      let sections = [RawAnnouncement](repeating: RawAnnouncement("state"), count: 4096)
      let manifest = RawManifest {
        $0.devices = (0..<count).map { number in
          RawDevice {
            $0.path = .text("\(number)")
            $0.sections = sections
          }
        }
      }.record
      let counter = CountingAllocator()
      let refusal = Reading.push(RawStream([manifest, .end]).octets, allocator: counter.allocator).outcome.refusal
      #expect(refusal?.code == .missingSection)
      #expect(refusal?.expected == 0)
      let tables = count * (128 + 4096 * 37)
      #expect(counter.peak <= 65536 + 2 * (2 * manifest.body.count + tables) + max(tables, manifest.body.count))
    }
  }

  /// Extents that say much and hold nothing: the memory is that of the body, the work that of its octets.
  @Test func zeroExtents() {
    for count in [1000, 30000, Self.sizes[2] * 15] {
      // The last one ends where the largest region does.
      let huge = UInt64(1) << 56 - 1
      var extents = (0..<(count - 1)).map { RawExtent.zero(UInt64($0), 1) }
      extents.append(.zero(UInt64(count), huge - UInt64(count)))
      let record = RawRecord.memory(extents)
      let manifest = RawManifest { $0.regions = [RawRegion { $0.length = huge }] }.record
      let stream = RawStream([manifest, record, .end]).octets
      let counter = CountingAllocator()
      #expect(Reading.pull(stream, allocator: counter.allocator).refusal == nil)
      #expect(counter.peak <= 65536 + 2 * record.body.count)
      #expect(counter.calls < 64, "\(counter.calls)")
    }
  }

  // MARK: Streams

  private func check(
    _ refusal: StreamError?, _ order: Order, _ stage: StreamError.Stage, at offset: Int, _ count: Int
  ) {
    guard order == .allEqual || order == .twoValues else {
      #expect(refusal == nil, "\(order), \(count)")
      return
    }
    #expect(refusal?.code == .duplicateName, "\(order), \(count)")
    #expect(refusal?.stage == stage)
    #expect(refusal?.offset == UInt64(offset), "\(order), \(count)")
  }

  /// Equally long, and the same for as long as possible.
  private static func name(_ number: Int, _ prefix: String) -> [UInt8] {
    let digits = String(number)
    return .text(prefix + String(repeating: "0", count: 6 - digits.count) + digits)
  }

  /// Canonical octets of a layout of one-octet fields.
  private static func layout(_ names: [[UInt8]]) -> [UInt8] {
    var octets: [UInt8] = []
    octets.reserveCapacity(100 * names.count)
    let text = 1 + names.count * names[0].count
    octets.put(.u32(UInt32(names.count)), .u32(0), .u32(UInt32(text)), .u32(UInt32(names.count)), .u16(1), .zeros(6))
    var entry: [UInt8] = .joined([RawType.bool.rawValue, 0, 1, 0], .u32(1), .u32(0), .u32(0))
    entry.put(.u16(UInt16(names[0].count)), .zeros(46))
    for _ in names { octets += entry }
    octets.append(0x6c)
    for name in names { octets += name }
    return octets.padded()
  }
}
