import CDeviceFuzz
import CMigStream
import DeviceModel
import MigrationStream
import Synchronization

/// Why a device cannot be fuzzed: a fault of what describes it, not of the device.
struct DescriptionFault: Error {
  let text: String

  init(_ text: String) { self.text = text }
}

/// A device as its owner describes it: read once, and kept as long as the process lives.
@safe
final class FuzzedDevice: @unchecked Sendable {
  let functions: mgsf_device
  let ops: mgs_device_ops
  let model: ResolvedModel?
  let document: ModelDocument?
  let manifest: OpaquePointer
  /// What a device that was just made lets a guest see, and how it is saved.
  private(set) var freshView = DeviceView()
  private(set) var freshStream: [UInt8] = []
  /// Inputs that are right: streams of devices that ran for a while.
  private(set) var seeds: [[UInt8]] = []

  /// By the address of what describes them.
  private static let known = Mutex<[UInt: FuzzedDevice]>([:])

  static func find(_ description: UnsafePointer<mgsf_device>?) throws(DescriptionFault) -> FuzzedDevice {
    guard let description = unsafe description else { throw DescriptionFault("there is no device: NULL") }
    let key = UInt(bitPattern: description)
    if let device = known.withLock({ $0[key] }) { return device }
    let device = unsafe try FuzzedDevice(description.pointee)
    try device.tryOut()
    known.withLock { $0[key] = device }
    return device
  }

  private init(_ functions: mgsf_device) throws(DescriptionFault) {
    guard unsafe functions.size == MemoryLayout<mgsf_device>.size else {
      throw DescriptionFault(
        unsafe "the size of mgsf_device is \(MemoryLayout<mgsf_device>.size); found \(unsafe functions.size)")
    }
    guard unsafe functions.create != nil, unsafe functions.destroy != nil, let ops = unsafe functions.ops,
      unsafe ops.pointee.save != nil
    else { throw DescriptionFault("a device needs create, destroy, ops and ops->save") }
    guard unsafe ops.pointee.size == MemoryLayout<mgs_device_ops>.size else {
      throw DescriptionFault("ops->size is \(MemoryLayout<mgs_device_ops>.size); found \(unsafe ops.pointee.size)")
    }
    unsafe self.functions = unsafe functions
    self.ops = unsafe ops.pointee
    if let text = unsafe functions.model {
      let parameters = unsafe functions.parameters.map { unsafe String(cString: $0) } ?? ""
      let model = try Self.resolve(unsafe String(cString: text), parameters)
      document = model.document
      self.model = consume model
    } else {
      model = nil
      document = nil
    }
    if let make = unsafe functions.manifest {
      var (made, error) = unsafe (OpaquePointer?.none, mgs_error())
      guard unsafe make(&made, nil, &error) >= 0, let manifest = unsafe made else {
        throw DescriptionFault("its function `manifest` fails: \(Verdict(error).text)")
      }
      unsafe self.manifest = unsafe manifest
    } else {
      guard model != nil else { throw DescriptionFault("a device needs a model document, or a function `manifest`") }
      unsafe self.manifest = unsafe try DeviceManifest.make(model!, capabilities: functions.capabilities)
    }
  }

  private static func resolve(_ json: String, _ parameters: String) throws(DescriptionFault) -> ResolvedModel {
    do throws(DocumentFault) {
      let document = try ModelDocument(json: JSONValue(parsing: Array(json.utf8)))
      return try ResolvedModel(document, Self.settings(parameters, of: document))
    } catch {
      throw DescriptionFault("the model document is wrong at \(error.pointer), line \(error.line): \(error.message)")
    }
  }

  private static func settings(_ text: String, of document: ModelDocument) throws(DocumentFault) -> ParameterSet {
    do throws(ParameterFault) {
      let words = text.split(separator: " ").map { String($0) }
      return try ParameterSet(initialOf: document, but: ParameterSet.settings(words, of: document))
    } catch {
      throw DocumentFault(error.message, pointer: "/params", line: 0)
    }
  }

  /// Makes a device and saves it: what that gives is what others are compared with.
  private func tryOut() throws(DescriptionFault) {
    let machine = try DeviceMachine(self)
    freshView = machine.view
    switch machine.save() {
    case .done(let stream): freshStream = stream
    case .refused(let verdict): throw DescriptionFault("a device that was just made cannot be saved: \(verdict.text)")
    case .endless: throw DescriptionFault("a device that was just made gives state without end")
    }
    seeds = try DeviceSeeds.make(self)
  }
}
