import MigrationStream

/// Octets to be written over a stream at an offset from its first octet.
public struct RawPatch: Sendable {
  public var offset: Int
  public var octets: [UInt8]
}

/// A stream put together octet by octet from the specification, right or wrong as asked.
///
/// A **patch** goes in before digests, fingerprints and the chain are computed, so a stream breaks exactly the
/// rule that the patch breaks; a patch of a digest field stands as given. **Damage** goes in afterwards.
///
/// Source: Specs/10-stream-format.md sections 2, 3 and 11.
public struct RawStream: Sendable {
  /// The 56 octets of the preamble before its digest.
  public var preamble: [UInt8]
  public var records: [RawRecord]
  /// Channels 1 and up.
  public var channels: [RawChannel] = []
  public var patches: [RawPatch] = []
  public var damages: [RawPatch] = []
  /// Octets that stay; nil for all.
  public var cut: Int?
  /// Octets behind the last record.
  public var tail: [UInt8] = []

  public static let uuid: [UInt8] = .hex("5d9f2c1e a047 4b6e 8e11 3f0cd27a6b94")

  public init(
    mandatory: UInt32 = 0, optional: UInt32 = 0, profile: UInt16 = 1, recordMax: UInt64 = 0,
    _ records: [RawRecord]
  ) {
    preamble = .hex("89 4d 47 53 0d 0a 1a 0a")
    preamble.put(.u16(1), .u16(0), .u16(0), .u16(profile))
    preamble.put(.u32(mandatory), .u32(optional), .u16(1), .u16(1), .u32(0))
    preamble.put(.u64(recordMax), Self.uuid)
    self.records = records
  }

  /// The same stream with octets replaced before digests are computed.
  public func patched(_ offset: Int, _ octets: [UInt8]) -> RawStream {
    var stream = self
    stream.patches.append(RawPatch(offset: offset, octets: octets))
    return stream
  }

  /// The same stream with octets replaced and no digest repaired.
  public func damaged(_ offset: Int, _ octets: [UInt8]) -> RawStream {
    var stream = self
    stream.damages.append(RawPatch(offset: offset, octets: octets))
    return stream
  }

  public func cut(to count: Int) -> RawStream {
    var stream = self
    stream.cut = count
    return stream
  }

  public func followed(by octets: [UInt8]) -> RawStream {
    var stream = self
    stream.tail = octets
    return stream
  }

  /// The same stream with one record changed.
  public func changing(_ index: Int, _ change: (inout RawRecord) -> Void) -> RawStream {
    var stream = self
    change(&stream.records[index])
    return stream
  }

  /// The same stream with a record put in at a position.
  public func inserting(_ record: RawRecord, at index: Int) -> RawStream {
    var stream = self
    stream.records.insert(record, at: index)
    return stream
  }

  public var octets: [UInt8] { assembled().octets }
}

/// Where a part of an assembled stream starts, for the comments of a scenario file.
public struct RawLabel: Sendable {
  public var offset: Int
  public var name: String
}

extension RawStream {
  /// The octets, and a label for each preamble, header, body and payload.
  public func assembled() -> (octets: [UInt8], labels: [RawLabel]) {
    var work = Assembly(patches: patches)
    work.others = channels.map { $0.run(uuid: [UInt8](preamble[40..<56])).totals }
    work.appendPreamble(preamble)
    for record in records { work.append(record) }
    var octets = work.octets + tail
    if !tail.isEmpty { work.labels.append(RawLabel(offset: work.octets.count, name: "behind")) }
    for damage in damages { octets.set(damage.octets, at: damage.offset) }
    if let cut { octets.removeSubrange(cut...) }
    return (octets, work.labels.filter { $0.offset < octets.count })
  }

  struct Assembly {
    let patches: [RawPatch]
    var channel: UInt16 = 0
    /// What END says of channels 1 and up.
    var others: [[UInt8]] = []
    /// Records, octets and chain before END or CHANNEL_END, as octets.
    var totals: [UInt8] = []
    var octets: [UInt8] = []
    var labels: [RawLabel] = []
    var seed: UInt64 = 0
    var sequence: UInt64 = 0
    var chain: UInt64 = 0
    var sections: UInt64 = 0
    var barriers: UInt32 = 0
    var indexOffset: UInt64 = 0

    init(patches: [RawPatch]) { self.patches = patches }

