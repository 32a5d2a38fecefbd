extension ModelNumber {
  /// The number with the values of some parameters; nil when it follows from a text.
  ///
  /// Source: Specs/device-models.md section 4.4.
  func value(_ parameters: ParameterSet) -> Int128? {
    switch self {
    case .constant(let value): return value
    case .parameter(let name, let times, let plus):
      let value: Int128
      switch parameters.value(of: name) {
      case .bool(let isOn): value = isOn ? 1 : 0
      case .int(let number): value = Int128(number)
      case .str, nil: return nil
      }
      // No overflow: three numbers of 64 bits.
      return value * Int128(times) + Int128(plus)
    }
  }

  /// As people write it: `16`, `4 * queues + 1`.
  public var text: String {
    switch self {
    case .constant(let value): return "\(value)"
    case .parameter(let name, let times, let plus):
      let product = times == 1 ? name : "\(times) * \(name)"
      return plus == 0 ? product : plus > 0 ? "\(product) + \(plus)" : "\(product) - \(plus.magnitude)"
    }
  }
}

extension ModelNumber {
  /// The number, which must lie in `range`.
  ///
  /// - Parameters:
  ///   - subject: What it is, for the sentence of the fault.
  ///   - pointer: JSON pointer to it.
  func value(
    _ parameters: ParameterSet, in range: ClosedRange<Int128>, _ subject: String, _ pointer: @autoclosure () -> String
  ) throws(DocumentFault) -> Int128 {
    guard let value = value(parameters) else {
      throw DocumentFault("\(subject), \(text), is no number", pointer: pointer(), line: 0)
    }
    guard range.contains(value) else {
      let origin = if case .constant = self { "" } else { " (\(text))" }
      throw DocumentFault(
        "\(subject) is \(value)\(origin) with these parameters; expected \(range.lowerBound) to \(range.upperBound)",
        pointer: pointer(), line: 0)
    }
    return value
  }
}
