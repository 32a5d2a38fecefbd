import DeviceModel
import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// A draft of a device loads, and resolves to the layouts of the stream it was made from, octet for octet.
@Suite struct ModelDraftTests {
  private static let seeds: Range<UInt64> = {
    let first = UInt64(ProcessInfo.processInfo.environment["MIGSTREAM_SEED"] ?? "0") ?? 0
    return first..<(first + 120)
  }()

  /// Drafts every device of a stream, and gives the models and what was wrong.
  private func draftAll(_ octets: [UInt8]) throws -> (drafts: Int, complaints: [String]) {
    var decoder = try PushDecoder(options: DecoderOptions())
    var observer = StateObserver()
    _ = try decoder.push(octets.span.octets, to: &observer)
    try decoder.finish()
    var (drafts, complaints) = (0, [String]())
    for number in 0..<decoder.state.manifest.devices.count {
      do throws(DraftFault) {
        let draft = try observer.draft(ofDevice: number, decoder.state)
        drafts += 1
        if let complaint = complaint(draft, number, decoder.state) { complaints.append("device \(number): \(complaint)") }
      } catch where error.message.contains("has no sections") || error.message.contains("is not in the stream") {
      } catch { complaints.append("device \(number): \(error.message)") }
    }
    return (drafts, complaints)
  }

  private func complaint(_ draft: ModelDraft, _ number: Int, _ state: borrowing StreamState) -> String? {
    do throws(DocumentFault) {
      let text = draft.document.json.text
      let document = try ModelDocument(json: JSONValue(parsing: Array(text.utf8)))
      if document != draft.document { return "the document does not come back" }
      guard let parameters = parameters(of: number, document, state) else { return "its own parameters are refused" }
      let model = try ResolvedModel(document, parameters)
      let (found, wanted) = (model.layouts.table, state.layouts.table)
      if found.count != draft.layouts.count { return "\(found.count) layouts, expected \(draft.layouts.count)" }
      for index in 0..<found.count
      where !found.layout(UInt32(index)).isSame(as: wanted.layout(draft.layouts[index])) {
        return "layout \(index) differs from the stream's \(draft.layouts[index])"
      }
      return nil
    } catch { return "\(error.pointer): \(error.message)" }
  }

  private func parameters(
    of number: Int, _ document: ModelDocument, _ state: borrowing StreamState
  ) -> ParameterSet? {
    let device = state.manifest.devices[number]
    let listed = (0..<device.parameterCount).map { index -> ParameterSetting in
      let entry = state.manifest.parameter(index, of: device)
      let text = state.manifest.text(of: entry)
      let value: ParameterValue =
        switch entry.kind {
        case .bool: .bool(entry.value == 1)
        case .int: .int(Int64(bitPattern: entry.value))
        case .str: .str(String(decoding: text.byteOffsets.map { text.octet(at: $0) }, as: UTF8.self))
        }
      let name = state.manifest.name(of: entry)
      return ParameterSetting(
        String(decoding: name.byteOffsets.map { name.octet(at: $0) }, as: UTF8.self), value)
    }
    return try? ParameterSet(listed: listed, of: document)
  }

  @Test func randomLayouts() throws {
    var equal = 0
    for seed in Self.seeds {
      let (drafts, complaints) = try draftAll(try RandomStream(seed: seed).octets)
      // No document has a default that the field's own range or alignment bars.
      if complaints.contains(where: { $0.contains("/default: ") }) { continue }
      #expect(drafts == 1 && complaints.isEmpty, "seed \(seed): \(complaints)")
      equal += 1
    }
    #expect(equal > Self.seeds.count / 2)
  }

  @Test func theCorpus() throws {
    var drafts = 0
    for scenario in try CorpusToolTests.scenarios() where scenario.verdict == .accept && !scenario.isImage {
      let (count, complaints) = try draftAll(scenario.octets)
      drafts += count
      #expect(complaints.isEmpty, "\(scenario.name): \(complaints)")
    }
    #expect(drafts > 50)
  }

  @Test(arguments: try QEMURecordings.files())
  func convertedStreams(_ file: URL) throws {
    let folder = try TemporaryFolder()
    // Channels other than the first, and encoded pages, are not converted.
    guard try ToolRun(["convert", file.path, "-o", folder.path("out")]).status == 0 else { return }
    let octets = [UInt8](try Data(contentsOf: URL(filePath: folder.path("out"))))
    let (drafts, complaints) = try draftAll(octets)
    #expect(drafts > 1 && complaints.isEmpty, "\(complaints)")
  }
}

/// Streams that QEMU wrote: the one of the corpus, and those that are not in the repository where they are.
enum QEMURecordings {
  static func files() throws -> [URL] {
    let environment = ProcessInfo.processInfo.environment["MIGSTREAM_QEMU_STREAMS"]
    let further = environment.map { URL(filePath: $0) } ?? ToolRun.root.appending(path: "../shared/streams/qemu")
    return [ToolRun.root.appending(path: "Corpus/qemu"), further].flatMap { folder in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? []
      return names.filter { $0.hasSuffix(".bin") || $0.hasSuffix(".bin.gz") }.map { folder.appending(path: $0) }
    }
  }
}
