import StreamMutation
import Testing

@testable import DeviceFuzz

/// What fuzzes a device of one's own, as far as it needs none; `.ci/check-device-fuzz` runs a device in C.
@Suite struct DeviceFuzzTests {
  @Test("Any octets are an input, and an input that is written reads the same")
  func inputs() {
    for seed in 0..<500 {
      var chance = Chance(UInt64(seed))
      let stream = (0..<chance.below(80)).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
      let operations = (0..<chance.below(8)).map { _ in
        let code = UInt8(chance.below(Int(DeviceOperation.codeCount)))
        return DeviceOperation(code: code, argument: UInt8(chance.below(256)), octets: GuestOctets.some(&chance))
      }
      let written = DeviceInput(stream: stream, operations: operations).octets
      let read = DeviceInput(written)
      #expect(read.stream == stream, "seed \(seed)")
      #expect(read.octets == written, "seed \(seed)")
      var noise = written
      OctetMutation.mutate(&noise, byteCountMax: 4096, chance: &chance)
      #expect(DeviceInput(DeviceInput(noise).octets) == DeviceInput(noise), "seed \(seed)")
    }
  }

  @Test("A stream that a VMM saved is an input as it is")
  func plainStream() {
    let stream = [UInt8](repeating: 7, count: 100)
    #expect(DeviceInput(stream) == DeviceInput(stream: stream, operations: DeviceOperation.usual))
    #expect(DeviceInput(stream: stream).octets == stream)
    #expect(DeviceInput([]).stream.isEmpty)
    #expect(DeviceInput([0xff, 0xff, 0x4d, 0x46]).stream == [0xff, 0xff, 0x4d, 0x46], "a count above what is there")
  }

  @Test("A view tells which value differs")
  func views() {
    var (first, second) = (DeviceView(), DeviceView())
    for (view, level) in [(0, UInt8(3)), (1, 17)] {
      var made = DeviceView()
      unsafe "level".withCString { name in
        unsafe withUnsafeBytes(of: level) { unsafe made.add(name, $0) }
      }
      unsafe "fifo".withCString { name in
        unsafe [UInt8](repeating: level, count: 16).withUnsafeBytes { unsafe made.add(name, $0) }
      }
      if view == 0 { first = made } else { second = made }
    }
    #expect(first.difference(from: first) == nil)
    #expect(second.difference(from: first) == "level: expected 3, found 17")
    #expect(DeviceView().difference(from: first) == "expected 2 values, found 0")
  }
}
