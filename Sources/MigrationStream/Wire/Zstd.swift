internal import CZstd

/// Memory hooks for libzstd. `kept` holds one ``StreamAllocator`` and outlives the context.
private func customMemory(_ kept: borrowing OwnedBuffer<StreamAllocator>) -> ZSTD_customMem {
  // Safe: the buffer holds one StreamAllocator, written by the owner before this call.
  unsafe ZSTD_customMem(
    customAlloc: { opaque, size in
      guard let opaque = unsafe opaque else { return nil }
      let hook = unsafe opaque.load(as: StreamAllocator.self)
      return unsafe hook.allocate(hook.context, size, 16)
    },
    customFree: { opaque, address in
      guard let opaque = unsafe opaque, unsafe address != nil else { return }
      let hook = unsafe opaque.load(as: StreamAllocator.self)
      unsafe hook.deallocate(hook.context, address)
    },
    opaque: kept.base)
}

extension StreamAllocator: BitwiseCopyable {}

/// One zstd frame at a time, with its content size in the frame header.
@safe
public struct ZstdCompressor: ~Copyable {
  private let addressOnly = AddressOnly()
  private let kept: OwnedBuffer<StreamAllocator>
  private let context: OpaquePointer

  public init(level: Int32 = 1, allocator: StreamAllocator = .system) throws(StreamError) {
    var kept = OwnedBuffer<StreamAllocator>(allocator: allocator)
    try kept.append(allocator)
    guard let context = unsafe ZSTD_createCCtx_advanced(customMemory(kept)) else {
      throw StreamError(.outOfMemory, .use, at: 0)
    }
    self.kept = kept
    unsafe self.context = unsafe context
    _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
  }

  deinit { _ = unsafe ZSTD_freeCCtx(context) }

  /// Replaces `target` by one frame that holds `source`.
  public mutating func compress(_ source: RawSpan, into target: inout OwnedBytes) throws(StreamError) {
    target.removeAll()
    try target.append(repeating: 0, count: ZSTD_compressBound(source.byteCount))
    let capacity = target.count
    // Safe: both pointers are used only inside the call, with the sizes they have.
    let status = unsafe source.withUnsafeBytes { octets in
      unsafe ZSTD_compress2(context, target.base, capacity, octets.baseAddress, octets.count)
    }
    guard ZSTD_isError(status) == 0 else {
      throw StreamError(.outOfMemory, .use, at: 0, found: UInt64(source.byteCount))
    }
    target.truncate(to: status)
  }
}

/// Decompression of frames as the format allows them, into private memory.
///
/// Source: Specs/10-stream-format.md section 9.
@safe
public struct ZstdDecompressor: ~Copyable {
  private let addressOnly = AddressOnly()
  private let kept: OwnedBuffer<StreamAllocator>
  private let context: OpaquePointer

  public init(allocator: StreamAllocator = .system) throws(StreamError) {
    var kept = OwnedBuffer<StreamAllocator>(allocator: allocator)
    try kept.append(allocator)
    guard let context = unsafe ZSTD_createDCtx_advanced(customMemory(kept)) else {
      throw StreamError(.outOfMemory, .use, at: 0)
    }
    self.kept = kept
    unsafe self.context = unsafe context
  }

  deinit { _ = unsafe ZSTD_freeDCtx(context) }

  /// Replaces `target` by what the one frame in `source` holds.
  ///
  /// - Parameters:
  ///   - plainByteCount: What the field beside the frame says it holds; checked against the frame before memory is taken.
  ///   - offset: Where `source` stands in the stream.
  /// - Throws: `compressedDataDamaged` for every frame the format forbids, `limitExceeded` for window and size.
  public mutating func decompress(
    _ source: RawSpan, plainByteCount: UInt64, plainMax: UInt64, windowMax: UInt64, at offset: UInt64,
    stage: StreamError.Stage, into target: inout OwnedBytes
  ) throws(StreamError) {
    guard plainByteCount <= plainMax else {
      throw StreamError(.limitExceeded, stage, at: offset, expected: plainMax, found: plainByteCount)
    }
    var header = ZSTD_frameHeader()
    // Safe: the pointers are used only inside the calls.
    let (status, frame) = unsafe source.withUnsafeBytes { octets in
      unsafe (
        ZSTD_getFrameHeader(&header, octets.baseAddress, octets.count),
        ZSTD_findFrameCompressedSize(octets.baseAddress, octets.count)
      )
    }
    if ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge {
      // More than the library itself can do, and so more than any limit.
      throw StreamError(
        .limitExceeded, stage, at: offset, expected: windowMax, found: Self.window(source.octet(at: 5)))
    }
    guard status == 0, header.frameType == ZSTD_frame else {
      throw StreamError(.compressedDataDamaged, stage, at: offset)
    }
    // A single segment has no window but its content, which the plain limit has let through.
    let isSingleSegment = source.octet(at: 4) & 0x20 != 0
    guard isSingleSegment || header.windowSize <= windowMax else {
      throw StreamError(.limitExceeded, stage, at: offset, expected: windowMax, found: header.windowSize)
    }
    guard header.dictID == 0 else { throw StreamError(.compressedDataDamaged, stage, at: offset) }
    guard header.frameContentSize == plainByteCount else {
      throw StreamError(
        .compressedDataDamaged, stage, at: offset, expected: plainByteCount, found: header.frameContentSize)
    }
    guard ZSTD_isError(frame) == 0 else { throw StreamError(.compressedDataDamaged, stage, at: offset) }
    guard frame == source.byteCount else {
      throw StreamError(
        .compressedDataDamaged, stage, at: offset &+ UInt64(frame), expected: UInt64(frame),
        found: UInt64(source.byteCount))
    }
    target.removeAll()
    try target.append(repeating: 0, count: Int(plainByteCount))
    let capacity = target.count
    let written = unsafe source.withUnsafeBytes { octets in
      unsafe ZSTD_decompressDCtx(context, target.base, capacity, octets.baseAddress, octets.count)
    }
    guard ZSTD_isError(written) == 0, written == capacity else {
      throw StreamError(.compressedDataDamaged, stage, at: offset)
    }
  }
  /// What the octet behind the frame header descriptor says.
  ///
  /// Source: RFC 8878 section 3.1.1.1.2.
  private static func window(_ descriptor: UInt8) -> UInt64 {
    let base = UInt64(1) << UInt64(10 + descriptor >> 3)
    return base + base / 8 * UInt64(descriptor & 7)
  }
}
