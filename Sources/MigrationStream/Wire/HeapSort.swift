extension OwnedBuffer {
  /// Sorts in place, in n log n steps whatever the input, without memory.
  public mutating func sort(by precedes: (Element, Element) -> Bool) {
    var (root, end) = (count / 2, count)
    while end > 1 {
      // First all become a heap; then what is last of it goes to the end, again and again.
      if root > 0 {
        root -= 1
      } else {
        end -= 1
        exchange(0, end)
      }
      sift(from: root, end: end, by: precedes)
    }
  }

  private mutating func sift(from start: Int, end: Int, by precedes: (Element, Element) -> Bool) {
    var root = start
    while true {
      var child = 2 &* root &+ 1
      guard child < end else { return }
      if child &+ 1 < end, precedes(self[child], self[child &+ 1]) { child &+= 1 }
      guard precedes(self[root], self[child]) else { return }
      exchange(root, child)
      root = child
    }
  }

  @inline(never)
  private mutating func exchange(_ left: Int, _ right: Int) {
    let value = self[left]
    self[left] = self[right]
    self[right] = value
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
