import DeviceModel
import MigrationStream
import ResumePath
import StreamReport

/// How a save ended, for people and programs.
struct SaveOutcome {
  enum Ending {
    /// To this file.
    case saved(String)
    /// The destination runs the guest.
    case resumed
    /// The destination refused, and the guest goes on here.
    case refused(ReverseRefusal)
    /// The hand-over failed before END, and the guest goes on here.
    case lost(String)
    /// END was sent, and nobody said what became of it.
    case limbo(String)
  }

  var ending: Ending
  var saved: SavedMachine
  /// Nanoseconds that the guest stood still, where somebody waited for it.
  var downtime: UInt64?
  /// What else there is to say.
  var notes: [String] = []

  init(_ ending: Ending, _ saved: SavedMachine) {
    self.ending = ending
    self.saved = saved
  }

  var status: ToolStatus {
    switch ending {
    case .saved, .resumed: .good
    case .refused, .lost, .limbo: .refused
    }
  }

  // MARK: Text

  var text: String {
    var text = saved.text
    if let downtime { text += "the guest stood still for \(downtime / 1_000_000) ms\n" }
    for note in notes { text += "note: \(note.visible(keeping: "\"\\"))\n" }
    return text + verdict.map { $0 + "\n" }.joined()
  }

  private var verdict: [String] {
    switch ending {
    case .saved(let file): return ["saved: \(file.visible(keeping: "\"\\"))"]
    case .resumed: return ["resumed: the destination runs the guest; this machine never does again"]
    case .refused(let refusal):
      return ["refused by the destination; the guest goes on here"] + Self.lines(refusal)
    case .lost(let why):
      return ["failed: \(why.visible(keeping: "\"\\"))", "next: the guest goes on here; END was not sent, so the destination cannot run it"]
    case .limbo(let why):
      return [
        "limbo: \(why.visible(keeping: "\"\\")); END was sent, and nobody said what became of it",
        "next: look at the destination. If it says resumed, or may have, this machine must never run again;"
          + " if it says refused, or is gone without having run, start the guest from its last saved state here",
      ]
    }
  }

  static func lines(_ refusal: ReverseRefusal) -> [String] {
    guard let error = refusal.error else {
      return ["\(ReportText.offset(refusal.offset)): code \(refusal.code), which this program does not know"]
    }
    let fault = ReportFault(error, path: "")
    return [ReportText.headline(fault), "next: " + fault.advice]
  }

  // MARK: JSON

  /// Source: Specs/50-inspection.md section 13.
  func json(device: String, seed: UInt64) -> JSONValue {
    var (result, file, message, fault) = ("saved", String?.none, String?.none, JSONValue?.none)
    switch ending {
    case .saved(let name): file = name
    case .resumed: result = "resumed"
    case .refused(let refusal):
      result = "refused"
      fault = refusal.error.map { .fault(ReportFault($0, path: "")) }
        ?? .record(["number": .number(refusal.code), "offset": .wide(refusal.offset)])
    case .lost(let why): (result, message) = ("failed", why)
    case .limbo(let why): (result, message) = ("limbo", why)
    }
    return .record([
      "schema": .number(ToolWriter.schema), "command": .text("save"), "machine": .text(device), "seed": .wide(seed),
      "saved": saved.json, "file": file.map { .text($0) }, "downtime_ns": downtime.map { .wide($0) }, "fault": fault,
      "verdict": .record([
        "result": .text(result), "message": message.map { .text($0) },
        "notes": notes.isEmpty ? nil : .list(notes.map { .text($0) }),
      ]),
    ])
  }
}
