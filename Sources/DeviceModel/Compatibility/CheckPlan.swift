/// What to write to a device of the destination before the load.
///
/// Source: Specs/device-models.md section 8.5.
public struct DevicePlan: Equatable, Sendable {
  public struct Write: Equatable, Sendable {
    public var name: String
    public var value: ParameterValue
    /// What the device has now; nil: not stated.
    public var was: ParameterValue?
  }

  /// Path of the source's device.
  public var device: String
  public var model: String
  /// Every parameter that the destination's model knows, in octet order of names; applied together.
  public var writes: [Write]
  /// The version string, where those were compared.
  public var versionName: String?

  /// The set that a device has after the writes, whatever it had before.
  ///
  /// - Parameter configuration: What the device has before; parameters that the plan does not name stay.
  public func applied(to configuration: [ParameterSetting]) -> [ParameterSetting] {
    var values: [ExactName: ParameterValue] = [:]
    for setting in configuration { values[ExactName(setting.name)] = setting.value }
    for write in writes { values[ExactName(write.name)] = write.value }
    return values.sorted { $0.key < $1.key }.map { ParameterSetting($0.key.text, $0.value) }
  }
}
