import DeviceModel
import StreamIO
import StreamReport

/// Writes what `check` finds: text and one JSON document best first, JSON lines as destinations come.
///
/// Source: Specs/50-inspection.md section 8.
final class CheckReport {
  private var output = ToolOutput()
  private let form: ReportForm
  private let colour: ReportColour
  /// Destinations written to the JSON document.
  private var written = 0

  init(_ form: ReportForm, colour isOn: Bool) {
    self.form = form
    colour = ReportColour(isOn: isOn)
  }

  var failure: IOFailure? { output.failure }

  func start(_ source: CheckSource) {
    let count = source.check.devices.count
    let head = "{\"schema\":\(ToolWriter.schema),\"command\":\"check\""
    let members = "\"file\":\(JSONText.string(source.name)),\"devices\":\"\(count)\""
    switch form {
    case .json: output.write("\(head),\"source\":{\(members)},\"destinations\":[")
    case .jsonLines:
      output.write("\(head),\"kind\":\"start\"}\n{\"kind\":\"source\",\(members)}\n")
    case .text, .annotated:
      output.write("source \(source.name.visible): \(CheckText.count(count, "device"))\n")
    }
  }

  /// A destination as it comes.
  func destination(_ report: DestinationReport) {
    guard form == .jsonLines else { return }
    output.write("{\"kind\":\"destination\",\(CheckJSON.members(report))}\n")
  }

  /// All destinations, best first.
  func order(_ places: [DestinationRanking.Place]) {
    for (index, place) in places.enumerated() where failure == nil {
      switch form {
      case .json:
        output.write("\(index > 0 ? "," : "")\n{\"rank\":\(index + 1),\(CheckJSON.members(place))}")
      case .jsonLines:
        output.write("{\"kind\":\"rank\",\"rank\":\(index + 1),\(CheckJSON.name(place.name, place.line))}\n")
      case .text, .annotated: writeText(place, rank: index + 1)
      }
    }
    if form == .json { output.write("]") }
  }

  private func writeText(_ place: DestinationRanking.Place, rank: Int) {
    let name = colour.strong(place.name.visible)
    output.write("\(rank). \(name)\(place.line > 0 ? " (line \(place.line))" : ""): ")
    if case .failure(let fault)? = place.details {
      output.write("\(colour.fault("cannot be read")): \(fault.text.visible(keeping: "\"\\"))\n")
      return
    }
    guard place.isReadable else { return output.write("\(colour.fault("cannot be read"))\n") }
    output.write(CheckText.summary(place) + "\n")
    guard case .success(let verdict)? = place.details else { return }
    for line in CheckText.details(verdict) { output.write("     \(line)\n") }
  }

  func plan(_ plan: [DevicePlan], for name: String) {
    switch form {
    case .json:
      let devices = plan.map { "{\(CheckJSON.members($0))}" }.joined(separator: ",\n")
      output.write(",\n\"plan\":{\"destination\":\(JSONText.string(name)),\"devices\":[\n\(devices)]}")
    case .jsonLines:
      for device in plan {
        output.write("{\"kind\":\"plan\",\"destination\":\(JSONText.string(name)),\(CheckJSON.members(device))}\n")
      }
    case .text, .annotated:
      output.write("plan for \(colour.strong(name.visible)), to be applied together:\n")
      for line in plan.flatMap({ CheckText.lines($0) }) { output.write("     \(line)\n") }
    }
  }

  func end(fits: Bool) {
    let verdict = "\"result\":\"\(fits ? "good" : "refused")\""
    switch form {
    case .json: output.write(",\n\"verdict\":{\(verdict)}}\n")
    case .jsonLines: output.write("{\"kind\":\"verdict\",\(verdict)}\n")
    case .text, .annotated: if !fits { output.write(colour.fault("no destination fits") + "\n") }
    }
    output.flush()
  }
}

/// Findings for people. Whatever comes from documents is shown so that a terminal does nothing with it.
private enum CheckText {
  static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  static func summary(_ place: DestinationRanking.Place) -> String {
    let unless = "compatible unless \(count(place.conditionCount, "subsection")) \(place.conditionCount == 1 ? "comes" : "come")"
    let words = { (outcome: CheckOutcome) in
      switch outcome {
      case .compatible: "compatible"
      case .compatibleUnless: unless
      case .incompatible: "incompatible"
      }
    }
    let reasons = place.reasonCount > 0 ? "; \(count(place.reasonCount, "reason"))" : ""
    if place.interface == place.stream { return words(place.interface) + reasons }
    return "interface \(words(place.interface)), stream \(words(place.stream))\(reasons)"
  }

