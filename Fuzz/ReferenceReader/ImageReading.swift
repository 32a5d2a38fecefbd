/// Where a region lies in an image.
struct Area {
  var offset: UInt64
  var granule: UInt64
}

/// A run of octets of a region that one extent names last.
struct FinalExtent: Equatable {
  var start: UInt64
  var end: UInt64
  /// Where the extent that it comes from starts.
  var origin: UInt64
  /// Where the record stands.
  var record: Int
  var kind: UInt8
  /// Where the octets of that extent stand in a payload; 0: in an area, or in a frame.
  var place: Int
  /// Where that extent stands in its record.
  var entry: Int
}

/// For each region the runs of octets that one extent names last, ascending.
struct FinalContent {
  private(set) var runs: [[FinalExtent]]

  init(regions: Int = 0) { runs = [[FinalExtent]](repeating: [], count: regions) }

  mutating func name(_ extent: FinalExtent, region: Int) {
    guard let last = runs[region].last, extent.start < last.end else { return runs[region].append(extent) }
    var kept: [FinalExtent] = []
    var isIn = false
    for run in runs[region] {
      if run.start < extent.start {
        var front = run
        front.end = min(run.end, extent.start)
        kept.append(front)
      }
      if run.end > extent.start, !isIn {
        kept.append(extent)
        isIn = true
      }
      if run.end > extent.end {
        var back = run
        back.start = max(run.start, extent.end)
        kept.append(back)
      }
    }
    runs[region] = kept
  }
}

extension ChannelReading {
  /// Chapter 30 section 3.1.
  mutating func readPlacement(_ cursor: inout Cursor) throws(ReferenceRefusal) {
    let regions = manifest?.regions ?? []
    let start = try cursor.take(16)
    let count = integer(octets, start, 4)
    try demand(count == UInt64(regions.count), .badPlacement, at: start, UInt64(regions.count), count)
    let reserved = integer(octets, start + 4, 4)
    try demand(reserved == 0, .reservedNotZero, at: start + 4, 0, reserved)
    let records = integer(octets, start + 8, 8)
    let fileEnd: UInt64 = 1 << 62
    var after = UInt64(cursor.end)
    var made: [Area] = []
    for region in regions {
      let at = try cursor.take(24)
      let (offset, granule) = (integer(octets, at, 8), integer(octets, at + 8, 8))
      let isRight = offset % max(4096, region.pageSize) == 0 && offset >= after && offset <= fileEnd - region.byteCount
      try demand(isRight, .badPlacement, at: at, after, offset)
      after = offset + region.byteCount
      let isGranule = isPowerOfTwo(granule) && granule >= 4096 && granule <= 64 << 20
      try demand(isGranule, .badPlacement, at: at + 8, 4096, granule)
      let reserved = integer(octets, at + 16, 8)
      try demand(reserved == 0, .reservedNotZero, at: at + 16, 0, reserved)
      made.append(Area(offset: offset, granule: granule))
    }
    let isRight = records % 64 == 0 && records >= after && records <= fileEnd
    try demand(isRight, .badPlacement, at: start + 8, after, records)
    try cursor.mustEnd()
    recordsOffset = Int(records)
    areas = made
  }

  /// What lies in the areas of an image that was read to its END: chapter 30 section 3.3.
  func judgeAreas() throws(ReferenceRefusal) {
    for (number, area) in (areas ?? []).enumerated() {
      let start = Int(area.offset)
      let end = start + Int(manifest?.regions[number].byteCount ?? 0)
      var cursor = Cursor(octets, start, end)
      for run in content.runs[number] where run.kind == 1 {
        try cursor.zeros(start + Int(run.start) - cursor.at)
        let octets = try cursor.take(Int(run.end - run.start))
        let (said, found) = (integer(self.octets, run.entry + 24, 8), digest(self.octets, octets..<cursor.at))
        try demand(said == found, .digestMismatch, at: run.entry + 24, said, found)
      }
      try cursor.zeros(cursor.left)
    }
  }
}
