import DeviceModel
import Foundation
import MigrationStream
import Testing

/// Generated Swift is what lies in `Generated`, compiles here, and builds the layouts of the model.
/// Set UPDATE_GOLDEN=1 to write it anew; it has to be compiled again then.
@Suite struct GeneratedSwiftTests {
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

  /// Builds a layout by its number; false behind the last.
  private static func describe(
    _ number: Int, of file: String, with builder: inout LayoutBuilder
  ) throws(StreamError) -> Bool {
    switch (file, number) {
    case ("RxFilterNic", 0): try RxFilterNicIdentity.describe(with: &builder)
    case ("RxFilterNic", 1): try RxFilterNicPci.describe(with: &builder)
    case ("RxFilterNic", 2): try RxFilterNicControl.describe(with: &builder)
    case ("RxFilterNic", 3): try RxFilterNicReceive.describe(with: &builder)
    case ("RxFilterNic", 4): try RxFilterNicRxFilter.describe(with: &builder)
    case ("RxFilterNic", 5): try RxFilterNicTransmit.describe(with: &builder)
    case ("RxFilterNic", 6): try RxFilterNicGathered.describe(with: &builder)
    case ("RxFilterNic", 7): try RxFilterNicModeration.describe(with: &builder)
    case ("RxFilterNic", 8): try RxFilterNicStatistics.describe(with: &builder)
    case ("Uart", 0): try UartRegisters.describe(with: &builder)
    case ("Uart", 1): try UartReceiveFifo.describe(with: &builder)
    case ("Uart", 2): try UartTransmitFifo.describe(with: &builder)
    case ("Uart", 3): try UartReceiveTimeout.describe(with: &builder)
    case ("Uart", 4): try UartTransmission.describe(with: &builder)
    case ("EveryKind", 0): try EveryKindSingle.describe(with: &builder)
    case ("EveryKind", 1): try EveryKindFixed.describe(with: &builder)
    case ("EveryKind", 2): try EveryKindCounted.describe(with: &builder)
    case ("EveryKind", 3): try EveryKindGroups.describe(with: &builder)
    case ("EveryKind", 4): try EveryKindMore.describe(with: &builder)
    case ("EveryKind", 5): try EveryKindStillMore.describe(with: &builder)
    case ("EveryKind", 6): try EveryKindLeaf.describe(with: &builder)
    case ("EveryKind", 7): try EveryKindTree.describe(with: &builder)
    default: return false
    }
    return true
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
    var builder = LayoutBuilder()
    for number in 0..<model.layouts.count {
      let isKnown = try Self.describe(number, of: sample.file, with: &builder)
      let isSame = builder.canonical.compare(to: model.layouts.table.layout(UInt32(number)).octets) == 0
      #expect(isKnown && isSame, "\(sample) layout \(number)")
    }
    let isMore = try Self.describe(model.layouts.count, of: sample.file, with: &builder)
    #expect(!isMore)
  }
}
