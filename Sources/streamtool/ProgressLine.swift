import StreamIO
import StreamReport

/// How far long work has come: one line on standard error, on a terminal only, gone when the work is done.
///
/// Short work shows nothing.
struct ProgressLine: ~Copyable {
  private let work: String
  private let total: UInt64?
  private let isOn: Bool
  private var next: ContinuousClock.Instant
  private var isShown = false

  private static let patience = Duration.milliseconds(500)
  private static let pause = Duration.milliseconds(200)

  /// - Parameters:
  ///   - work: What is being done, as a participle; nil shows nothing.
  ///   - total: Octets of the whole of it, where they are known.
  init(_ work: String?, of total: UInt64?) {
    self.work = work ?? ""
    self.total = total
    isOn = work != nil && Descriptor.standardError().isTerminal
    next = .now + Self.patience
  }

  deinit { if isShown { Self.write("\r\u{1b}[K") } }

  /// - Parameter done: Octets that are behind us.
  mutating func show(_ done: UInt64) {
    guard isOn, ContinuousClock.now >= next else { return }
    next = .now + Self.pause
    isShown = true
    var line = "\(work) \(ReportText.size(done))"
    if let total, total > 0 {
      line = "\(work) \(min(100, UInt64(Double(done) / Double(total) * 100))) %, \(ReportText.size(done))"
    }
    Self.write("\r\(line)\u{1b}[K")
  }

  private static func write(_ text: String) {
    var writer = DescriptorWriter(.standardError())
    try? writer.write(text)
    try? writer.flush()
  }
}
