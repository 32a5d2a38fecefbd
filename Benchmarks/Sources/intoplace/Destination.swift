import BenchMachines
import Glibc
import MigrationStream
import ResumePath

/// The side that loads: each payload is read from the socket straight to where it belongs.
@safe
struct Destination: ~Copyable {
  let job: Job
  var port: Port
  var placer: Placer
  private let buffer: UnsafeMutableRawBufferPointer
  var octetCount = 0

  init(_ job: Job, port: consuming Port) {
    self.job = job
    self.port = port
    placer = Placer(memory: GuestMemory(byteCount: job.byteCount))
    // Headers and bodies; with the control, whole payloads.
    unsafe buffer = .allocate(byteCount: job.kind == .copying ? 1 << 16 : 1 << 12, alignment: 64)
    if job.isDense { placer.memory.populate() }
  }

  deinit { unsafe buffer.deallocate() }

  mutating func receive() throws {
    if job.kind == .bare { return receiveBare() }
    if job.kind == .session { return try receiveSession() }
    var decoder = try PushDecoder()
    while !decoder.state.hasEnded {
      if job.kind == .intoPlace, decoder.place != nil {
        try readIntoPlace(&decoder)
      } else {
        try readAhead(&decoder)
      }
    }
    try decoder.finish()
    octetCount = Int(decoder.offset)
  }

  /// One scattered read for all places of a payload.
  private mutating func readIntoPlace(_ decoder: inout PushDecoder) throws {
    let memory = placer.memory
    var places: [PayloadPlace] = []
    places.reserveCapacity(Port.vectorsMax)
    decoder.places(max: Port.vectorsMax) { places.append($0) }
    for place in places {
      unsafe port.aim(memory.target(at: place.offset, count: place.byteCount))
    }
    guard port.fill() else { return try decoder.finish() }
    for place in places {
      let octets = memory.octets.extracting(Int(place.offset)..<Int(place.offset + place.byteCount))
      try decoder.placed(octets, to: &placer)
    }
  }

  /// Headers, bodies and padding come through a small buffer, and no octet of a payload with them.
  private mutating func readAhead(_ decoder: inout PushDecoder) throws {
    // The control reads as much of everything as there is room for, and copies payloads out of the buffer.
    let wanted = job.kind == .copying ? max(decoder.wantedByteCount, Int(decoder.place?.byteCount ?? 0)) : decoder.wantedByteCount
    let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(wanted, buffer.count)])
    guard unsafe port.receive(piece) else { return try decoder.finish() }
    _ = try decoder.push(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(piece)), to: &placer)
  }

  /// From opening a session to its commit; the machine's memory is the guest memory.
  private mutating func receiveSession() throws {
    let memory = placer.memory
    // Safe: the placer holds the memory longer than the machine lives.
    let region = unsafe BenchMemory(borrowing: memory.target(at: 0, count: UInt64(job.byteCount)))
    var control = try MigrationControl(BenchMachine(BenchShape(regionByteCount: job.byteCount), region: region))
    let handle = try control.open()
    while true {
      let placed = try control.writeInPlace(byteCount: .max, handle) { target in
        unsafe target.withUnsafeMutableBytes { unsafe port.receive($0) ? $0.count : 0 }
      }
      if let placed {
        guard placed > 0 else { break }
        placer.extentCount += 1
      } else {
        // Nothing is wanted after END.
        guard control.wantedByteCount > 0 else { break }
        let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(control.wantedByteCount, buffer.count)])
        guard unsafe port.receive(piece) else { break }
        _ = try control.write(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(piece)), handle)
      }
    }
    try control.finish(handle)
    octetCount = Int(control.offset)
  }

  private mutating func receiveBare() {
    for start in stride(from: 0, to: job.byteCount, by: job.chunkByteCount) {
      let count = min(job.chunkByteCount, job.byteCount - start)
      guard unsafe port.receive(placer.memory.target(at: UInt64(start), count: UInt64(count))) else { return }
    }
    octetCount = job.byteCount
  }
}

/// What a VMM does with the records of a stream: here, memory only.
struct Placer: StreamHandler {
  let memory: GuestMemory
  var recordCount = 0
  var extentCount = 0
  /// Everything from here on still reads as zero.
  private var freshFrom = 0
  /// The data extents of the record, for octets that did not come by way of a place.
  private var targets: [Extent] = []

  init(memory: GuestMemory) {
    self.memory = memory
    targets.reserveCapacity(Job.extentsMax)
  }

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {
    recordCount += 1
    targets.removeAll(keepingCapacity: true)
    guard record.header.knownKind == .memory else { return }
    let body = record.body
    for index in 0..<Int(MemoryHead(body).extentCount) {
      let extent = MemoryHead.extent(index, in: body)
      let range = Int(extent.offset)..<Int(extent.offset + extent.length)
      if extent.kind == .data {
        extentCount += 1
        targets.append(extent)
        freshFrom = max(freshFrom, range.upperBound)
      } else if range.lowerBound < freshFrom {
        memory.zero(range.clamped(to: 0..<freshFrom))
      }
    }
  }

  /// Only the control comes here.
  mutating func payload(_ octets: RawSpan, at position: UInt64) {
    var before: UInt64 = 0
    for extent in targets {
      let start = max(position, before)
      let end = min(position + UInt64(octets.byteCount), before + extent.length)
      if start < end {
        let piece = octets.extracting(Int(start - position)..<Int(end - position))
        unsafe memory.target(at: extent.offset + start - before, count: end - start)
          .copyMemory(from: piece.withUnsafeBytes { unsafe $0 })
      }
      before += extent.length
    }
  }

  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {}
}
