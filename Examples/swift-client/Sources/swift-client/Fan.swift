import DeviceModel
import MigrationStream
import ResumePath

/// A fan that steers to a speed: what a guest sees of it, and what arrived for it.
struct Fan: Equatable {
  var speed: UInt16 = 0
  var goal: UInt16 = 0
  var ticks: UInt64 = 0

  mutating func tick() {
    if speed < goal { speed += min(100, goal - speed) } else { speed -= min(100, speed - goal) }
    ticks += 1
  }
}

extension Fan {
  /// What its state holds. A model that others use is a file of its own: Specs/device-models.md.
  static let document = """
    {
      "format_version": 1,
      "model": "example.com/thermal/fan",
      "description": "A fan that steers to a speed.",
      "version": 1,
      "clock": "virtual",
      "sections": [
        {
          "name": "fan",
          "description": "All of it.",
          "fields": [
            { "name": "speed", "type": "u16", "range": [0, 6000], "unit": "1/min", "description": "How fast it turns." },
            { "name": "goal", "type": "u16", "range": [0, 6000], "unit": "1/min", "description": "How fast it should." },
            { "name": "ticks", "type": "u64", "description": "Steps since power-on." }
          ]
        }
      ]
    }
    """

  /// The state as data of the section, field after field.
  func write(_ writer: inout SectionDataWriter) throws(StreamError) {
    try writer.integer(speed)
    try writer.integer(goal)
    try writer.integer(ticks)
  }

  /// From data in the reader's own layout, which the session has checked.
  init(_ reader: SectionReader) throws(StreamError) {
    speed = try reader.unsigned(StaticString("speed").octets, UInt16.self)
    goal = try reader.unsigned(StaticString("goal").octets, UInt16.self)
    ticks = try reader.unsigned(StaticString("ticks").octets, UInt64.self)
  }
}
