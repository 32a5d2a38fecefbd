public import CMigStream
internal import MigrationStream

@c @implementation
public func mgs_version_number() -> UInt32 {
  UInt32(MGS_VERSION_MAJOR * 10000 + MGS_VERSION_MINOR * 100 + MGS_VERSION_PATCH)
}

@c @implementation
public func mgs_version_string() -> UnsafePointer<CChar>? { unsafe cString("0.1.0") }

@c @implementation
public func mgs_format_version() -> UInt32 { UInt32(Format.major) << 16 | UInt32(Format.minor) }

@c @implementation
public func mgs_code_name(_ code: Int32) -> UnsafePointer<CChar>? { unsafe cString(codeName(code)) }

@c @implementation
public func mgs_stage_name(_ stage: UInt32) -> UnsafePointer<CChar>? { unsafe cString(stageName(stage)) }

@c @implementation
public func mgs_error_text(
  _ error: UnsafePointer<mgs_error>?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int
) -> Int32 {
  guard let error = unsafe error, let target = unsafe writableOctets(text, capacity) else {
    return status(MGS_ERROR_BAD_ARGUMENT)
  }
  var line = TextLine()
  line.describe(unsafe error.pointee)
  unsafe line.copy(to: target)
  return Int32(line.count)
}

/// Safe: a literal ends with a zero octet and lives for ever.
private func cString(_ text: StaticString) -> UnsafePointer<CChar>? {
  unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}
