import DeviceModel
import MigrationStream
import StreamIO
import StreamReport

/// What `check` asks destinations to take.
///
/// Source: Specs/device-models.md section 8.2.
struct CheckSource {
  let name: String
  let check: CompatibilityCheck

  /// - Throws: ``IOFailure``; ``ModelTrouble`` and, after saying what is wrong, ``ToolStatus``.
  init(reading path: String) throws {
    var input = try InputFile.open(path)
    name = input.name
    guard input.piece.byteCount > 0 else {
      throw ModelTrouble("\(name) is empty; expected a stream or an information document", .refused)
    }
    let document =
      input.piece.beginsDocument ? try InfoDocument(reading: &input) : try Self.manifest(of: &input)
    do throws(DocumentFault) { check = try CompatibilityCheck(source: document) } catch {
      throw ModelTrouble(error, in: name)
    }
    guard !check.devices.isEmpty else {
      throw ModelTrouble("\(name) has neither devices nor models, so there is nothing to check", .refused)
    }
  }

  /// Octets pushed at once: what follows the manifest is not looked at.
  private static let stepByteCount = 4_096

  private static func manifest(of input: inout InputFile) throws -> InfoDocument {
    var taker = ManifestTaker()
    var options = DecoderOptions()
    options.checksSections = false
    // What comes after the manifest is not read, on whatever channel.
    options.readsChannels = true
    var decoder = try makeDecoder(options)
    var refusal: StreamError?
    while refusal == nil, taker.document == nil, try input.advance() {
      var rest = input.piece
      while rest.byteCount > 0, refusal == nil, taker.document == nil {
        let step = rest.extracting(first: min(rest.byteCount, stepByteCount))
        rest = rest.extracting(droppingFirst: step.byteCount)
        do throws(StreamError) { _ = try decoder.push(step, to: &taker) } catch { refusal = error }
      }
    }
    // What is wrong may stand behind the manifest, in the same step.
    if let document = taker.document { return document }
    if refusal == nil {
      do throws(StreamError) { try decoder.finish() } catch { refusal = error }
    }
    guard let refusal else { throw ToolStatus.defect }
    throw ToolStatus.complain(refusal, decoder.state, input)
  }
}

/// Takes what the manifest says.
private struct ManifestTaker: StreamHandler {
  var document: InfoDocument?

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {
    if record.header.knownKind == .manifest { document = InfoDocument(state.manifest) }
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) {}

  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {}
}
