internal import CMigStream
internal import MigrationStream

/// Who is told of refusals.
@safe
struct LogHook {
  private let log: mgs_log?
  private let context: UnsafeMutableRawPointer?
  /// Whether it hears how far machines are, and not only what was stepped over.
  var tellsProgress = false

  init(_ log: mgs_log?, _ context: UnsafeMutableRawPointer?) {
    unsafe self.log = log
    unsafe self.context = context
  }

  /// Nobody is told.
  var isSilent: Bool { unsafe log == nil }

  /// - Parameter name: What it is about, as the stream has it; empty: the line says all.
  func callAsFunction(_ level: mgs_log_level, _ what: mgs_error, _ name: RawSpan = RawSpan()) {
    guard let log = unsafe log else { return }
    var text = TextLine()
    text.describe(what)
    if name.byteCount > 0 {
      text.append(": ")
      text.append(name)
    }
    unsafe withUnsafePointer(to: what) { what in
      unsafe text.withCString { line in unsafe log(context, UInt32(level.rawValue), what, line) }
    }
  }
}

extension LogHook {
  /// Tells of an event.
  func notice(
    _ event: mgs_event, _ stage: StreamError.Stage = .resume, at offset: UInt64, found: UInt64 = 0,
    record: UInt64 = .max, device: UInt32 = .max, _ name: RawSpan = RawSpan()
  ) {
    guard tellsProgress || event.rawValue <= MGS_EVENT_SUBSECTION_SKIPPED.rawValue else { return }
    var what = mgs_error(
      StreamError(
        .wrongCall, stage, at: offset, expected: UInt64(event.rawValue), found: found, sequence: record, device: device))
    (what.code, what.failure, what.host_error) = (Int32(bitPattern: MGS_OK.rawValue), 0, 0)
    self(MGS_LOG_NOTICE, what, name)
  }
}

/// What a handle is made with: the members of `mgs_config`, checked.
struct Settings {
  var allocator = StreamAllocator.system
  var log = unsafe LogHook(nil, nil)
  var limits = StreamLimits()

  /// nil when something in it is wrong.
  init?(_ config: UnsafePointer<mgs_config>?) {
    guard let config = unsafe config else { return }
    guard let given = unsafe readStruct(config, mgs_config()) else { return nil }
    let hooks = unsafe given.allocator
    if let allocate = unsafe hooks.allocate, let deallocate = unsafe hooks.deallocate {
      unsafe allocator = StreamAllocator(context: hooks.context, allocate: allocate, deallocate: deallocate)
    } else if unsafe hooks.allocate != nil || hooks.deallocate != nil {
      return nil
    }
    unsafe log = LogHook(given.log, given.log_context)
    if let limits = unsafe given.limits {
      guard let given = unsafe readStruct(limits, mgs_limits()) else { return nil }
      self.limits.take(given)
    }
  }
}

extension StreamLimits {
  /// 0 leaves the default.
  mutating func take(_ given: mgs_limits) {
    Self.set(&recordBodyBytesMax, given.record_body_bytes_max)
    Self.set(&payloadBytesMax, given.payload_bytes_max)
    Self.set(&devicesMax, given.devices_max)
    Self.set(&regionsMax, given.regions_max)
    Self.set(&parametersMax, given.parameters_max)
    Self.set(&sectionsMax, given.sections_max)
    Self.set(&subsectionsMax, given.subsections_max)
    Self.set(&textBytesMax, given.text_bytes_max)
    Self.set(&layoutsMax, given.layouts_max)
    Self.set(&layoutBytesMax, given.layout_bytes_max)
    Self.set(&layoutBytesTotalMax, given.layout_bytes_total_max)
    Self.set(&fieldsMax, given.fields_max)
    Self.set(&nestingMax, given.nesting_max)
    Self.set(&blockBytesMax, given.block_bytes_max)
    Self.set(&extentsMax, given.extents_max)
    Self.set(&zstdWindowBytesMax, given.zstd_window_bytes_max)
    Self.set(&zstdPlainBytesMax, given.zstd_plain_bytes_max)
    Self.set(&passRunsMax, given.pass_runs_max)
    Self.set(&barriersMax, given.barriers_max)
    Self.set(&finalExtentsMax, given.final_extents_max)
  }

  private static func set<Limit: FixedWidthInteger>(_ limit: inout Limit, _ given: UInt64) {
    if given != 0 { limit = Limit(clamping: given) }
  }
}
