import CMigStream
import Testing

@Suite struct SimpleCallTests {
  @Test func aDeviceIsSavedAndLoaded() throws {
    let manifest = try Manifest()
    let stream = try manifest.encoded(500)
    var error = mgs_error()
    var summary = mgs_summary()
    summary.size = MemoryLayout<mgs_summary>.size
    #expect(unsafe mgs_verify(stream, stream.count, 0, &summary, nil, &error) == 0)
    #expect(summary.stream_size == UInt64(stream.count) && summary.num_sections == 1)
    #expect(try load(stream + [1, 2, 3], by: manifest) == 500)
  }

  @Test("Ranges are the writer's claims: the reader holds its own against them")
  func whatTheLayoutForbidsIsNotLoaded() throws {
    let manifest = try Manifest()
    #expect(throws: Refused(60)) { try load(manifest.encoded(1001), by: manifest) }
    var stream = try manifest.encoded(7)
    stream[stream.count - 1] ^= 1
    #expect(throws: Refused(40)) { try load(stream, by: manifest) }
  }

  @Test func aTargetThatIsTooSmallIsToldWhatIsNeeded() throws {
    let manifest = try Manifest()
    let needed = try manifest.encoded(1).count
    let bound = unsafe mgs_device_bound(manifest.handle, 8)
    #expect(needed <= bound)
    var (written, error) = (0, mgs_error())
    var target = [UInt8](repeating: 0, count: 100)
    let octets = [UInt8](repeating: 0, count: 8)
    let status = unsafe octets.withUnsafeBytes { octets in
      var data = unsafe mgs_octets(octets: octets.baseAddress, size: octets.count)
      return unsafe mgs_encode_device(manifest.handle, &data, 1, nil, &target, target.count, &written, &error)
    }
    #expect(status == -203 && error.expected == UInt64(needed) && error.found == 100)
  }

  @Test func aManifestIsCheckedFromTheFirstOctetsOfAStream() throws {
    let manifest = try Manifest()
    let stream = try manifest.encoded(1)
    var error = mgs_error()
    #expect(unsafe mgs_manifest_check(manifest.handle, stream, stream.count, &error) == 0)
    #expect(unsafe mgs_manifest_check(manifest.handle, stream, 100, &error) == -10)
    let machine = try Manifest(single: false)
    #expect(unsafe mgs_manifest_check(machine.handle, stream, stream.count, &error) == 0)
  }

  private func load(_ stream: [UInt8], by manifest: Manifest) throws -> UInt64 {
    var (loaded, taken, error) = (UInt64(0), 0, mgs_error())
    let status = unsafe mgs_decode_device(
      manifest.handle, stream, stream.count,
      { context, piece in
        guard let piece = unsafe piece, unsafe piece.pointee.data.size == 8 else { return 1 }
        unsafe context?.storeBytes(of: piece.pointee.data.octets.loadUnaligned(as: UInt64.self), as: UInt64.self)
        return 0
      }, &loaded, &taken, &error)
    guard status == 0 else { throw Refused(error.code) }
    return loaded
  }
}
