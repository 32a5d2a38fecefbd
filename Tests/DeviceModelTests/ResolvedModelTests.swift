import DeviceModel
import MigrationStream
import StreamTestKit
import Testing

/// What a definition and a complete parameter set give.
@Suite struct ResolvedModelTests {
  private static func resolve(_ settings: [String] = []) throws -> ResolvedModel {
    let model = try document(SampleDocument.text())
    let set = try ParameterSet(initialOf: model, but: ParameterSet.settings(settings, of: model))
    return try ResolvedModel(model, set)
  }

  private static func names(_ layouts: [ResolvedLayout]) -> [String] { layouts.map(\.name) }

  @Test func numbering() throws {
    let model = try Self.resolve()
    #expect(model.sections.map(\.name) == ["common", "queue"])
    #expect(model.sections.map(\.layout) == [0, 2])
    #expect(model.sections.map(\.maximumCount) == [1, 16])
    #expect(model.sections.map(\.keyEntry) == [nil, 0])
    #expect(model.sections.map(\.predecessors) == [[], [0]])
    #expect(model.subsections.map(\.layout) == [1])
    #expect(model.subsections.map(\.owner) == [.section(0)])
    #expect(Self.names(model.readerFields) == ["common", "slot_error", "queue", "item"])
    #expect(model.regions.map(\.byteCount) == [4 * 65536])
    #expect(model.regions.map(\.flags) == [RegionEntry.opaque])
    let hasByteString = model.hasByteString
    #expect(hasByteString)
    let rules = model.rules.sections.count
    #expect(rules == 2)
  }

  /// What is not enabled takes no number; the table of rules knows it all the same.
  @Test func disabled() throws {
    let model = try Self.resolve(["queues=1", "offload=off"])
    #expect(model.sections.map(\.name) == ["common"])
    #expect(Self.names(model.readerFields) == ["common", "slot_error", "item"])
    let (hasByteString, sections) = (model.hasByteString, model.rules.sections.count)
    let isEnabled = model.rules.sections[1].isEnabled
    #expect(!hasByteString && sections == 2 && !isEnabled)
  }

  /// 5.2: since of pieces, fields and symbols; until + 1 of what has gone; the least over what is required.
  @Test func versions() throws {
    let model = try Self.resolve()
    #expect(model.sections.map(\.version) == [3, 2])
    #expect(model.sections.map(\.versionMin) == [2, 2])
    #expect(model.subsections.map(\.version) == [1])
    let versions = (model.version, model.versionMin)
    #expect(versions == (3, 2))
  }

  /// Readers have a field that has gone, writers do not, and neither do their references move.
  @Test func goneField() throws {
    let model = try Self.resolve()
    let reader = model.readerFields[0].fields.map(\.field.name)
    #expect(reader.contains("key"))
    #expect(model.writerFields[0].fields.map(\.field.name) == reader.filter { $0 != "key" })
    let layouts = model.layouts.table
    let view = layouts.layout(0)
    let head = try #require(model.readerFields[0].entry(at: ModelPath("ring/head") ?? ModelPath([]), from: nil))
    let slots = try #require(model.readerFields[0].entry(named: "slots", in: nil))
    let attributes = view.attributes(of: head)
    #expect(attributes.reference == UInt32(slots) + 1)
    let (count, highest) = (view.attributes(of: slots).count, view.attributes(of: 3).maximum)
    #expect(count == 4 && highest == 410)
    let entry = try #require(model.readerFields[0].entry(named: "key", in: nil))
    let until = view.attributes(of: entry).until
    #expect(until == 2)
  }

  /// A device that is announced as its model says comes back with the same parameters and versions.
  @Test func manifest() throws {
    let model = try document(SampleDocument.text())
    let parameters = try ParameterSet(listed: [ParameterSetting("queues", .int(8)), ParameterSetting("backend", .str("tap"))], of: model)
    let octets = try DeviceStream.opening(ResolvedModel(model, parameters))
    var decoder = try PushDecoder()
    var reader = ManifestReader(model: model)
    _ = try decoder.push(octets.span.octets, to: &reader)
    let (found, versions, path) = (reader.parameters, reader.versions, reader.path)
    #expect(found == parameters && versions == [3, 2] && path == "device")
  }
}

/// Takes the parameters of the first device.
private struct ManifestReader: StreamHandler {
  let model: ModelDocument
  var parameters: ParameterSet?
  var versions: [UInt32] = []
  var path = ""

  init(model: ModelDocument) { self.model = model }

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {
    guard record.header.knownKind == .manifest else { return }
    let device = state.manifest.devices[0]
    versions = [device.version, device.versionMin]
    let octets = state.manifest.path(of: device)
    path = String(decoding: octets.byteOffsets.map { octets.octet(at: $0) }, as: UTF8.self)
    do throws(ParameterFault) {
      parameters = try ParameterSet(device, in: state.manifest, of: model)
    } catch {}
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) {}
  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {}
}
