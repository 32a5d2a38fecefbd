import DeviceModel
import Foundation
import MigrationStream
import Testing

/// Generated Swift is what lies in `Generated`, compiles here, and builds the layouts of the model.
/// Set UPDATE_GOLDEN=1 to write it anew; it has to be compiled again then.
@Suite struct GeneratedSwiftTests {
  typealias Describe = (inout LayoutBuilder) throws(StreamError) -> Void

  struct Sample: CustomStringConvertible, Sendable {
    var file: String
    var document: String
    var alias: String?
    var parameters: [String] = []

    var description: String { file }
  }

  static let samples = [
    Sample(
      file: "RxFilterNic", document: "Specs/devices/migstream.example/net/rx-filter-nic.json", alias: "3.0"),
    Sample(file: "Uart", document: "Specs/devices/migstream.example/serial/16550.json"),
    Sample(file: "EveryKind", document: "Corpus/models/examples/every-kind.json"),
  ]

  /// In the order in which layouts are numbered.
  private static func describers(of file: String) -> [Describe] {
    switch file {
    case "RxFilterNic":
      [
        RxFilterNicIdentity.describe, RxFilterNicPci.describe, RxFilterNicControl.describe,
        RxFilterNicReceive.describe, RxFilterNicRxFilter.describe, RxFilterNicTransmit.describe,
        RxFilterNicGathered.describe, RxFilterNicModeration.describe, RxFilterNicStatistics.describe,
      ]
    case "Uart":
      [
        UartRegisters.describe, UartReceiveFifo.describe, UartTransmitFifo.describe, UartReceiveTimeout.describe,
        UartTransmission.describe,
      ]
    default:
      [
        EveryKindSingle.describe, EveryKindFixed.describe, EveryKindCounted.describe, EveryKindGroups.describe,
        EveryKindMore.describe, EveryKindStillMore.describe, EveryKindLeaf.describe, EveryKindTree.describe,
      ]
    }
  }

  private func resolved(_ sample: Sample) throws -> ResolvedModel {
    let octets = [UInt8](try Data(contentsOf: ShippedModels.root.appending(path: sample.document)))
    let document = try ModelDocument(json: JSONValue(parsing: octets))
    guard let alias = sample.alias else { return try ResolvedModel(document, ParameterSet(initialOf: document)) }
    return try ResolvedModel(document, ParameterSet(alias: alias, of: document))
  }

  @Test(arguments: samples)
  func text(_ sample: Sample) throws {
    let model = try resolved(sample)
    let text = ModelSource.swift(model, prefix: sample.file)
    let file = ShippedModels.root.appending(path: "Tests/DeviceModelTests/Generated/\(sample.file).swift")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil { try Data(text.utf8).write(to: file) }
    let golden = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    #expect(text == golden, "write it anew with UPDATE_GOLDEN=1")
  }

  @Test(arguments: samples)
  func layouts(_ sample: Sample) throws {
    let model = try resolved(sample)
    let describers = Self.describers(of: sample.file)
    #expect(describers.count == model.layouts.count)
    var builder = LayoutBuilder()
    for (number, describe) in describers.enumerated() {
      try describe(&builder)
      let isSame = builder.canonical.compare(to: model.layouts.table.layout(UInt32(number)).octets) == 0
      #expect(isSame, "\(sample) layout \(number)")
    }
  }
}
