public import MigrationStream

/// Texts that every renderer shares.
public enum ReportText {
  /// An offset as people read it: hexadecimal, at least eight digits.
  public static func offset(_ offset: UInt64) -> String {
    let digits = String(offset, radix: 16)
    return "0x" + String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
  }

  /// A number of octets for people: exact, and rounded with a binary unit from 10 KiB on.
  public static func size(_ octets: UInt64) -> String {
    let rounded = rounded(octets)
    return rounded.isEmpty ? "\(octets) octets" : "\(octets) octets (\(rounded))"
  }

  /// A number of octets with a binary unit; empty below 10 KiB, where the exact number says more.
  public static func rounded(_ octets: UInt64) -> String {
    guard octets >= 10_240 else { return "" }
    var (value, unit) = (Double(octets), 0)
    while value >= 1024, unit < sizeUnits.count - 1 { (value, unit) = (value / 1024, unit + 1) }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(sizeUnits[unit])"
  }

  private static let sizeUnits = ["octets", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

  /// One line: where, and what was wrong.
  public static func headline(_ fault: ReportFault) -> String {
    var place = offset(fault.offset)
    if let channel = fault.channel {
      place += channel == StreamError.noChannel ? " of a channel" : " of channel \(channel)"
    }
    if !fault.path.isEmpty { place += " in " + fault.path.visible }
    if let record = fault.record { place += ", record \(record)" }
    if let device = fault.device { place += ", device \(device)" }
    return "\(place): \(fault.code): \(fault.message)"
  }

  /// The part of the state that an error is about, as far as the error and the manifest tell.
  public static func path(of error: StreamError, _ state: borrowing StreamState) -> String {
    // A device of the stream that the machine lacks is the number that was found.
    let isLacking = error.code == .unknownDevice && error.stage == .resume
    let number = isLacking ? UInt32(clamping: error.found) : error.device
    if number < UInt32(clamping: state.manifest.devices.count) {
      let device = state.manifest.devices[Int(number)]
      let instance = ReportPath.instance(String(octets: state.manifest.path(of: device)))
      return "/devices/" + (instance.isEmpty ? "@\(number)" : instance)
    }
    return switch error.stage {
    case .preamble, .manifest, .index, .end: "/\(error.stage)"
    case .layout: "/layouts"
    case .bulk: "/memory"
    default: ""
    }
  }

  /// The whole of it: headline, what to do next, the octets.
  public static func lines(_ fault: ReportFault) -> [String] {
    var lines = [headline(fault), "next: " + fault.advice]
    lines += fault.window.lines(marking: fault.offset).map { "  " + $0 }
    return lines
  }

  /// Nanoseconds as seconds, exactly.
  static func seconds(_ nanoseconds: UInt64) -> String {
    let (whole, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000)
    guard rest != 0 else { return "\(whole) s" }
    var fraction = String(String(rest + 1_000_000_000).dropFirst())
    while fraction.last == "0" { fraction.removeLast() }
    return "\(whole).\(fraction) s"
  }

  /// Nanoseconds since 1970-01-01 as a date, UTC.
  ///
  /// Days to dates: the proleptic Gregorian calendar in eras of 400 years, 146097 days each.
  static func date(_ nanoseconds: UInt64) -> String {
    let seconds = nanoseconds / 1_000_000_000
    let (days, second) = (Int(seconds / 86_400) + 719_468, seconds % 86_400)
    let (era, day) = (days / 146_097, days % 146_097)
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * year + year / 4 - year / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let civilYear = era * 400 + year + (month <= 2 ? 1 : 0)
    let date = "\(civilYear)-\(two(month))-\(two(dayOfYear - (153 * shifted + 2) / 5 + 1))"
    let time = "\(two(Int(second / 3600))):\(two(Int(second / 60 % 60))):\(two(Int(second % 60)))"
    return "\(date)T\(time)Z"
  }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
