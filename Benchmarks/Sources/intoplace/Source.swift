import BenchMachines
import BenchStreams
import Glibc
import MigrationStream

/// The side that saves: stopped guest memory, written from where it lies.
struct Source: ~Copyable {
  let job: Job
  let memory: GuestMemory
  var port: Port
  var recordCount = 0
  var octetCount = 0

  init(_ job: Job, port: consuming Port) {
    self.job = job
    self.port = port
    memory = GuestMemory(byteCount: job.byteCount)
    let pageCount = job.byteCount / GuestMemory.pageByteCount
    if job.isDense {
      for page in 0..<pageCount { memory.fill(page: page) }
    } else {
      // The same pages in each run, scattered.
      var word: UInt64 = 1
      for _ in 0..<(job.writtenByteCount / GuestMemory.pageByteCount) {
        word = word &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        memory.fill(page: Int(word >> 33) % pageCount)
      }
    }
  }

  mutating func send() throws {
    if job.kind == .bare { return sendBare() }
    var encoder = try BenchStreams.encoder()
    port.send(encoder.preamble)
    if job.kind == .session {
      // What the machine that a session loads says of itself.
      let shape = BenchShape(regionByteCount: job.byteCount)
      try put(encoder.manifest(BenchMachine.manifest(shape, allocator: .system)))
    } else {
      try put(encoder.manifest(BenchStreams.manifest(regionByteCount: UInt64(job.byteCount))))
    }
    if job.kind == .copying {
      try sendCopies(&encoder)
    } else {
      try sendRuns(&encoder)
    }
    try put(encoder.end())
    octetCount = Int(encoder.byteCount)
  }

  /// Runs that were written to are data, the holes between them zero; a record takes as many as it may.
  private mutating func sendRuns(_ encoder: inout StreamEncoder) throws {
    let memory = memory
    var extents = OwnedBuffer<Extent>()
    try extents.reserve(Job.extentsMax + 1)
    var filled = 0
    var position = 0
    var run = 0..<0
    while position < memory.byteCount {
      // Asked once a run: the answer costs the kernel a walk over its pages.
      if position >= run.upperBound { run = memory.run(from: position) ?? memory.byteCount..<memory.byteCount }
      if run.lowerBound > position {
        try extents.append(.init(offset: UInt64(position), length: UInt64(run.lowerBound - position), kind: .zero))
        position = run.lowerBound
      }
      let count = min(run.upperBound - position, job.chunkByteCount - filled)
      if count > 0 {
        try extents.append(.init(offset: UInt64(position), length: UInt64(count), kind: .data))
        position += count
        filled += count
      }
      if filled == job.chunkByteCount || extents.count >= Job.extentsMax || position == memory.byteCount {
        try put(encoder.memory(region: 0, extents: extents.span, octets: memory.octets, base: 0))
        extents.removeAll()
        filled = 0
      }
    }
  }

  /// The control: memory that is said to be live is copied before it is sent.
  private mutating func sendCopies(_ encoder: inout StreamEncoder) throws {
    let memory = memory
    var start = 0
    while let run = memory.run(from: start) {
      for position in stride(from: run.lowerBound, to: run.upperBound, by: job.chunkByteCount) {
        let octets = memory.octets.extracting(position..<min(position + job.chunkByteCount, run.upperBound))
        try put(encoder.memory(region: 0, offset: UInt64(position), octets: octets, source: .live))
      }
      start = run.upperBound
    }
  }

  /// The same pages in the same chunks, without a codec.
  private mutating func sendBare() {
    let memory = memory
    for start in stride(from: 0, to: memory.byteCount, by: job.chunkByteCount) {
      port.send(memory.octets.extracting(start..<min(start + job.chunkByteCount, memory.byteCount)))
    }
    octetCount = memory.byteCount
  }

  private mutating func put(_ list: borrowing GatherList) {
    port.send(list)
    recordCount += 1
  }
}
