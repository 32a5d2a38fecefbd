import DeviceModel
import MigrationStream
import StreamReport

/// Looks at the data of sections: by models where they are known, else by what the stream says of itself.
struct DeepVerifier: ~Copyable, StreamHandler {
  private(set) var tally = StreamTally()
  private var judge: StreamJudge
  /// Whether models are asked for.
  private let judges: Bool
  /// Where a refusal of ours lies; nil for one of the decoder.
  private(set) var path: String?

  /// - Parameter find: The newest definition of a model; nil: none are known.
  init(models find: ((String) -> ModelDocument?)? = nil) {
    judges = find != nil
    judge = StreamJudge(models: find ?? { _ in nil })
  }

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(
    _ record: borrowing Record, _ state: borrowing StreamState
  ) throws(StreamError) {
    do throws(StreamError) {
      // Sections with a model are held to it: what the stream claims of them is no more than that.
      let isJudged = record.header.knownKind == .section && judge.knows(device: record.header.device)
      if !isJudged { try tally.record(record, state) }
      if judges { try judge.record(record, state) }
    } catch {
      path = PlaceFinder.path(of: error.offset, in: record, state)
      throw error
    }
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) { tally.payload(octets, at: position) }

  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {
    tally.recordEnd(header, at: offset, state)
  }

  /// What `data` of the verdict was checked by.
  var checkedData: String {
    let notes = judge.notes
    if notes.models.isEmpty { return "data (self-described)" }
    return notes.unknownCount == 0 ? "data (by model)" : "data (by model, else self-described)"
  }

  func fault(_ error: StreamError, _ state: borrowing StreamState, _ window: HexWindow) -> ReportFault {
    explained(ReportFault(error, path: path ?? ReportText.path(of: error, state), window: window))
  }

  /// A fault with what the judge knows of it.
  func explained(_ fault: ReportFault) -> ReportFault {
    var fault = fault
    if let path { fault.path = path }
    if let explanation = judge.explanation { fault.message = explanation.visible(keeping: "\"\\") }
    return fault
  }

  /// What was stepped over, and what a destination has to do.
  func notes(_ state: borrowing StreamState) -> [String] {
    judges ? tally.notes + JudgeNoteText.lines(judge.notes, state) : tally.notes
  }
}

/// The models of a library as a judge asks for them.
final class ModelShelf {
  private let library: ModelLibrary
  /// Why a document could not be read, the first that could not.
  private(set) var trouble: ModelTrouble?

  init(_ library: ModelLibrary) { self.library = library }

  func document(_ identifier: String) -> ModelDocument? {
    do { return try library.entry(identifier: identifier)?.document } catch {
      if trouble == nil { trouble = error as? ModelTrouble ?? ModelTrouble("\(identifier): \(error)", .trouble) }
      return nil
    }
  }
}

/// The notes of a judgement by models, for people.
enum JudgeNoteText {
  static func lines(_ notes: JudgeNotes, _ state: borrowing StreamState) -> [String] {
    var lines = notes.models.map { "by model: \($0.model), definition \($0.version)" }
    for (device, model) in notes.unknown {
      let reason = model.isEmpty ? "it names no model" : "the model \(model) is not in the folder"
      lines.append("self-described only: \(StatePath.device(Int(device), state)): \(reason)")
    }
    lines += more(notes.unknownCount - notes.unknown.count, "devices without a model")
    for place in notes.madeOfDefaults {
      lines.append("made of defaults, since the device is older than it: \(path(place, state))")
    }
    lines += more(notes.madeOfDefaultsCount - notes.madeOfDefaults.count, "sections made of defaults")
    lines += tally(notes.skipped, "stepped over, unknown to the model", state)
    lines += tally(notes.leftAlone, "left alone, no longer in streams", state)
    lines += tally(notes.notCompared, "configuration, to be compared at the destination", state)
    for arrival in notes.arrivals {
      let device = StatePath.device(Int(arrival.device), state)
      lines.append("on arrival: \(device): \(arrival.external.name): \(Self.action(arrival.external))")
    }
    return lines + more(notes.arrivalCount - notes.arrivals.count, "things to do on arrival")
  }

  private static func more(_ count: Int, _ what: String) -> [String] { count > 0 ? ["and \(count) more \(what)"] : [] }

  private static func tally(
    _ tally: JudgeNotes.Tally, _ what: String, _ state: borrowing StreamState
  ) -> [String] {
    guard let first = tally.first else { return [] }
    return ["\(what): \(tally.count), the first \(path(first, state))"]
  }

  private static func path(_ place: JudgeNotes.Place, _ state: borrowing StreamState) -> String {
    place.steps.reduce(StatePath.device(Int(place.device), state)) {
      $0 + "/" + StatePath.step($1.name, isSubsection: $1.isSubsection)
    }
  }

  /// What the destination does when its own differs.
  ///
  /// Source: Specs/device-models.md section 6.
  private static func action(_ external: External) -> String {
    switch (external.treatment, external.onArrival) {
    case (.hidden, _): "hide; the guest goes on seeing the constant that the device shows"
    case (.configured, _): "refuse if the parameter \(external.parameter ?? "") is configured otherwise"
    case (.migrated, .hide): "hide; the device keeps showing what the stream has in \(external.field ?? "")"
    case (.migrated, .refuse): "refuse if it differs from what the stream has in \(external.field ?? "")"
    case (.migrated, .notify): "notify the guest if it differs from what the stream has in \(external.field ?? "")"
    case (.reread, .hide): "read it anew and hide the change"
    case (.reread, .refuse): "refuse if the destination's differs"
    case (.reread, .notify): "read it anew and notify the guest"
    }
  }
}
