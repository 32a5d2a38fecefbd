import MigrationStream
import ResumePath

/// The first protocol's region.
extension TraceRun where Devices: ~Copyable {
  mutating func regionRead(_ field: TraceField) throws(TraceStop) -> UInt64 {
    let octets = try read(field.offset, count: Int(field.width))
    return octets.span.octets.unsigned(at: 0, width: Int(field.width))
  }

  mutating func regionWrite(_ field: TraceField, _ value: UInt64) throws(TraceStop) {
    try write(field.offset, (0..<Int(field.width)).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) })
  }

  mutating func regionData(_ offset: UInt64, _ octets: [UInt8]) throws(TraceStop) { try write(offset, octets) }

  /// In the order of the protocol: `data_offset`, the octets, `data_size`.
  mutating func regionPut(_ name: String, _ range: TraceRange) throws(TraceStop) -> String {
    let octets = Array(try self.octets(name, range))
    let offset = try regionRead(.dataOffset)
    if !octets.isEmpty { try write(offset, octets) }
    try regionWrite(.dataSize, UInt64(octets.count))
    return note("\(octets.count) octets")
  }

  /// In the order of the protocol: `pending_bytes`, `data_offset`, `data_size`, the octets.
  mutating func regionGet(_ name: String) throws(TraceStop) -> String {
    let pending = try regionRead(.pendingBytes)
    guard pending > 0 else { return "nothing at present" }
    let offset = try regionRead(.dataOffset)
    let size = try regionRead(.dataSize)
    guard size <= UInt64(TraceLimits.streamBytesMax) else { throw .void("\(size) octets are more than a stream has") }
    let octets = try read(offset, count: Int(size))
    var stream = streams[name] ?? TraceStream([])
    stream.octets += octets
    let kept = try keep(name, stream)
    return note("\(size) octets; " + kept)
  }

  // MARK: Accesses

  private mutating func read(_ offset: UInt64, count: Int) throws(TraceStop) -> [UInt8] {
    var octets: [UInt8] = []
    try access(octets: count) { (region) throws(StreamError) in
      var buffer = OwnedBytes()
      try buffer.append(repeating: 0, count: count)
      var memory = buffer.mutableBytes(0..<count)
      try region.read(at: offset, into: &memory)
      octets = (0..<count).map { buffer[$0] }
    }
    return octets
  }

  private mutating func write(_ offset: UInt64, _ octets: [UInt8]) throws(TraceStop) {
    let target = try region(octets: octets.count)
    try callRegion { () throws(StreamError) in try target.writeRegion(octets, at: offset) }
  }

  private mutating func access(
    octets: Int, _ body: (inout V1Region<Devices>) throws(StreamError) -> Void
  ) throws(TraceStop) {
    let target = try region(octets: octets)
    try callRegion { () throws(StreamError) in try target.withRegion(body) }
  }

  /// The machine under test, which has a region.
  ///
  /// - Parameter octets: How many an access moves.
  private mutating func region(octets: Int) throws(TraceStop) -> TraceTarget<Devices> {
    let target = try machine()
    guard target.hasRegion else { throw .void("the machine has no region: machine ... region N") }
    try budget.spend(octets: octets)
    return target
  }
}
