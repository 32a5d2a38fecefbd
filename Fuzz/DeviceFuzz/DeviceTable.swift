import CDeviceFuzz
import CMigStream

/// A device under test while it lives, as the C library reaches it: its own functions, watched.
@safe
struct WatchedDevice {
  let functions: mgsf_device
  let ops: mgs_device_ops
  let device: UnsafeMutableRawPointer
  /// Memory was lent or changed, or octets forwarded, since the session began: a refusal may leave traces there.
  var tookBulk = false
  /// Commits since the session began.
  var commitCount = 0
  /// What the guest saw before the first commit of the session.
  var beforeCommit: DeviceView?

  /// What the guest can see now.
  var view: DeviceView {
    var view = DeviceView()
    guard let visible = unsafe functions.visible else { return view }
    unsafe withUnsafeMutablePointer(to: &view) { unsafe visible(device, OpaquePointer($0)) }
    return view
  }
}

/// A function of its own: a closure that names a static member is none of C.
private func watched(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<WatchedDevice> {
  unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: WatchedDevice.self)
}

/// The table of functions that machines under test are made with; its context is a ``WatchedDevice``.
enum DeviceTable {
  /// - Parameter ops: The device's own: what it has not, the table has not.
  static func watching(_ ops: mgs_device_ops) -> mgs_device_ops {
    var table = mgs_device_ops()
    table.size = MemoryLayout<mgs_device_ops>.size
    addStates(&table, ops)
    addBulk(&table, ops)
    if unsafe ops.save != nil {
      unsafe table.save = { context, number, isStopped, out in
        let device = unsafe watched(context)
        return unsafe device.pointee.ops.save(device.pointee.device, number, isStopped, out)
      }
    }
    if unsafe ops.estimate != nil {
      unsafe table.estimate = { context, number, estimate in
        let device = unsafe watched(context)
        return unsafe device.pointee.ops.estimate(device.pointee.device, number, estimate)
      }
    }
    return table
  }

  private static func addStates(_ table: inout mgs_device_ops, _ ops: mgs_device_ops) {
    if unsafe ops.move != nil {
      unsafe table.move = { context, number, start, end in
        let device = unsafe watched(context)
        return unsafe device.pointee.ops.move(device.pointee.device, number, start, end)
      }
    }
    if unsafe ops.reset != nil {
      unsafe table.reset = { context, number in
        let device = unsafe watched(context)
        unsafe device.pointee.ops.reset(device.pointee.device, number)
      }
    }
    if unsafe ops.check != nil {
      unsafe table.check = { context, number, piece in
        let device = unsafe watched(context)
        return unsafe device.pointee.ops.check(device.pointee.device, number, piece)
      }
    }
    if unsafe ops.prepare != nil {
      unsafe table.prepare = { context, number in
        let device = unsafe watched(context)
        return unsafe device.pointee.ops.prepare(device.pointee.device, number)
      }
    }
    unsafe table.commit = { context, number in
      let device = unsafe watched(context)
      if unsafe device.pointee.commitCount == 0 { unsafe device.pointee.beforeCommit = unsafe device.pointee.view }
      unsafe device.pointee.commitCount += 1
      guard let commit = unsafe device.pointee.ops.commit else { return 0 }
      return unsafe commit(device.pointee.device, number)
    }
  }

  private static func addBulk(_ table: inout mgs_device_ops, _ ops: mgs_device_ops) {
    if unsafe ops.target != nil {
      unsafe table.target = { context, region, offset, size, memory, room in
        let device = unsafe watched(context)
        unsafe device.pointee.tookBulk = true
        return unsafe device.pointee.ops.target(device.pointee.device, region, offset, size, memory, room)
      }
    }
    if unsafe ops.bytes_target != nil {
      unsafe table.bytes_target = { context, number, offset, size, memory, room in
        let device = unsafe watched(context)
        unsafe device.pointee.tookBulk = true
        return unsafe device.pointee.ops.bytes_target(device.pointee.device, number, offset, size, memory, room)
      }
    }
    if unsafe ops.clear != nil {
      unsafe table.clear = { context, region, offset, length, isDiscarded in
        let device = unsafe watched(context)
        unsafe device.pointee.tookBulk = true
        return unsafe device.pointee.ops.clear(device.pointee.device, region, offset, length, isDiscarded)
      }
    }
    if unsafe ops.bytes != nil {
      unsafe table.bytes = { context, number, octets, size, offset in
        let device = unsafe watched(context)
        unsafe device.pointee.tookBulk = true
        return unsafe device.pointee.ops.bytes(device.pointee.device, number, octets, size, offset)
      }
    }
  }
}
