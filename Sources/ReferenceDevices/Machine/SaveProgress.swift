/// How far a save is with what each device gives.
struct SaveProgress {
  /// By device.
  var steps: [Step]

  struct Step {
    /// Whether the regions were cleared: what a destination held before is not to shine through.
    var hasCleared = false
    var hasGivenSections = false
  }

  init(deviceCount: Int) { steps = Array(repeating: Step(), count: deviceCount) }
}
