import CFuzzShim
import MigrationStream
import StreamMutation

/// Mutations that keep the records around them.
enum RecordMutation {
  private static let recordsMax = 64

  /// Starts of the records, and the end of the last that is whole; the last octet of the input is none of them.
  private static func starts(_ octets: FuzzOctets) -> [Int] {
    var starts: [Int] = []
    var position = Preamble.byteCount
    while octets.count - position >= RecordHeader.byteCount, starts.count < recordsMax {
      let record = FuzzRecord(octets, at: position)
      guard record.next <= octets.count else { break }
      starts.append(position)
      position = record.next
    }
    return starts + [position]
  }

  /// One of `count` records; seldom the first and the last, MANIFEST and END, on which all others depend.
  private static func choose(_ count: Int, _ chance: inout Chance) -> Int {
    count < 3 || chance.isOne(in: 8) ? chance.below(count) : 1 + chance.below(count - 2)
  }

  /// Doubles a record in another place, drops one, or exchanges two neighbours.
  @unsafe
  static func records(_ input: UnsafeMutableRawBufferPointer, _ size: Int, _ chance: inout Chance) -> Int {
    guard size > Preamble.byteCount else { return size }
    let starts = starts(unsafe FuzzOctets(UnsafeMutableRawBufferPointer(rebasing: input[..<(size - 1)])))
    guard starts.count > 2 else { return size }
    let index = choose(starts.count - 1, &chance)
    let record = unsafe [UInt8](input[starts[index]..<starts[index + 1]])
    switch chance.below(3) {
    case 0:
      let target = starts[max(1, choose(starts.count - 1, &chance))]
      return unsafe replace(input, size, target..<target, by: record)
    case 1: return unsafe replace(input, size, starts[index]..<starts[index + 1], by: [])
    default:
      guard index + 3 < starts.count || chance.isOne(in: 16), index + 2 < starts.count else { return size }
      let next = unsafe [UInt8](input[starts[index + 1]..<starts[index + 2]])
      return unsafe replace(input, size, starts[index]..<starts[index + 2], by: next + record)
    }
  }

  /// Mutates the body of one record, which may grow or shrink, or its payload.
  @unsafe
  static func body(_ input: UnsafeMutableRawBufferPointer, _ size: Int, _ chance: inout Chance) -> Int {
    guard size > Preamble.byteCount else { return size }
    let octets = unsafe FuzzOctets(UnsafeMutableRawBufferPointer(rebasing: input[..<(size - 1)]))
    let starts = starts(octets)
    guard starts.count > 1 else { return size }
    let record = FuzzRecord(octets, at: starts[choose(starts.count - 1, &chance)])
    let isPayload = !record.payload.isEmpty && chance.isOne(in: 4)
    let old = isPayload ? record.payload : record.body
    guard !old.isEmpty else { return size }
    var part = unsafe [UInt8](input[old])
    part += [UInt8](repeating: 0, count: 64)
    var count = unsafe part.withUnsafeMutableBufferPointer { buffer in
      unsafe fuzz_mutate_bytes(buffer.baseAddress.unsafelyUnwrapped, old.count, buffer.count)
    }
    part.removeSubrange(count...)
    if !isPayload { part += [UInt8](repeating: 0, count: -count & 7) }
    count = part.count
    octets.store(UInt64(count), record.start + (isPayload ? 40 : 24))
    // Padding moves with the lengths: the record is put together anew.
    let bodyCount = isPayload ? record.body.count : count
    let payloadCount = isPayload ? count : record.payload.count
    let payload = unsafe isPayload ? part : [UInt8](input[record.payload])
    let body = unsafe isPayload ? [UInt8](input[record.body]) : part
    let bodyEnd = record.body.lowerBound + bodyCount
    let front = payloadCount == 0 ? 0 : -bodyEnd & 63
    let whole =
      body + [UInt8](repeating: 0, count: front) + payload + [UInt8](repeating: 0, count: -payloadCount & 7)
    return unsafe replace(input, size, record.body.lowerBound..<record.end, by: whole)
  }

  /// - Returns: The size after it, or `size` when there is no room.
  @unsafe
  private static func replace(
    _ input: UnsafeMutableRawBufferPointer, _ size: Int, _ range: Range<Int>, by octets: [UInt8]
  ) -> Int {
    let count = size - range.count + octets.count
    guard count <= input.count else { return size }
    let rest = unsafe [UInt8](input[range.upperBound..<size])
    unsafe UnsafeMutableRawBufferPointer(rebasing: input[range.lowerBound..<count]).copyBytes(from: octets + rest)
    return count
  }
}
