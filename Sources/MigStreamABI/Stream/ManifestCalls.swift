public import CMigStream
internal import MigrationStream

@c @implementation
public func mgs_manifest_new(
  _ manifest: UnsafeMutablePointer<OpaquePointer?>?, _ topology: UnsafePointer<mgs_topology>?,
  _ config: UnsafePointer<mgs_config>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe makeHandle(manifest, ManifestValue.self, config, error) { (settings) throws(StreamError) in
    var given = unsafe mgs_topology()
    if let topology = unsafe topology {
      guard let read = unsafe readStruct(topology, mgs_topology()) else { return nil }
      unsafe given = read
    }
    guard let producer = unsafe octets(given.producer), let version = unsafe octets(given.producer_version),
      let architecture = unsafe octets(given.architecture), unsafe given.guest_endianness <= 2
    else { return nil }
    let builder = unsafe try ManifestBuilder(
      producer: producer.bytes, producerVersion: version.bytes, architecture: architecture.bytes,
      guestEndianness: UInt8(given.guest_endianness), pageByteCount: given.page_size, allocator: settings.allocator)
    return ManifestValue(builder, settings)
  }
}

@c @implementation
public func mgs_manifest_add_region(
  _ manifest: OpaquePointer?, _ region: UnsafePointer<mgs_region>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe withHandle(manifest, ManifestValue.self, error) { (value) throws(StreamError) in
    guard let region = unsafe region, let given = unsafe readStruct(region, mgs_region()),
      let name = unsafe octets(given.name), unsafe given.flags <= 7
    else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    return unsafe try value.add(given, name.bytes)
  }
}

@c @implementation
public func mgs_manifest_add_device(
  _ manifest: OpaquePointer?, _ device: UnsafePointer<mgs_device>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe withHandle(manifest, ManifestValue.self, error) { (value) throws(StreamError) in
    guard let device = unsafe device, let given = unsafe readStruct(device, mgs_device()),
      let entry = unsafe NewDevice(given)
    else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    return unsafe try value.add(entry)
  }
}

@c @implementation
public func mgs_manifest_add_parameter(
  _ manifest: OpaquePointer?, _ parameter: UnsafePointer<mgs_parameter>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe withHandle(manifest, ManifestValue.self, error) { (value) throws(StreamError) in
    guard let parameter = unsafe parameter, let given = unsafe readStruct(parameter, mgs_parameter()),
      let name = unsafe octets(given.name), let text = unsafe octets(given.text),
      let kind = unsafe ParameterEntry.Kind(rawValue: UInt8(clamping: given.kind))
    else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    return unsafe try value.addParameter(name.bytes, kind, UInt64(bitPattern: given.value), text.bytes)
  }
}

@c @implementation
public func mgs_manifest_add_layout(
  _ manifest: OpaquePointer?, _ canonical: UnsafeRawPointer?, _ size: Int, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe withHandle(manifest, ManifestValue.self, error) { (value) throws(StreamError) in
    guard let canonical = unsafe octets(canonical, size) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    return unsafe try value.addLayout(canonical: canonical.bytes, identity: nil)
  }
}

@c @implementation
public func mgs_manifest_add_external_layout(
  _ manifest: OpaquePointer?, _ identity: mgs_text, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe withHandle(manifest, ManifestValue.self, error) { (value) throws(StreamError) in
    guard let identity = unsafe octets(identity) else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    return unsafe try value.addLayout(canonical: RawSpan(), identity: identity.bytes)
  }
}

@c @implementation
public func mgs_manifest_add_section(
  _ manifest: OpaquePointer?, _ section: UnsafePointer<mgs_announcement>?, _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe announce(manifest, section, isSubsection: false, error)
}

@c @implementation
public func mgs_manifest_add_subsection(
  _ manifest: OpaquePointer?, _ subsection: UnsafePointer<mgs_announcement>?,
  _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe announce(manifest, subsection, isSubsection: true, error)
}

private func announce(
  _ manifest: OpaquePointer?, _ announcement: UnsafePointer<mgs_announcement>?, isSubsection: Bool,
  _ error: UnsafeMutablePointer<mgs_error>?
) -> Int32 {
  unsafe withHandle(manifest, ManifestValue.self, error) { (value) throws(StreamError) in
    guard let announcement = unsafe announcement, let given = unsafe readStruct(announcement, mgs_announcement()),
      let name = unsafe octets(given.name), let mark = unsafe mark(given.mark)
    else { return unsafe refuse(MGS_ERROR_BAD_ARGUMENT, error) }
    let notes = unsafe PieceNotes(
      version: given.version, versionMin: given.version_min, layout: given.layout, owner: given.owner, nameStart: 0,
      nameCount: 0)
    return unsafe try value.announce(notes, name.bytes, mark, isSubsection: isSubsection)
  }
}

func mark(_ number: UInt32) -> Mark? {
  switch Int32(clamping: number) {
  case MGS_REQUIRED: .required
  case MGS_SKIPPABLE: .skippable
  default: nil
  }
}

@c @implementation
public func mgs_manifest_free(_ manifest: OpaquePointer?) -> Int32 { unsafe Handle<ManifestValue>.free(manifest) }
