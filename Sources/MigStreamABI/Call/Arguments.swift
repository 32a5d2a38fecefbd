internal import CMigStream
internal import MigrationStream

/// Octets that a caller names; nil when they cannot be: NULL, a size that is no size, past the end of the address space.
func octets(_ base: UnsafeRawPointer?, _ size: Int) -> UnsafeRawBufferPointer? {
  // size_t arrives as Int: a huge one is negative here.
  guard size > 0 else { return unsafe size == 0 ? UnsafeRawBufferPointer(start: nil, count: 0) : nil }
  guard let base = unsafe base, isInside(UInt(bitPattern: base), size) else { return nil }
  return unsafe UnsafeRawBufferPointer(start: base, count: size)
}

/// Octets that a caller wants written.
func writableOctets(_ base: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawBufferPointer? {
  guard let octets = unsafe octets(UnsafeRawPointer(base), size) else { return nil }
  return unsafe UnsafeMutableRawBufferPointer(mutating: octets)
}

func octets(_ text: mgs_text) -> UnsafeRawBufferPointer? { unsafe octets(UnsafeRawPointer(text.octets), text.size) }

func octets(_ given: mgs_octets) -> UnsafeRawBufferPointer? { unsafe octets(given.octets, given.size) }

private func isInside(_ address: UInt, _ size: Int) -> Bool {
  !address.addingReportingOverflow(UInt(bitPattern: size)).overflow
}

/// Sizes that a struct may say that it has.
private func isStructSize(_ size: Int) -> Bool { size >= 8 && size <= 4096 && size % 8 == 0 }

/// The size that a struct says it has; nil for one that no struct has, and for an address where none is.
private func structSize(_ address: UnsafeRawPointer) -> Int? {
  guard UInt(bitPattern: address) % 8 == 0 else { return nil }
  let size = unsafe address.load(as: Int.self)
  return isStructSize(size) ? size : nil
}

/// A struct of the caller that begins with its size: members that it lacks are 0, and what this library does not know must be.
///
/// - Parameter empty: All zeros.
/// - Returns: nil when it is not so.
func readStruct<Value: BitwiseCopyable>(_ pointer: UnsafePointer<Value>, _ empty: Value) -> Value? {
  let address = unsafe UnsafeRawPointer(pointer)
  guard let size = unsafe structSize(address) else { return nil }
  let known = MemoryLayout<Value>.size
  var position = known
  while position < size {
    guard unsafe address.load(fromByteOffset: position, as: UInt64.self) == 0 else { return nil }
    position += 8
  }
  var value = empty
  unsafe withUnsafeMutableBytes(of: &value) { target in
    unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: address, count: min(size, known)))
  }
  return value
}

/// Fills in a struct of the caller, as far as it reaches; what this library does not know becomes 0.
///
/// - Returns: Whether there was a struct of a right size.
func fillStruct<Value: BitwiseCopyable>(_ pointer: UnsafeMutablePointer<Value>?, _ value: Value) -> Bool {
  guard let pointer = unsafe pointer, let size = unsafe structSize(UnsafeRawPointer(pointer)) else { return false }
  let known = min(size, MemoryLayout<Value>.size)
  let target = unsafe UnsafeMutableRawBufferPointer(start: pointer, count: size)
  unsafe withUnsafeBytes(of: value) { source in
    unsafe UnsafeMutableRawBufferPointer(rebasing: target[8..<known]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: source[8..<known]))
  }
  for position in known..<size { unsafe target[position] = 0 }
  return true
}

/// The negative of a code of the library's own.
func status(_ code: mgs_code) -> Int32 { -Int32(bitPattern: code.rawValue) }
