extension OwnedBuffer {
  /// Sorts in place, in n log n steps whatever the input, without memory.
  public mutating func sort(by precedes: (Element, Element) -> Bool) {
    var root = count / 2
    while root > 0 {
      root -= 1
      sift(from: root, end: count, by: precedes)
    }
    var end = count
    while end > 1 {
      end -= 1
      let last = self[end]
      self[end] = self[0]
      self[0] = last
      sift(from: 0, end: end, by: precedes)
    }
  }

  private mutating func sift(from start: Int, end: Int, by precedes: (Element, Element) -> Bool) {
    var root = start
    while true {
      var child = 2 &* root &+ 1
      guard child < end else { return }
      if child &+ 1 < end, precedes(self[child], self[child &+ 1]) { child &+= 1 }
      guard precedes(self[root], self[child]) else { return }
      let value = self[root]
      self[root] = self[child]
      self[child] = value
      root = child
    }
  }
}

extension Range where Bound == Int {
  /// The first number for which `isBefore` is false, in as many steps as its bits; it is true below that and false above.
  @inline(__always)
  func first(notBefore isBefore: (Int) -> Bool) -> Int {
    var (low, high) = (lowerBound, upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      if isBefore(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
