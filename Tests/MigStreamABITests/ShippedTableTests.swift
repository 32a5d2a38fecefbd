import CMigStream
import CShippedTables
import DeviceModel
import Foundation
import MigrationStream
import Testing

/// The library takes the generated table of each shipped model, and makes of it the model's own layouts.
@Suite struct ShippedTableTests {
  private static let devices = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Specs/devices")

  private static func documents() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: devices.path).filter { $0.hasSuffix(".json") }.sorted()
  }

  private func octets(_ span: RawSpan) -> [UInt8] { span.byteOffsets.map { span.octet(at: $0) } }

  @Test(arguments: try ShippedTableTests.documents())
  func table(_ file: String) throws {
    let json = [UInt8](try Data(contentsOf: Self.devices.appending(path: file)))
    let document = try ModelDocument(json: JSONValue(parsing: json))
    let resolved = try ResolvedModel(document, ParameterSet(initialOf: document))
    let name = URL(filePath: file).deletingPathExtension().lastPathComponent
    let model = try #require(unsafe shipped_model(name))
    let state = unsafe UnsafeMutableRawPointer.allocate(byteCount: Int(model.pointee.size), alignment: 16)
    defer { unsafe state.deallocate() }
    unsafe state.initializeMemory(as: UInt8.self, repeating: 0, count: Int(model.pointee.size))

    var (manifest, error) = unsafe (OpaquePointer?.none, mgs_error())
    var topology = unsafe mgs_topology()
    unsafe topology.size = MemoryLayout<mgs_topology>.size
    unsafe topology.producer = text("test")
    #expect(unsafe mgs_manifest_new(&manifest, &topology, nil, &error) == 0)
    defer { unsafe mgs_manifest_free(manifest) }
    var device = unsafe mgs_device()
    unsafe device.size = MemoryLayout<mgs_device>.size
    unsafe device.path = text("device")
    #expect(unsafe mgs_manifest_add_struct(manifest, &device, model, state, &error) == 0, "\(error)")

    var layouts: [[UInt8]] = []
    var canonical = unsafe mgs_octets()
    while unsafe mgs_manifest_layout(manifest, 0, UInt32(layouts.count), &canonical) == 0 {
      layouts.append(unsafe Array(UnsafeRawBufferPointer(start: canonical.octets, count: canonical.size)))
    }
    let wanted = (0..<resolved.layouts.count).map { octets(resolved.layouts.table.layout(UInt32($0)).octets) }
    #expect(Set(layouts) == Set(wanted) && layouts.count == wanted.count)

    var stream = [UInt8](repeating: 0, count: 1 << 20)
    var written = 0
    #expect(unsafe mgs_encode_struct(manifest, nil, &stream, stream.count, &written, &error) == 0, "\(error)")
    #expect(unsafe mgs_verify(stream, written, MGS_TIER_DEEP.rawValue, nil, nil, &error) == 0, "\(error)")
  }
}
