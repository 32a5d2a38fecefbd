public import MigrationStream

extension Scenario {
  /// The defaults, with what the scenario's `limits` key says.
  public var streamLimits: StreamLimits {
    get throws { try StreamLimits(changing: limits, of: name) }
  }
}

extension StreamLimits {
  /// The defaults, with what `items` say as `name=value`.
  init(changing items: [String], of scenario: String) throws {
    self.init()
    for item in items {
      let parts = item.split(separator: "=")
      guard parts.count == 2, let value = UInt32(parts[1]), set(String(parts[0]), to: value)
      else { throw ScenarioError(name: scenario, line: 1, reason: "limits: \(item)") }
    }
  }

  /// Every limit with its name, in the order of Specs/40-reader-rules.md section 3.
  public var namedValues: [(name: String, value: UInt64)] {
    [
      ("recordBodyBytesMax", recordBodyBytesMax), ("payloadBytesMax", payloadBytesMax),
      ("devicesMax", UInt64(devicesMax)), ("regionsMax", UInt64(regionsMax)),
      ("parametersMax", UInt64(parametersMax)), ("sectionsMax", UInt64(sectionsMax)),
      ("subsectionsMax", UInt64(subsectionsMax)), ("textBytesMax", UInt64(textBytesMax)),
      ("layoutsMax", UInt64(layoutsMax)), ("layoutBytesMax", layoutBytesMax),
      ("layoutBytesTotalMax", layoutBytesTotalMax), ("fieldsMax", UInt64(fieldsMax)),
      ("nestingMax", UInt64(nestingMax)), ("blockBytesMax", blockBytesMax),
      ("extentsMax", UInt64(extentsMax)), ("zstdWindowBytesMax", zstdWindowBytesMax),
      ("zstdPlainBytesMax", zstdPlainBytesMax), ("finalExtentsMax", UInt64(finalExtentsMax)),
      ("passRunsMax", UInt64(passRunsMax)), ("barriersMax", UInt64(barriersMax)),
    ]
  }

  /// Sets the limit of that name; false when there is none.
  mutating func set(_ name: String, to value: UInt32) -> Bool {
    switch name {
    case "recordBodyBytesMax": recordBodyBytesMax = UInt64(value)
    case "payloadBytesMax": payloadBytesMax = UInt64(value)
    case "devicesMax": devicesMax = value
    case "regionsMax": regionsMax = value
    case "parametersMax": parametersMax = value
    case "sectionsMax": sectionsMax = value
    case "subsectionsMax": subsectionsMax = value
    case "textBytesMax": textBytesMax = value
    case "layoutsMax": layoutsMax = value
    case "layoutBytesMax": layoutBytesMax = UInt64(value)
    case "layoutBytesTotalMax": layoutBytesTotalMax = UInt64(value)
    case "fieldsMax": fieldsMax = value
    case "nestingMax": nestingMax = value
    case "blockBytesMax": blockBytesMax = UInt64(value)
    case "extentsMax": extentsMax = value
    case "zstdWindowBytesMax": zstdWindowBytesMax = UInt64(value)
    case "zstdPlainBytesMax": zstdPlainBytesMax = UInt64(value)
    case "passRunsMax": passRunsMax = value
    case "barriersMax": barriersMax = value
    case "finalExtentsMax": finalExtentsMax = value
    default: return false
    }
    return true
  }
}
