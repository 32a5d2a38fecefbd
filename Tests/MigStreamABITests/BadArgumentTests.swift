import CMigStream
import Testing

/// What no C program should pass gives a status.
@Suite struct BadArgumentTests {
  private let badHandle: Int32 = -201
  private let badArgument: Int32 = -200

  @Test func handlesThatAreNoneOrOfAnotherKind() throws {
    let manifest = try Manifest()
    var decoder: OpaquePointer?
    #expect(unsafe mgs_decoder_new(&decoder, nil, nil, 0, nil, nil) == 0)
    var (wanted, offset, error) = (0, UInt64(0), mgs_error())
    for unsafe handle in unsafe [OpaquePointer?.none, manifest.handle] {
      #expect(unsafe mgs_decoder_wanted(handle, &wanted) == badHandle)
      #expect(unsafe mgs_encoder_offset(handle, &offset) == badHandle)
      #expect(unsafe mgs_machine_state(handle, 0) == badHandle)
      #expect(unsafe mgs_save_step(handle, &error) == badHandle && error.code == 201)
    }
    #expect(unsafe mgs_manifest_check(decoder, nil, 0, &error) == badHandle)
    #expect(unsafe mgs_machine_free(decoder) == badHandle)
    #expect(unsafe mgs_decoder_free(decoder) == 0)
    #expect(mgs_decoder_free(nil) == 0)
  }

  @Test func sizesThatAreNone() throws {
    let octets = [UInt8](repeating: 0, count: 16)
    var error = mgs_error()
    #expect(unsafe mgs_verify(octets, -1, 0, nil, nil, &error) == badArgument)
    #expect(unsafe mgs_verify(nil, 16, 0, nil, nil, &error) == badArgument)
    #expect(unsafe mgs_verify(UnsafeRawPointer(bitPattern: UInt.max - 3), 16, 0, nil, nil, &error) == badArgument)
    #expect(unsafe mgs_verify(nil, 0, 0, nil, nil, &error) == -10, "no octets are a stream that is too short")
    #expect(unsafe mgs_verify(octets, 16, 9, nil, nil, &error) == badArgument)
  }

  @Test("Structs of every size: older and newer headers, and sizes that no header has")
  func structSizes() {
    let known = unsafe MemoryLayout<mgs_config>.size
    var octets = [UInt64](repeating: 0, count: 600)
    for size in [-8, 0, 4, 7, known - 4, 4097, 4104, Int.max] { #expect(made(&octets, size) == badArgument, "\(size)") }
    for size in [8, known - 8, known, known + 8, 4096] { #expect(made(&octets, size) == 0, "\(size)") }
    octets[known / 8] = 1
    #expect(made(&octets, known) == 0)
    #expect(made(&octets, known + 8) == badArgument, "something that this library does not know")
  }

  private func made(_ octets: inout [UInt64], _ size: Int) -> Int32 {
    octets[0] = UInt64(bitPattern: Int64(size))
    var decoder: OpaquePointer?
    let status = unsafe octets.withUnsafeBytes { config in
      unsafe mgs_decoder_new(&decoder, nil, nil, 0, config.baseAddress?.assumingMemoryBound(to: mgs_config.self), nil)
    }
    unsafe mgs_decoder_free(decoder)
    return status
  }

  @Test func aSummaryOfAnOlderHeaderIsFilledAsFarAsItReaches() throws {
    let stream = try Manifest().encoded(3)
    var octets = [UInt64](repeating: 77, count: 10)
    for (size, filled) in [(16, 2), (MemoryLayout<mgs_summary>.size, 6), (72, 9)] {
      octets = [UInt64](repeating: 77, count: 10)
      octets[0] = UInt64(size)
      let status = unsafe octets.withUnsafeMutableBytes { summary in
        unsafe mgs_verify(
          stream, stream.count, 0, summary.baseAddress?.assumingMemoryBound(to: mgs_summary.self), nil, nil)
      }
      #expect(status == 0 && octets[0] == UInt64(size) && octets[1] == UInt64(stream.count))
      #expect(octets[filled..<10].allSatisfy { $0 == 77 })
    }
  }

  @Test func anAllocatorWithoutItsOtherHalf() {
    var config = unsafe mgs_config()
    unsafe config.size = MemoryLayout<mgs_config>.size
    unsafe config.allocator.allocate = { _, _, _ in nil }
    var decoder: OpaquePointer?
    #expect(unsafe mgs_decoder_new(&decoder, nil, nil, 0, &config, nil) == badArgument)
    unsafe config.allocator.deallocate = { _, _ in }
    #expect(unsafe mgs_decoder_new(&decoder, nil, nil, 0, &config, nil) == -90)
  }

  @Test func manifestsOutOfOrder() throws {
    var manifest: OpaquePointer?
    #expect(unsafe mgs_manifest_new(&manifest, nil, nil, nil) == 0)
    var section = unsafe mgs_announcement()
    unsafe section.size = MemoryLayout<mgs_announcement>.size
    #expect(unsafe mgs_manifest_add_section(manifest, &section, nil) == -91)
    #expect(unsafe mgs_manifest_add_layout(manifest, nil, 0, nil) == -91)
    var parameter = unsafe mgs_parameter()
    unsafe (parameter.size, parameter.kind) = (MemoryLayout<mgs_parameter>.size, 1)
    #expect(unsafe mgs_manifest_add_parameter(manifest, &parameter, nil) == -91)
    unsafe mgs_manifest_free(manifest)
  }
}
