internal import CMigStream
internal import MigrationStream

/// The devices of a manifest whose state lies in structs.
struct StructDevices: ~Copyable {
  var list: OwnedList<StructDevice>
  /// By device: position in the list; -1 for one without a struct.
  private var positions: OwnedBuffer<Int>

  /// - Throws: `outOfMemory`.
  init(_ notes: borrowing ManifestNotes, limits: StreamLimits, allocator: StreamAllocator) throws(StreamError) {
    list = OwnedList(allocator: allocator)
    positions = OwnedBuffer(allocator: allocator)
    for device in 0..<notes.devices.count {
      guard let place = notes.devices[device].place else {
        try positions.append(-1)
        continue
      }
      try positions.append(list.count)
      try list.append(StructDevice(place, limits: limits, allocator: allocator))
    }
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  var isEmpty: Bool { list.count == 0 }

  /// Position in the list.
  func position(of device: Int) -> Int? {
    guard device < positions.count, positions[device] >= 0 else { return nil }
    return positions[device]
  }

  /// Makes the sections of a device, in the order in which they were announced.
  ///
  /// - Parameters:
  ///   - layoutBase: What the stream adds to numbers of the device's layouts.
  ///   - emit: Calls `write`, once, with octets to append to whose number is a multiple of 8.
  /// - Throws: `wrongCall` for a device without a struct, and for one that has not the sections that were announced;
  ///   what ``StructDevice/save(_:element:layoutBase:to:)`` throws; what `emit` throws.
  borrowing func save(
    _ device: Int, _ notes: borrowing ManifestNotes, layoutBase: UInt32, _ emit: EmitSection
  ) throws(StreamError) {
    guard let position = position(of: device) else {
      throw StreamError(.wrongCall, .use, at: 0, device: UInt32(truncatingIfNeeded: device))
    }
    try Self.save(list[position], device, notes, layoutBase, emit)
  }

  typealias EmitSection = (
    _ section: UInt16, _ layout: UInt32, _ write: (inout OwnedBytes) throws(StreamError) -> SectionShape
  ) throws(StreamError) -> Void

  private static func save(
    _ state: borrowing StructDevice, _ device: Int, _ notes: borrowing ManifestNotes, _ layoutBase: UInt32,
    _ emit: EmitSection
  ) throws(StreamError) {
    let (first, count) = (notes.devices[device].firstPiece, notes.devices[device].sectionCount)
    var number = 0
    for index in 0..<state.sectionCount {
      for element in 0..<(try state.announcedCount(of: index)) {
        guard number < count, notes.pieces[first + number].layout == UInt32(index) else {
          throw Self.changed(device, number)
        }
        try emit(UInt16(truncatingIfNeeded: number), UInt32(index)) { (octets) throws(StreamError) in
          try state.save(index, element: element, layoutBase: layoutBase, to: &octets)
        }
        number += 1
      }
    }
    guard number == count else { throw Self.changed(device, number) }
  }

  private static func changed(_ device: Int, _ number: Int) -> StreamError {
    StreamError(.wrongCall, .use, at: 0, found: UInt64(number), device: UInt32(truncatingIfNeeded: device))
  }
}
