public import CMigStream
internal import MigrationStream

/// Looks at the manifest of the stream: between calls, and in a callback that the decoder lends its state to.
private func withManifest(_ decoder: OpaquePointer?, _ body: (borrowing Manifest) -> Bool) -> Int32 {
  guard let handle = unsafe Handle<DecoderValue>.find(decoder) else { return status(MGS_ERROR_BAD_HANDLE) }
  guard unsafe handle.pointee.head.take() else {
    guard let lent = unsafe handle.pointee.head.lent else { return -StreamError.Code.sessionBusy.rawValue }
    // Safe: the decoder's state stands still while the callback runs that it is lent to.
    return unsafe look(lent.assumingMemoryBound(to: StreamState.self).pointee.manifest, body)
  }
  defer { unsafe handle.pointee.head.giveBack() }
  return unsafe look(handle.pointee.value.decoder.state.manifest, body)
}

private func look(_ manifest: borrowing Manifest, _ body: (borrowing Manifest) -> Bool) -> Int32 {
  guard manifest.body.byteCount > 0 else { return -StreamError.Code.wrongCall.rawValue }
  return body(manifest) ? 0 : status(MGS_ERROR_BAD_ARGUMENT)
}

@c @implementation
public func mgs_decoder_topology(_ decoder: OpaquePointer?, _ topology: UnsafeMutablePointer<mgs_topology>?) -> Int32 {
  unsafe withManifest(decoder) { manifest in
    unsafe fillStruct(
      topology,
      mgs_topology(
        size: 0, producer: mgs_text(manifest.producer), producer_version: mgs_text(manifest.producerVersion),
        architecture: mgs_text(manifest.architecture), guest_endianness: UInt32(manifest.guestEndianness),
        page_size: manifest.pageByteCount, num_regions: UInt32(manifest.regions.count),
        num_devices: UInt32(manifest.devices.count)))
  }
}

@c @implementation
public func mgs_decoder_region(
  _ decoder: OpaquePointer?, _ region: UInt32, _ target: UnsafeMutablePointer<mgs_region>?
) -> Int32 {
  unsafe withManifest(decoder) { manifest in
    guard Int(region) < manifest.regions.count else { return false }
    let entry = manifest.regions[Int(region)]
    return unsafe fillStruct(
      target,
      mgs_region(
        size: 0, name: mgs_text(manifest.name(of: entry)), guest_address: entry.guestAddress, length: entry.byteCount,
        page_size: entry.pageByteCount, owner: entry.owner, flags: UInt32(entry.flags)))
  }
}

@c @implementation
public func mgs_decoder_device(
  _ decoder: OpaquePointer?, _ device: UInt32, _ target: UnsafeMutablePointer<mgs_device>?
) -> Int32 {
  unsafe withManifest(decoder) { manifest in
    guard Int(device) < manifest.devices.count else { return false }
    let entry = manifest.devices[Int(device)]
    return unsafe fillStruct(
      target,
      mgs_device(
        size: 0, path: mgs_text(manifest.path(of: entry)), address: mgs_text(manifest.address(of: entry)),
        model: mgs_text(manifest.model(of: entry)), parent_plus_1: entry.parent &+ 1, mark: number(of: entry.mark),
        apply: UInt32(entry.apply.rawValue), clock: UInt32(entry.clock.rawValue), version: entry.version,
        version_min: entry.versionMin, initial_size: entry.initialByteCount, total_size: entry.totalByteCount,
        capabilities: 0, reaches_peers: 0, num_parameters: UInt32(entry.parameterCount),
        num_sections: UInt32(entry.sectionCount), num_subsections: UInt32(entry.subsectionCount), reserved: 0))
  }
}

@c @implementation
public func mgs_decoder_parameter(
  _ decoder: OpaquePointer?, _ device: UInt32, _ number: UInt32, _ target: UnsafeMutablePointer<mgs_parameter>?
) -> Int32 {
  unsafe withManifest(decoder) { manifest in
    guard Int(device) < manifest.devices.count, Int(number) < manifest.devices[Int(device)].parameterCount else {
      return false
    }
    let entry = manifest.parameter(Int(number), of: manifest.devices[Int(device)])
    return unsafe fillStruct(
      target,
      mgs_parameter(
        size: 0, name: mgs_text(manifest.name(of: entry)), kind: UInt32(entry.kind.rawValue), reserved: 0,
        value: Int64(bitPattern: entry.value), text: mgs_text(manifest.text(of: entry))))
  }
}

@c @implementation
public func mgs_decoder_section(
  _ decoder: OpaquePointer?, _ device: UInt32, _ number: UInt32, _ target: UnsafeMutablePointer<mgs_announcement>?
) -> Int32 {
  unsafe withManifest(decoder) { manifest in
    guard Int(device) < manifest.devices.count, Int(number) < manifest.devices[Int(device)].sectionCount else {
      return false
    }
    return unsafe fill(target, manifest.section(Int(number), of: manifest.devices[Int(device)]), manifest)
  }
}

@c @implementation
public func mgs_decoder_subsection(
  _ decoder: OpaquePointer?, _ device: UInt32, _ number: UInt32, _ target: UnsafeMutablePointer<mgs_announcement>?
) -> Int32 {
  unsafe withManifest(decoder) { manifest in
    guard Int(device) < manifest.devices.count, Int(number) < manifest.devices[Int(device)].subsectionCount else {
      return false
    }
    return unsafe fill(target, manifest.subsection(Int(number), of: manifest.devices[Int(device)]), manifest)
  }
}

private func fill(
  _ target: UnsafeMutablePointer<mgs_announcement>?, _ entry: Announcement, _ manifest: borrowing Manifest
) -> Bool {
  unsafe fillStruct(
    target,
    mgs_announcement(
      size: 0, name: mgs_text(manifest.name(of: entry)), mark: number(of: entry.mark), version: entry.version,
      version_min: entry.versionMin, layout: 0, owner: 0, reserved: 0))
}

/// As `MGS_REQUIRED` and `MGS_SKIPPABLE` have it.
private func number(of mark: Mark) -> UInt32 { mark == .required ? 0 : 1 }
