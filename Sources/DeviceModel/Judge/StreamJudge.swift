public import MigrationStream

/// Judges the devices of a stream by their models while it is decoded, as a destination would that has the newest
/// definitions and no configuration of its own.
///
/// The decoder has to keep layouts (``DecoderOptions/checksSections``). What refuses is a ``StreamError`` like the
/// decoder's own; ``explanation`` says it with the names of the model.
///
/// Memory: for each device with a model 8 octets an announcement and its parameters; one resolved model for each
/// configuration, at most ``ConfigurationCache/countMax``; the stream's layouts once more when some are external.
///
/// Source: Specs/device-models.md section 11.
public struct StreamJudge: ~Copyable, StreamHandler {
  private let find: (String) -> ModelDocument?
  private var devices: [JudgedDevice?] = []
  private var configurations = ConfigurationCache()
  private var layouts = FilledLayouts()
  public private(set) var notes = JudgeNotes()
  /// The refusal in words; nil where there are none but the error's own.
  public private(set) var explanation: String?

  /// - Parameter find: The newest definition of a model; nil for one that is not known.
  public init(models find: @escaping (String) -> ModelDocument?) { self.find = find }

  /// Whether a device is judged by a model.
  public func knows(device: UInt32) -> Bool { Int(clamping: device) < devices.count && devices[Int(device)] != nil }

  public mutating func preamble(_ preamble: Preamble) {}

  public mutating func record(
    _ record: borrowing Record, _ state: borrowing StreamState
  ) throws(StreamError) {
    let header = record.header
    switch header.knownKind {
    case .manifest: try takeManifest(state.manifest, at: record.bodyOffset, header.sequence)
    case .layout:
      do throws(StreamError) {
        try layouts.take(record, state, devices, &configurations)
      } catch {
        explanation = layouts.explanation
        throw error.within(sequence: header.sequence, device: Format.none32)
      }
    case .section: try takeSection(record, state)
    case .bytes:
      guard knows(device: header.device), let device = devices[Int(header.device)] else { return }
      device.hasBytes = true
      if !device.hasByteString {
        explanation = "the model \(device.document.model) has no byte string with these parameters"
        throw StreamError(.notEnabled, .rules, at: record.offset &+ 12)
          .within(sequence: header.sequence, device: header.device)
      }
    case .end: try takeEnd(at: record.offset, header.sequence)
    default: break
    }
  }

  public mutating func payload(_ octets: RawSpan, at position: UInt64) {}
  public mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {}

  // MARK: Records

  private mutating func takeManifest(
    _ manifest: borrowing Manifest, at base: UInt64, _ sequence: UInt64
  ) throws(StreamError) {
    for number in 0..<manifest.devices.count {
      let entry = manifest.devices[number]
      let identifier = String(manifest.model(of: entry))
      guard !identifier.isEmpty, let document = find(identifier) else {
        notes.unknown(device: number, model: identifier)
        devices.append(nil)
        continue
      }
      do throws(StreamError) {
        let device = try JudgedDevice(number, document, manifest, at: base, &configurations, &explanation)
        device.note(in: &notes, try Self.configuration(of: device, &configurations))
        devices.append(device)
      } catch {
        throw error.within(sequence: sequence, device: UInt32(truncatingIfNeeded: number))
      }
    }
  }

  private mutating func takeSection(
    _ record: borrowing Record, _ state: borrowing StreamState
  ) throws(StreamError) {
    guard knows(device: record.header.device), let device = devices[Int(record.header.device)] else { return }
    do throws(StreamError) {
      let configuration = try Self.configuration(of: device, &configurations)
      if layouts.hasExternal {
        try device.judge(record, state, layouts.store.table, configuration, &notes)
      } else {
        try device.judge(record, state, state.layouts.table, configuration, &notes)
      }
    } catch {
      explanation = (try? Self.configuration(of: device, &configurations))?.sentence(error, isSubsection: true)
      throw error.within(sequence: record.header.sequence, device: record.header.device)
    }
  }

  private static func configuration(
    of device: JudgedDevice, _ configurations: inout ConfigurationCache
  ) throws(StreamError) -> JudgedConfiguration {
    do throws(DocumentFault) {
      return try configurations.configuration(device.document, device.parameters)
    } catch {
      // It was made before, of the same.
      throw StreamError(.outOfMemory, .rules, at: 0)
    }
  }

  private mutating func takeEnd(at offset: UInt64, _ sequence: UInt64) throws(StreamError) {
    for (number, device) in devices.enumerated() {
      guard let device else { continue }
      do throws(StreamError) {
        try device.sections.finish()
        if device.hasByteString, !device.hasBytes {
          explanation = "the model \(device.document.model) has a byte string, and none came"
          throw StreamError(.incompleteBytes, .rules, at: offset)
        }
      } catch {
        throw error.within(sequence: sequence, device: UInt32(truncatingIfNeeded: number))
      }
    }
  }
}
