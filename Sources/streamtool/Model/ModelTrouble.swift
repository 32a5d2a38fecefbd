import DeviceModel
import StreamReport

/// Why a command on device models cannot go on, with the status that the program ends with.
struct ModelTrouble: Error {
  /// What is wrong, where, and what to do next.
  let message: String
  let status: ToolStatus

  init(_ message: String, _ status: ToolStatus) {
    self.message = message
    self.status = status
  }

  /// A document that is wrong.
  init(_ fault: DocumentFault, in file: String) {
    var place = file
    if fault.line > 0 { place += ":\(fault.line)" }
    if !fault.pointer.isEmpty { place += ": \(fault.pointer)" }
    self.init("\(place): \(fault.message)", .refused)
  }

  /// Parameters that the model does not allow.
  init(_ fault: ParameterFault, of model: String) { self.init("\(model): \(fault.message)", .refused) }

  func report() -> ToolStatus {
    ToolStatus.complain(message)
    return status
  }
}
