import MigrationStream

/// The `key: value` lines of a scenario file; each is taken once, and none may be left.
struct ScenarioKeys {
  private let name: String
  private var values: [String: String] = [:]

  init(_ lines: ArraySlice<Substring>, name: String) throws {
    self.name = name
    for (index, line) in lines.enumerated() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, values[String(parts[0])] == nil else {
        throw ScenarioError(name: name, line: index + 1, reason: "not `key: value`, or a key twice")
      }
      values[String(parts[0])] = String(parts[1].drop { $0 == " " })
    }
  }

  func fault(_ reason: String) -> ScenarioError { ScenarioError(name: name, line: 1, reason: reason) }

  mutating func take(_ key: String) throws -> String {
    guard let value = values.removeValue(forKey: key) else { throw fault("no \(key)") }
    return value
  }

  mutating func takeIfPresent(_ key: String) -> String? { values.removeValue(forKey: key) }

  /// The words of a value; none without the key.
  mutating func words(_ key: String) -> [String] {
    values.removeValue(forKey: key)?.split(separator: " ").map(String.init) ?? []
  }

  mutating func number(_ key: String) throws -> UInt64? {
    guard let value = values.removeValue(forKey: key) else { return nil }
    guard let number = UInt64(value) else { throw fault("\(key) is not a number") }
    return number
  }

  mutating func code() throws -> StreamError.Code {
    let name = try take("code")
    guard let code = StreamError.Code.allCases.first(where: { "\($0)" == name }) else { throw fault("code") }
    return code
  }

  mutating func stage() throws -> StreamError.Stage {
    let name = try take("stage")
    guard let stage = StreamError.Stage.allCases.first(where: { "\($0)" == name }) else { throw fault("stage") }
    return stage
  }

  func finish() throws {
    guard values.isEmpty else { throw fault("unknown key \(values.keys.sorted())") }
  }
}
