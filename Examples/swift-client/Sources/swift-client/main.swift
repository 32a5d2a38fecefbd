// A package of its own saves a device with the library products, loads it again, and sees damage refused.
//
//     swift run
import MigrationStream
import ResumePath

/// Keeps a stream in memory.
struct StreamKeeper: OctetSink {
  private(set) var octets: [UInt8] = []

  mutating func write(_ list: borrowing GatherList) throws(StreamError) {
    for index in 0..<list.count {
      let span = list[index]
      for position in 0..<span.byteCount { octets.append(span.octet(at: position)) }
    }
  }
}

func save(_ fan: Fan) throws -> [UInt8] {
  var source = try MigrationControl(FanMachine(fan))
  // Another one for each save that is not an example.
  let options = SaveOptions(uuid: StreamUUID(low: 1, high: 2))
  var save = try SaveSession(&source, StreamKeeper(), options)
  try save.stop(&source)
  while try save.step(&source) == .more {}
  try save.finish(&source)
  try save.handOver(&source)
  return save.withSink { $0.octets }
}

/// - Throws: `StreamError`: why the stream was refused; the fan is as after power-on then.
func load(_ stream: [UInt8]) throws -> Fan {
  var destination = try MigrationControl(FanMachine(Fan()))
  let session = try destination.open()
  _ = try destination.write(stream.span.octets, session)
  try destination.finish(session)
  _ = try destination.request(MigrationState.running.rawValue)
  return destination.devices.fan
}

/// Loads a stream that must be refused.
func refusal(_ what: String, _ stream: [UInt8], _ code: StreamError.Code) throws {
  do {
    _ = try load(stream)
    fatalError("\(what): taken")
  } catch let error as StreamError {
    print("\(what): \(error.code) at \(error.offset), expected \(error.expected), found \(error.found)")
    precondition(error.code == code)
  }
}

var fan = Fan()
fan.goal = 2500
for _ in 0..<10 { fan.tick() }
let stream = try save(fan)
var loaded = try load(stream)
print("\(stream.count) octets; \(loaded)")
precondition(loaded == fan)
loaded.tick()
precondition(loaded.speed == 1100)

var damaged = stream
damaged[stream.count / 2] ^= 0x10
try refusal("one bit changed", damaged, .digestMismatch)
try refusal("cut", Array(stream.dropLast(8)), .truncated)
fan.goal = 6001
try refusal("a goal that no fan has", save(fan), .valueOutOfRange)