  static func details(_ verdict: CheckVerdict) -> [String] {
    var lines = verdict.reasons.map { reason in
      let concerns =
        reason.concerns == .both ? "interface and stream" : reason.concerns == .interface ? "interface" : "stream"
      return "\(path(reason.device)): \(reason.message.visible(keeping: "\"\\")) (\(concerns))"
    }
    if verdict.reasonCount > verdict.reasons.count {
      lines.append("and \(count(verdict.reasonCount - verdict.reasons.count, "more reason"))")
    }
    lines += verdict.conditions.map { "\(path($0.device)): unless subsection \($0.subsection.visible) comes" }
    if verdict.conditionCount > verdict.conditions.count {
      lines.append("and \(count(verdict.conditionCount - verdict.conditions.count, "more subsection"))")
    }
    return lines + verdict.notes.map { "note: \(path($0.device)): \($0.message)" }
  }

  static func lines(_ plan: DevicePlan) -> [String] {
    let model = plan.model.isEmpty ? "" : " (\(plan.model.visible))"
    let version = plan.versionName.map { ["  version \($0.visible)"] } ?? []
    let writes = plan.writes.map { write in
      let was = write.was.map { $0 == write.value ? "" : "   was \($0.text.visible(keeping: "\"\\"))" } ?? ""
      return "  \(write.name.visible)=\(write.value.text.visible(keeping: "\"\\"))\(was)"
    }
    return ["\(path(plan.device))\(model)"] + version + writes
  }

  private static func path(_ path: String) -> String { path.isEmpty ? "the device" : path.visible }
}

/// Findings as members of JSON objects.
private enum CheckJSON {
  static func name(_ name: String, _ line: Int) -> String {
    "\"destination\":\(JSONText.string(name))" + (line > 0 ? ",\"line\":\(line)" : "")
  }

  static func members(_ report: DestinationReport) -> String {
    name(report.name, report.line) + "," + members(report.finding)
  }

  static func members(_ place: DestinationRanking.Place) -> String {
    let head = name(place.name, place.line) + ","
    if let details = place.details { return head + members(details) }
    guard place.isReadable else { return head + "\"verdict\":\"unreadable\"" }
    let aspects = [("interface", place.interface), ("stream", place.stream)]
      .map { ",\"\($0)\":{\"verdict\":\"\($1.spelling)\"}" }.joined()
    return head + "\"verdict\":\"\(place.outcome.spelling)\",\(counts(place.reasonCount, place.conditionCount))\(aspects)"
  }

  private static func counts(_ reasons: Int, _ conditions: Int) -> String {
    "\"reasons\":\"\(reasons)\",\"conditions\":\"\(conditions)\""
  }

  private static func members(_ finding: Result<CheckVerdict, DocumentFault>) -> String {
    switch finding {
    case .failure(let fault):
      let place = "\"pointer\":\(JSONText.string(fault.pointer)),\"line\":\(fault.line)"
      return "\"verdict\":\"unreadable\",\"fault\":{\(place),\"message\":\(JSONText.string(fault.message))}"
    case .success(let verdict):
      var text = "\"verdict\":\"\(verdict.outcome.spelling)\",\(counts(verdict.reasonCount, verdict.conditionCount))"
      text += ",\"interface\":{\(aspect(verdict, .interface))}"
      let conditions = verdict.conditions.map {
        "{\"path\":\(JSONText.string($0.device)),\"subsection\":\(JSONText.string($0.subsection))}"
      }
      text += ",\"stream\":{\(aspect(verdict, .stream)),\"conditions\":[\(conditions.joined(separator: ","))]}"
      let notes = verdict.notes.map { "{\"code\":\"\($0.code.rawValue)\",\"path\":\(JSONText.string($0.device))}" }
      return text + ",\"notes\":[\(notes.joined(separator: ","))]"
    }
  }

  private static func aspect(_ verdict: CheckVerdict, _ aspect: Parameter.Effects) -> String {
    let reasons = verdict.reasons.filter { $0.concerns.contains(aspect) }.map { reason in
      "{\"code\":\"\(reason.code.rawValue)\",\"path\":\(JSONText.string(reason.device))"
        + ",\"name\":\(JSONText.string(reason.name)),\"found\":\(JSONText.string(reason.found))"
        + ",\"allowed\":\(JSONText.string(reason.allowed)),\"demanded_by\":\(JSONText.string(reason.demandedBy))"
        + ",\"message\":\(JSONText.string(reason.message))}"
    }
    let outcome = aspect == .interface ? verdict.interface : verdict.stream
    return "\"verdict\":\"\(outcome.spelling)\",\"reasons\":[\(reasons.joined(separator: ","))]"
  }

  static func members(_ plan: DevicePlan) -> String {
    let writes = plan.writes.map { write in
      "{\"parameter\":\(JSONText.string(write.name)),\"value\":\(JSONText.string(write.value.text))"
        + (write.was.map { ",\"was\":\(JSONText.string($0.text))" } ?? "") + "}"
    }
    let version = plan.versionName.map { ",\"version\":\(JSONText.string($0))" } ?? ""
    return "\"path\":\(JSONText.string(plan.device)),\"model\":\(JSONText.string(plan.model))\(version)"
      + ",\"writes\":[\(writes.joined(separator: ","))]"
  }
}
