/// A set of values of a parameter, for questions of whether something is left of it.
struct ValueSet: Equatable {
  private enum Content: Equatable {
    case bools(Set<Bool>)
    /// Ascending, apart from each other.
    case ints([ClosedRange<Int64>])
    case texts(Set<String>)
    case anyTextBut(Set<String>)
  }

  private var content: Content

  init(_ values: [AllowedValue], of type: ParameterType) {
    switch type {
    case .bool:
      content = .bools(Set(values.compactMap { if case .value(.bool(let value)) = $0 { value } else { nil } }))
    case .str:
      content = .texts(Set(values.compactMap { if case .value(.str(let value)) = $0 { value } else { nil } }))
    case .int:
      content = .ints(
        Self.merged(
          values.compactMap {
            switch $0 {
            case .value(.int(let value)): value...value
            case .range(let range): range
            case .value: nil
            }
          }))
    }
  }

  init(allowedBy parameter: Parameter) {
    if let values = parameter.allowedValues {
      self.init(values, of: parameter.type)
    } else {
      switch parameter.type {
      case .bool: self.init(.bools([false, true]))
      case .int: self.init(.ints([.min ... .max]))
      case .str: self.init(.anyTextBut([]))
      }
    }
  }

  private init(_ content: Content) { self.content = content }

  var isEmpty: Bool {
    switch content {
    case .bools(let values): values.isEmpty
    case .ints(let ranges): ranges.isEmpty
    case .texts(let values): values.isEmpty
    case .anyTextBut: false
    }
  }

  /// The lowest and the highest integer.
  var ends: (lowest: Int64, highest: Int64)? {
    guard case .ints(let ranges) = content, let first = ranges.first, let last = ranges.last else { return nil }
    return (first.lowerBound, last.upperBound)
  }

  func intersection(_ other: ValueSet) -> ValueSet {
    switch (content, other.content) {
    case (.bools(let left), .bools(let right)): ValueSet(.bools(left.intersection(right)))
    case (.ints(let left), .ints(let right)): ValueSet(.ints(Self.common(left, right)))
    case (.texts(let left), .texts(let right)): ValueSet(.texts(left.intersection(right)))
    case (.texts(let values), .anyTextBut(let others)), (.anyTextBut(let others), .texts(let values)):
      ValueSet(.texts(values.subtracting(others)))
    case (.anyTextBut(let left), .anyTextBut(let right)): ValueSet(.anyTextBut(left.union(right)))
    default: ValueSet(.texts([]))
    }
  }

  func without(_ value: ParameterValue?) -> ValueSet {
    switch (content, value) {
    case (.bools(let values), .bool(let value)): ValueSet(.bools(values.subtracting([value])))
    case (.ints(let ranges), .int(let value)):
      ValueSet(
        .ints(
          ranges.flatMap { range in
            var rest: [ClosedRange<Int64>] = []
            if range.lowerBound < value { rest.append(range.lowerBound...min(range.upperBound, value - 1)) }
            if range.upperBound > value { rest.append(max(range.lowerBound, value + 1)...range.upperBound) }
            return rest
          }))
    case (.texts(let values), .str(let value)): ValueSet(.texts(values.subtracting([value])))
    case (.anyTextBut(let values), .str(let value)): ValueSet(.anyTextBut(values.union([value])))
    default: self
    }
  }

  private static func merged(_ ranges: [ClosedRange<Int64>]) -> [ClosedRange<Int64>] {
    var merged: [ClosedRange<Int64>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  private static func common(
    _ left: [ClosedRange<Int64>], _ right: [ClosedRange<Int64>]
  ) -> [ClosedRange<Int64>] {
    var common: [ClosedRange<Int64>] = []
    var (l, r) = (0, 0)
    while l < left.count, r < right.count {
      let low = max(left[l].lowerBound, right[r].lowerBound)
      let high = min(left[l].upperBound, right[r].upperBound)
      if low <= high { common.append(low...high) }
      if left[l].upperBound < right[r].upperBound { l += 1 } else { r += 1 }
    }
    return common
  }
}
