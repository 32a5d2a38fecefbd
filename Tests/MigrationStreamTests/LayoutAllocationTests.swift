import MigrationStream
import StreamTestKit
import Testing

/// Memory that refuses the n-th request and counts what is held.
private struct Meter {
  var requests = 0
  var refuseAt: Int
  var held = 0
}

@Suite struct LayoutAllocationTests {
  /// Runs `body` with memory that refuses request `number`, and says what came of it, and what is still held.
  private func attempt(
    refusing number: Int, _ body: (StreamAllocator) throws(StreamError) -> Void
  ) -> (error: StreamError?, requests: Int, held: Int) {
    let meter = UnsafeMutablePointer<Meter>.allocate(capacity: 1)
    unsafe meter.initialize(to: Meter(refuseAt: number))
    defer { unsafe meter.deallocate() }
    // Safe: the meter outlives every use of the allocator, which ends with the body.
    let allocator = unsafe StreamAllocator(
      context: meter,
      allocate: { context, byteCount, alignment in
        guard let meter = unsafe context?.assumingMemoryBound(to: Meter.self) else { return nil }
        unsafe meter.pointee.requests += 1
        guard unsafe meter.pointee.requests != meter.pointee.refuseAt else { return nil }
        unsafe meter.pointee.held += 1
        return UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: alignment)
      },
      deallocate: { context, memory in
        guard let meter = unsafe context?.assumingMemoryBound(to: Meter.self) else { return }
        unsafe meter.pointee.held -= 1
        unsafe memory?.deallocate()
      })
    let error = refusal { () throws(StreamError) in try body(allocator) }
    return unsafe (error, meter.pointee.requests, meter.pointee.held)
  }

  /// A store that could not keep a layout is as before, and goes on.
  @Test func refusedLayoutLeavesTheStoreAsItWas() throws {
    let first = try RandomSection(seed: 1).layouts[0].canonical()
    let second = try RandomSection(seed: 2).layouts[0].canonical()
    for number in 1...30 {
      let result = attempt(refusing: number) { (allocator) throws(StreamError) in
        var store = LayoutStore(allocator: allocator)
        for canonical in [first, second] {
          let before = store.count
          do throws(StreamError) {
            try store.add(canonical: canonical.span.octets, at: 0, limits: StreamLimits())
          } catch {
            #expect(store.count == before)
            try store.add(canonical: canonical.span.octets, at: 0, limits: StreamLimits())
          }
        }
        let kept = array(store.table.layout(1).octets)
        #expect(kept == second)
      }
      #expect(result.error == nil && result.held == 0, "request \(number)")
    }
  }

  /// The figure in the memory formula of Specs/40-reader-rules.md section 3.
  @Test func entryTakes32Octets() {
    #expect(MemoryLayout<FieldEntry>.stride == 32)
  }
}
