/// One input: a stream, and what is done with it.
///
///     | stream | operations: code, argument, octets of run | number of their octets, 2 | "MF" |
///
/// Any octets are an input. Those that do not end in this way are a stream, with which the usual is done: so streams
/// that a VMM saved are seeds as they are.
struct DeviceInput: Equatable {
  var stream: [UInt8]
  var operations: [DeviceOperation]

  /// More are not run: work is bounded.
  static let operationsMax = 48
  private static let mark: [UInt8] = [0x4d, 0x46]

  init(stream: [UInt8], operations: [DeviceOperation] = DeviceOperation.usual) {
    self.stream = stream
    self.operations = operations
  }

  init(_ octets: [UInt8]) {
    self.init(stream: octets)
    guard octets.count >= 4, octets[(octets.count - 2)...].elementsEqual(Self.mark) else { return }
    let end = octets.count - 4
    let count = Int(octets[end]) | Int(octets[end + 1]) << 8
    guard count <= end else { return }
    stream = Array(octets[..<(end - count)])
    operations = []
    var position = end - count
    while end - position >= 2, operations.count < Self.operationsMax {
      let (code, argument) = (octets[position] % DeviceOperation.codeCount, octets[position + 1])
      position += 2
      let length = code == 0 ? min(Int(argument), end - position) : 0
      operations.append(
        DeviceOperation(code: code, argument: argument, octets: Array(octets[position..<(position + length)])))
      position += length
    }
  }

  /// Octets of all but the stream.
  var tail: [UInt8] {
    var tail: [UInt8] = []
    for operation in operations.prefix(Self.operationsMax) {
      tail += [operation.code, operation.argument]
      if case .run(let octets) = operation { tail += octets.prefix(255) }
    }
    let count = tail.count
    return tail + [UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8)] + Self.mark
  }

  var octets: [UInt8] {
    let isPlain = operations == DeviceOperation.usual && !stream.suffix(2).elementsEqual(Self.mark)
    return isPlain ? stream : stream + tail
  }
}
