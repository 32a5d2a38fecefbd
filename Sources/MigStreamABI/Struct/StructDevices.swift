internal import CMigStream
internal import MigrationStream

/// The devices of a manifest whose state lies in structs.
struct StructDevices: ~Copyable {
  var list: OwnedList<StructDevice>
  /// By device: position in the list; -1 for one without a struct.
  private var positions: OwnedBuffer<Int>
  private var octets: SectionOctets

  /// - Throws: `outOfMemory`.
  init(_ notes: borrowing ManifestNotes, limits: StreamLimits, allocator: StreamAllocator) throws(StreamError) {
    list = OwnedList(allocator: allocator)
    positions = OwnedBuffer(allocator: allocator)
    octets = SectionOctets(allocator: allocator)
    for device in 0..<notes.devices.count {
      guard let place = notes.devices[device].place else {
        try positions.append(-1)
        continue
      }
      try positions.append(list.count)
      try list.append(StructDevice(place, limits: limits, allocator: allocator))
    }
  }

  var isEmpty: Bool { list.count == 0 }

  /// Position in the list.
  func position(of device: Int) -> Int? {
    guard device < positions.count, positions[device] >= 0 else { return nil }
    return positions[device]
  }

  /// Makes the sections of a device, in the order in which they were announced.
  ///
  /// - Parameter layoutBase: What the stream adds to numbers of the device's layouts.
  /// - Throws: `wrongCall` for a device without a struct, and for one that has not the sections that were announced;
  ///   what ``StructDevice/save(_:element:layoutBase:to:)`` throws; what `emit` throws.
  mutating func save(
    _ device: Int, _ notes: borrowing ManifestNotes, layoutBase: UInt32,
    _ emit: (
      _ section: UInt16, _ layout: UInt32, _ data: RawSpan, _ subsections: RawSpan, _ count: UInt16
    ) throws(StreamError) -> Void
  ) throws(StreamError) {
    guard let position = position(of: device) else {
      throw StreamError(.wrongCall, .use, at: 0, device: UInt32(truncatingIfNeeded: device))
    }
    var made = SectionOctets(allocator: octets.data.allocator)
    swap(&made, &octets)
    defer { swap(&made, &octets) }
    let entry = notes.devices[device]
    var number = 0
    for index in 0..<list[position].sectionCount {
      for element in 0..<(try list[position].announcedCount(of: index)) {
        guard number < entry.sectionCount, notes.pieces[entry.firstPiece + number].layout == UInt32(index) else {
          throw Self.changed(device, number)
        }
        try list[position].save(index, element: element, layoutBase: layoutBase, to: &made)
        try Self.hand(made, number, index, emit)
        number += 1
      }
    }
    guard number == entry.sectionCount else { throw Self.changed(device, number) }
  }

  private static func changed(_ device: Int, _ number: Int) -> StreamError {
    StreamError(.wrongCall, .use, at: 0, found: UInt64(number), device: UInt32(truncatingIfNeeded: device))
  }

  /// Spans of members would bar all of self; as parameters they are apart.
  private static func hand(
    _ octets: borrowing SectionOctets, _ section: Int, _ layout: Int,
    _ emit: (UInt16, UInt32, RawSpan, RawSpan, UInt16) throws(StreamError) -> Void
  ) throws(StreamError) {
    try emit(
      UInt16(truncatingIfNeeded: section), UInt32(layout), octets.data.bytes, octets.subsections.bytes,
      octets.subsectionCount)
  }
}