    /// Writes the patches that start inside `part`, which starts at `base` of the stream.
    func apply(to part: inout [UInt8], at base: Int) {
      for patch in patches where (base..<base + part.count).contains(patch.offset) {
        part.set(patch.octets, at: patch.offset - base)
      }
    }

    func isPatched(_ offset: Int) -> Bool { patches.contains { $0.offset == offset } }

    mutating func appendPreamble(_ fields: [UInt8]) {
      labels.append(RawLabel(offset: 0, name: "preamble"))
      var preamble = fields
      apply(to: &preamble, at: 0)
      seed = [UInt8](preamble[40..<56]).digest
      preamble.put(.u64(preamble.digest))
      apply(to: &preamble, at: 0)
      octets = preamble
    }

    /// Starts a channel other than 0.
    mutating func appendHello(_ fields: [UInt8], uuid: [UInt8]) {
      labels.append(RawLabel(offset: 0, name: "hello"))
      var hello = fields
      apply(to: &hello, at: 0)
      seed = uuid.digest
      hello.put(.u64(hello.digest))
      apply(to: &hello, at: 0)
      octets = hello
    }

    mutating func append(_ record: RawRecord) {
      let start = octets.count
      if record.kind == RawKind.end || record.kind == RawKind.channelEnd {
        totals = .joined(.u64(sequence), .u64(UInt64(start)), .u64(chain))
      }
      var body = record.body
      if record.kind == RawKind.end, body.count == 416 { body = endBody() }
      if record.kind == RawKind.channelEnd, channel != 0, body.count == 32 { body = totals + .zeros(8) }
      apply(to: &body, at: start + 64)
      if record.kind == RawKind.layout { repairFingerprint(of: &body, at: start + 64) }
      let bodyEnd = start + 64 + body.count
      let hasPayload = !record.payload.isEmpty
      var front = [UInt8].zeros(hasPayload ? (64 - bodyEnd % 64) % 64 : 0)
      var back = [UInt8].zeros(hasPayload ? (8 - record.payload.count % 8) % 8 : 0)
      var payload = record.payload
      apply(to: &payload, at: bodyEnd + front.count)
      var header: [UInt8] = .joined(.hex("d6 4d 47 52"), .u16(record.kind), .u16(record.flags))
      header.put(.u16(record.channel ?? channel), [UInt8(front.count), UInt8(back.count)], .u32(record.device))
      header.put(.u64(record.sequence ?? sequence), .u64(UInt64(body.count)), .u64(body.digest))
      header.put(.u64(UInt64(payload.count)), .u64(payload.digest))
      apply(to: &header, at: start)
      header.put(.u64(header.headerDigest(seed: seed)))
      apply(to: &header, at: start)
      note(record, start, bodyEnd, payloadAt: hasPayload ? bodyEnd + front.count : nil)
      apply(to: &front, at: bodyEnd)
      apply(to: &back, at: bodyEnd + front.count + payload.count)
      octets.put(header, body, front, payload, back)
      if !record.gap.isEmpty { labels.append(RawLabel(offset: octets.count, name: "hole and areas")) }
      octets += record.gap
      chain = ([UInt8].u64(chain) + header[56..<64]).digest
      sequence = (record.sequence ?? sequence) &+ 1
    }

    /// The fingerprint of a plain layout follows its patched octets.
    private func repairFingerprint(of body: inout [UInt8], at base: Int) {
      guard body.count > 32, body[4] == 0, !isPatched(base + 16) else { return }
      body.set(.u64([UInt8](body[32...]).digest), at: 16)
    }

    private mutating func note(_ record: RawRecord, _ start: Int, _ bodyEnd: Int, payloadAt: Int?) {
      let name = RawKind.name(record.kind)
      labels.append(RawLabel(offset: start, name: name))
      if bodyEnd > start + 64 { labels.append(RawLabel(offset: start + 64, name: name + " body")) }
      if let payloadAt { labels.append(RawLabel(offset: payloadAt, name: name + " payload")) }
      if record.kind == RawKind.section { sections += 1 }
      if record.kind == RawKind.barrier { barriers += 1 }
      indexOffset = record.kind == RawKind.index ? UInt64(start) : 0
    }

    /// Source: Specs/10-stream-format.md section 11.
    private func endBody() -> [UInt8] {
      var body: [UInt8] = .joined(.u64(indexOffset), .u32(UInt32(others.count) + 1), .u32(barriers + 1))
      body.put(.u64(sections), .u64(0), totals, others.flatMap { $0 })
      return body + .zeros(416 - body.count)
    }
  }
}
