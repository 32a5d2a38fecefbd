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
