extension QEMUStream {
  /// A leaf's octets as they are in the stream: numbers big-endian, unless ``QEMUNode/isLittleEndian``.
  ///
  /// - Parameters:
  ///   - elements: Which elements of an array; nil: all. Callers with little memory take large arrays in pieces.
  ///   - displacement: For leaves inside a struct array, octets from its first element to the wanted one: element
  ///     number times ``QEMUNode/width`` of the array.
  public func octets(
    of leaf: QEMUNode, elements: Range<Int>? = nil, displacement: UInt64 = 0
  ) throws(ForeignError) -> [UInt8] {
    let elements = elements ?? 0..<leaf.elementCount
    guard elements.lowerBound >= 0, elements.upperBound <= leaf.elementCount else {
      throw ForeignError(
        .limitExceeded, .tree, at: leaf.sourceOffset, expected: UInt64(leaf.elementCount),
        found: UInt64(clamping: elements.upperBound), path: leaf.name)
    }
    let (skipped, overflow) = leaf.width.multipliedReportingOverflow(by: elements.lowerBound)
    let (count, overflow2) = leaf.width.multipliedReportingOverflow(by: elements.count)
    guard !overflow, !overflow2, UInt64(skipped) <= leaf.sourceLength,
      UInt64(count) <= leaf.sourceLength - UInt64(skipped)
    else {
      throw ForeignError(
        .truncated, .tree, at: leaf.sourceOffset, expected: leaf.sourceLength, found: 0,
        path: leaf.name)
    }
    let (moved, overflow3) = leaf.sourceOffset.addingReportingOverflow(displacement)
    let (offset, overflow4) = moved.addingReportingOverflow(UInt64(skipped))
    guard !overflow3, !overflow4, offset <= source.octetCount,
      UInt64(count) <= source.octetCount - offset
    else {
      throw ForeignError(
        .truncated, .tree, at: leaf.sourceOffset, expected: UInt64(count), found: 0, path: leaf.name
      )
    }
    return try source.read(at: offset, count: count)
  }

  /// A leaf's values as little-endian octets: numbers of the type's width, bitmaps as words of 8 octets, truth values
  /// as 0 or 1, bytes and text as they are.
  public func littleEndianOctets(
    of leaf: QEMUNode, elements: Range<Int>? = nil, displacement: UInt64 = 0
  ) throws(ForeignError) -> [UInt8] {
    var octets = try octets(of: leaf, elements: elements, displacement: displacement)
    switch leaf.type {
    case .bool:
      for place in octets.indices where octets[place] != 0 { octets[place] = 1 }
    case .bytes, .text, .nullPointer, .structure, .list, .u8, .i8: break
    case .bitmap: Self.reverse(&octets, every: 8)
    case .fileDescriptor: Self.reverse(&octets, every: leaf.width)
    case .u16, .u32, .u64, .i16, .i32, .i64, .f64, .timer:
      if !leaf.isLittleEndian { Self.reverse(&octets, every: leaf.width) }
    }
    return octets
  }

  private static func reverse(_ octets: inout [UInt8], every width: Int) {
    guard width > 1 else { return }
    var start = 0
    while start + width <= octets.count {
      octets[start..<(start + width)].reverse()
      start += width
    }
  }
}
