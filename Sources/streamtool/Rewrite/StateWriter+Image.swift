import MigrationStream
import StreamIO
import StreamReport

/// PLACEMENT and PLACED_MEMORY.
///
/// Source: Specs/30-channels-passes-images.md section 3.
extension StateWriter {
  /// Octets of a region that are put together before they are written: several granules, or one.
  private static var windowByteCount: UInt64 { 4 << 20 }

  mutating func writePlacement(_ state: borrowing StreamState) throws {
    let choice = GranuleChoice(survey.memory, state.manifest, wanted: options.granule)
    for region in choice.enlarged {
      let name = String(octets: state.manifest.name(of: state.manifest.regions[region]))
      notes.append(
        "region \(name.visible): an image holds whole granules of \(choice.granules[region]) octets; what the stream "
          + "does not mention of one became zero")
    }
    try target.placement(&encoder, granules: choice.granules)
  }

  /// Writes what a region finally holds: granule by granule, long runs of zeros in one step.
  mutating func writeArea(
    of region: UInt32, _ state: borrowing StreamState, _ input: borrowing InputFile, _ progress: inout ProgressLine
  ) throws {
    var runs = survey.takeMemory(of: Int(region))
    let spool = try survey.spoolFrames(of: &runs, input, state.limits)
    let regionEnd = state.manifest.regions[Int(region)].byteCount
    let granule = encoder.state.placement.areas[Int(region)].granuleByteCount
    var window = GranuleWindow(granule: granule, byteCountMax: max(granule, Self.windowByteCount), regionEnd: regionEnd)
    for run in runs {
      var rest = run
      while rest.length > 0 {
        try checkOutput()
        var end = rest.end
        if let kind = rest.zeroKind, let whole = window.longRun(in: rest) {
          if whole.offset == rest.offset {
            try flush(&window, region)
            try target.placedMemory(&encoder, region: region, offset: whole.offset, length: whole.length, kind: kind)
            rest = rest.suffix(from: whole.end)
            continue
          }
          end = whole.offset
        }
        if !window.takes(rest.offset) { try flush(&window, region) }
        let part = rest.prefix(to: min(end, window.end(for: rest.offset)))
        try window.append(part, input, spool)
        rest = rest.suffix(from: part.end)
        progress.show(target.count)
      }
    }
    try flush(&window, region)
  }

  private mutating func flush(_ window: inout GranuleWindow, _ region: UInt32) throws(StreamError) {
    guard window.octets.count > 0 else { return }
    try window.close()
    try target.placedMemory(&encoder, region: region, offset: window.offset, octets: window.octets)
    window.octets.removeAll()
  }
}
