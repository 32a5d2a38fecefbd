// State of example.com/every-kind, definition 2.
// Every type in every shape; for tests of generated source text.
// Parameters: wide=off.
// Written by streamtool model layout --swift; not to be edited.

public import MigrationStream

/// Section single, version 2.
///
/// One of each.
public struct EveryKindSingle: Equatable, Sendable {
  /// A u8.
  public var u8: UInt8 = 0
  /// A u16.
  public var u16: UInt16 = 0
  /// A u32.
  public var u32: UInt32 = 0
  /// A u64.
  public var u64: UInt64 = 0
  /// A u128.
  public var u128: UInt128 = 0
  /// A i8.
  public var i8: Int8 = 0
  /// A i16.
  public var i16: Int16 = 0
  /// A i32.
  public var i32: Int32 = 0
  /// A i64.
  public var i64: Int64 = 0
  /// A i128.
  public var i128: Int128 = 0
  /// A f32.
  public var f32: Float = 0
  /// A f64.
  public var f64: Double = 0
  /// A bool.
  public var bool: Bool = false
  /// A enum8.
  public var enum8: UInt8 = 0
  /// A enum16.
  public var enum16: UInt16 = 0
  /// A enum32.
  public var enum32: UInt32 = 0
  /// A enum64.
  public var enum64: UInt64 = 0
  /// A flags8.
  public var flags8: UInt8 = 0
  /// A flags16.
  public var flags16: UInt16 = 0
  /// A flags32.
  public var flags32: UInt32 = 0
  /// A flags64.
  public var flags64: UInt64 = 0
  /// A bitmap128.
  public var bitmap128: [UInt64] = Array(repeating: 0, count: 2)
  /// A vector128.
  public var vector128: [UInt8] = Array(repeating: 0, count: 16)
  /// A vector512.
  public var vector512: [UInt8] = Array(repeating: 0, count: 64)
  /// A bytes5.
  public var bytes5: [UInt8] = Array(repeating: 0, count: 5)
  /// A uuid.
  public var uuid: [UInt8] = Array(repeating: 0, count: 16)
  /// A mac.
  public var mac: [UInt8] = Array(repeating: 0, count: 6)
  /// A pciAddress.
  public var pciaddress: UInt32 = 0
  /// A guestAddress32.
  public var guestaddress32: UInt32 = 0
  /// A guestAddress64.
  public var guestaddress64: UInt64 = 0
  /// A size8.
  public var size8: UInt8 = 0
  /// A size16.
  public var size16: UInt16 = 0
  /// A size32.
  public var size32: UInt32 = 0
  /// A size64.
  public var size64: UInt64 = 0
  /// A count8.
  public var count8: UInt8 = 0
  /// A count16.
  public var count16: UInt16 = 0
  /// A count32.
  public var count32: UInt32 = 0
  /// A count64.
  public var count64: UInt64 = 0
  /// A index8.
  public var index8: UInt8 = 0
  /// A index16.
  public var index16: UInt16 = 0
  /// A index32.
  public var index32: UInt32 = 0
  /// A index64.
  public var index64: UInt64 = 0
  /// A duration.
  public var duration: Int64 = 0
  /// A instant.
  public var instant: UInt64 = 0
  /// A countedBytes.
  public var countedbytes: [UInt8] = []
  /// A string.
  public var string: String = ""

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("single").octets)
    var field: FieldAttributes
    field = FieldAttributes(.unsigned, width: 1)
    field.mark = .skippable
    try builder.field(field, name: StaticString("u8").octets)
    field = FieldAttributes(.unsigned, width: 2)
    field.flags = .range | .hasDefault
    field.minimum = 1
    field.maximum = 500
    field.defaultValue = 7
    field.since = 2
    try builder.field(field, name: StaticString("u16").octets, unit: StaticString("frames").octets)
    field = FieldAttributes(.unsigned, width: 4)
    try builder.field(field, name: StaticString("u32").octets)
    field = FieldAttributes(.unsigned, width: 8)
    field.flags = .secret
    field.radix = 16
    try builder.field(field, name: StaticString("u64").octets)
    field = FieldAttributes(.unsigned, width: 16)
    try builder.field(field, name: StaticString("u128").octets)
    field = FieldAttributes(.signed, width: 1)
    try builder.field(field, name: StaticString("i8").octets)
    field = FieldAttributes(.signed, width: 2)
    field.flags = .range | .hasDefault
    field.minimum = 18446744073709551516
    field.maximum = 100
    field.defaultValue = 18446744073709551611
    try builder.field(field, name: StaticString("i16").octets)
    field = FieldAttributes(.signed, width: 4)
    try builder.field(field, name: StaticString("i32").octets)
    field = FieldAttributes(.signed, width: 8)
    try builder.field(field, name: StaticString("i64").octets)
    field = FieldAttributes(.signed, width: 16)
    try builder.field(field, name: StaticString("i128").octets)
    field = FieldAttributes(.float, width: 4)
    try builder.field(field, name: StaticString("f32").octets)
    field = FieldAttributes(.float, width: 8)
    try builder.field(field, name: StaticString("f64").octets)
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("bool").octets)
    field = FieldAttributes(.enumeration, width: 1)
    try builder.field(field, name: StaticString("enum8").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.enumeration, width: 2)
    try builder.field(field, name: StaticString("enum16").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.enumeration, width: 4)
    try builder.field(field, name: StaticString("enum32").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.enumeration, width: 8)
    try builder.field(field, name: StaticString("enum64").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.flags, width: 1)
    try builder.field(field, name: StaticString("flags8").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.flags, width: 2)
    try builder.field(field, name: StaticString("flags16").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.flags, width: 4)
    try builder.field(field, name: StaticString("flags32").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.flags, width: 8)
    try builder.field(field, name: StaticString("flags64").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.bitmap, width: 16)
    try builder.field(field, name: StaticString("bitmap128").octets)
    field = FieldAttributes(.vector, width: 16)
    try builder.field(field, name: StaticString("vector128").octets)
    field = FieldAttributes(.vector, width: 64)
    try builder.field(field, name: StaticString("vector512").octets)
    field = FieldAttributes(.bytes, width: 5)
    try builder.field(field, name: StaticString("bytes5").octets)
    field = FieldAttributes(.uuid, width: 16)
    try builder.field(field, name: StaticString("uuid").octets)
    field = FieldAttributes(.mac, width: 6)
    try builder.field(field, name: StaticString("mac").octets)
    field = FieldAttributes(.pciAddress, width: 4)
    try builder.field(field, name: StaticString("pciaddress").octets)
    field = FieldAttributes(.guestAddress, width: 4)
    try builder.field(field, name: StaticString("guestaddress32").octets)
    field = FieldAttributes(.guestAddress, width: 8)
    try builder.field(field, name: StaticString("guestaddress64").octets)
    field = FieldAttributes(.size, width: 1)
    try builder.field(field, name: StaticString("size8").octets)
    field = FieldAttributes(.size, width: 2)
    try builder.field(field, name: StaticString("size16").octets)
    field = FieldAttributes(.size, width: 4)
    try builder.field(field, name: StaticString("size32").octets)
    field = FieldAttributes(.size, width: 8)
    try builder.field(field, name: StaticString("size64").octets)
    field = FieldAttributes(.count, width: 1)
    try builder.field(field, name: StaticString("count8").octets)
    field = FieldAttributes(.count, width: 2)
    try builder.field(field, name: StaticString("count16").octets)
    field = FieldAttributes(.count, width: 4)
    try builder.field(field, name: StaticString("count32").octets)
    field = FieldAttributes(.count, width: 8)
    try builder.field(field, name: StaticString("count64").octets)
    field = FieldAttributes(.index, width: 1)
    field.flags = .range
    field.maximum = 9
    try builder.field(field, name: StaticString("index8").octets)
    field = FieldAttributes(.index, width: 2)
    field.flags = .range
    field.maximum = 9
    try builder.field(field, name: StaticString("index16").octets)
    field = FieldAttributes(.index, width: 4)
    field.flags = .range
    field.maximum = 9
    try builder.field(field, name: StaticString("index32").octets)
    field = FieldAttributes(.index, width: 8)
    field.flags = .range
    field.maximum = 9
    try builder.field(field, name: StaticString("index64").octets)
    field = FieldAttributes(.duration, width: 8)
    field.clock = 1
    try builder.field(field, name: StaticString("duration").octets)
    field = FieldAttributes(.instant, width: 8)
    field.clock = 1
    try builder.field(field, name: StaticString("instant").octets)
    field = FieldAttributes(.countedBytes, width: 4)
    field.flags = .range
    field.maximum = 20
    try builder.field(field, name: StaticString("countedbytes").octets)
    field = FieldAttributes(.string, width: 4)
    field.flags = .range
    field.maximum = 20
    try builder.field(field, name: StaticString("string").octets)
    field = FieldAttributes(.padding, width: 3)
    try builder.field(field, name: StaticString("pad").octets)
    try builder.finish()
  }
}

/// Section fixed, version 1.
///
/// Arrays.
public struct EveryKindFixed: Equatable, Sendable {
  /// A u8.
  public var u8: [UInt8] = Array(repeating: 0, count: 3)
  /// A u16.
  public var u16: [UInt16] = Array(repeating: 0, count: 3)
  /// A u32.
  public var u32: [UInt32] = Array(repeating: 0, count: 3)
  /// A u64.
  public var u64: [UInt64] = Array(repeating: 0, count: 3)
  /// A u128.
  public var u128: [UInt128] = Array(repeating: 0, count: 3)
  /// A i8.
  public var i8: [Int8] = Array(repeating: 0, count: 3)
  /// A i16.
  public var i16: [Int16] = Array(repeating: 0, count: 3)
  /// A i32.
  public var i32: [Int32] = Array(repeating: 0, count: 3)
  /// A i64.
  public var i64: [Int64] = Array(repeating: 0, count: 3)
  /// A i128.
  public var i128: [Int128] = Array(repeating: 0, count: 3)
  /// A f32.
  public var f32: [Float] = Array(repeating: 0, count: 3)
  /// A f64.
  public var f64: [Double] = Array(repeating: 0, count: 3)
  /// A bool.
  public var bool: [Bool] = Array(repeating: false, count: 3)
  /// A enum8.
  public var enum8: [UInt8] = Array(repeating: 0, count: 3)
  /// A enum16.
  public var enum16: [UInt16] = Array(repeating: 0, count: 3)
  /// A enum32.
  public var enum32: [UInt32] = Array(repeating: 0, count: 3)
  /// A enum64.
  public var enum64: [UInt64] = Array(repeating: 0, count: 3)
  /// A flags8.
  public var flags8: [UInt8] = Array(repeating: 0, count: 3)
  /// A flags16.
  public var flags16: [UInt16] = Array(repeating: 0, count: 3)
  /// A flags32.
  public var flags32: [UInt32] = Array(repeating: 0, count: 3)
  /// A flags64.
  public var flags64: [UInt64] = Array(repeating: 0, count: 3)
  /// A bitmap128.
  public var bitmap128: [[UInt64]] = Array(repeating: Array(repeating: 0, count: 2), count: 3)
  /// A vector128.
  public var vector128: [[UInt8]] = Array(repeating: Array(repeating: 0, count: 16), count: 3)
  /// A vector512.
  public var vector512: [[UInt8]] = Array(repeating: Array(repeating: 0, count: 64), count: 3)
  /// A bytes5.
  public var bytes5: [[UInt8]] = Array(repeating: Array(repeating: 0, count: 5), count: 3)
  /// A uuid.
  public var uuid: [[UInt8]] = Array(repeating: Array(repeating: 0, count: 16), count: 3)
  /// A mac.
  public var mac: [[UInt8]] = Array(repeating: Array(repeating: 0, count: 6), count: 3)
  /// A pciAddress.
  public var pciaddress: [UInt32] = Array(repeating: 0, count: 3)
  /// A guestAddress32.
  public var guestaddress32: [UInt32] = Array(repeating: 0, count: 3)
  /// A guestAddress64.
  public var guestaddress64: [UInt64] = Array(repeating: 0, count: 3)
  /// A size8.
  public var size8: [UInt8] = Array(repeating: 0, count: 3)
  /// A size16.
  public var size16: [UInt16] = Array(repeating: 0, count: 3)
  /// A size32.
  public var size32: [UInt32] = Array(repeating: 0, count: 3)
  /// A size64.
  public var size64: [UInt64] = Array(repeating: 0, count: 3)
  /// A count8.
  public var count8: [UInt8] = Array(repeating: 0, count: 3)
  /// A count16.
  public var count16: [UInt16] = Array(repeating: 0, count: 3)
  /// A count32.
  public var count32: [UInt32] = Array(repeating: 0, count: 3)
  /// A count64.
  public var count64: [UInt64] = Array(repeating: 0, count: 3)
  /// A index8.
  public var index8: [UInt8] = Array(repeating: 0, count: 3)
  /// A index16.
  public var index16: [UInt16] = Array(repeating: 0, count: 3)
  /// A index32.
  public var index32: [UInt32] = Array(repeating: 0, count: 3)
  /// A index64.
  public var index64: [UInt64] = Array(repeating: 0, count: 3)
  /// A duration.
  public var duration: [Int64] = Array(repeating: 0, count: 3)
  /// A instant.
  public var instant: [UInt64] = Array(repeating: 0, count: 3)
  /// A countedBytes.
  public var countedbytes: [[UInt8]] = Array(repeating: [], count: 3)
  /// A string.
  public var string: [String] = Array(repeating: "", count: 3)

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("arrays").octets)
    var field: FieldAttributes
    field = FieldAttributes(.unsigned, width: 1, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("u8").octets)
    field = FieldAttributes(.unsigned, width: 2, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("u16").octets)
    field = FieldAttributes(.unsigned, width: 4, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("u32").octets)
    field = FieldAttributes(.unsigned, width: 8, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("u64").octets)
    field = FieldAttributes(.unsigned, width: 16, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("u128").octets)
    field = FieldAttributes(.signed, width: 1, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("i8").octets)
    field = FieldAttributes(.signed, width: 2, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("i16").octets)
    field = FieldAttributes(.signed, width: 4, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("i32").octets)
    field = FieldAttributes(.signed, width: 8, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("i64").octets)
    field = FieldAttributes(.signed, width: 16, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("i128").octets)
    field = FieldAttributes(.float, width: 4, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("f32").octets)
    field = FieldAttributes(.float, width: 8, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("f64").octets)
    field = FieldAttributes(.bool, width: 1, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("bool").octets)
    field = FieldAttributes(.enumeration, width: 1, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("enum8").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.enumeration, width: 2, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("enum16").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.enumeration, width: 4, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("enum32").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.enumeration, width: 8, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("enum64").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.flags, width: 1, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("flags8").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.flags, width: 2, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("flags16").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.flags, width: 4, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("flags32").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.flags, width: 8, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("flags64").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.bitmap, width: 16, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("bitmap128").octets)
    field = FieldAttributes(.vector, width: 16, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("vector128").octets)
    field = FieldAttributes(.vector, width: 64, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("vector512").octets)
    field = FieldAttributes(.bytes, width: 5, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("bytes5").octets)
    field = FieldAttributes(.uuid, width: 16, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("uuid").octets)
    field = FieldAttributes(.mac, width: 6, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("mac").octets)
    field = FieldAttributes(.pciAddress, width: 4, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("pciaddress").octets)
    field = FieldAttributes(.guestAddress, width: 4, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("guestaddress32").octets)
    field = FieldAttributes(.guestAddress, width: 8, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("guestaddress64").octets)
    field = FieldAttributes(.size, width: 1, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("size8").octets)
    field = FieldAttributes(.size, width: 2, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("size16").octets)
    field = FieldAttributes(.size, width: 4, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("size32").octets)
    field = FieldAttributes(.size, width: 8, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("size64").octets)
    field = FieldAttributes(.count, width: 1, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("count8").octets)
    field = FieldAttributes(.count, width: 2, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("count16").octets)
    field = FieldAttributes(.count, width: 4, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("count32").octets)
    field = FieldAttributes(.count, width: 8, shape: .fixedArray, count: 3)
    try builder.field(field, name: StaticString("count64").octets)
    field = FieldAttributes(.index, width: 1, shape: .fixedArray, count: 3)
    field.flags = .range
    field.maximum = 9
    try builder.field(field, name: StaticString("index8").octets)
    field = FieldAttributes(.index, width: 2, shape: .fixedArray, count: 3)
    field.flags = .range
    field.maximum = 9
    try builder.field(field, name: StaticString("index16").octets)
    field = FieldAttributes(.index, width: 4, shape: .fixedArray, count: 3)
    field.flags = .range
    field.maximum = 9
    try builder.field(field, name: StaticString("index32").octets)
    field = FieldAttributes(.index, width: 8, shape: .fixedArray, count: 3)
    field.flags = .range
    field.maximum = 9
    try builder.field(field, name: StaticString("index64").octets)
    field = FieldAttributes(.duration, width: 8, shape: .fixedArray, count: 3)
    field.clock = 1
    try builder.field(field, name: StaticString("duration").octets)
    field = FieldAttributes(.instant, width: 8, shape: .fixedArray, count: 3)
    field.clock = 1
    try builder.field(field, name: StaticString("instant").octets)
    field = FieldAttributes(.countedBytes, width: 4, shape: .fixedArray, count: 3)
    field.flags = .range
    field.maximum = 20
    try builder.field(field, name: StaticString("countedbytes").octets)
    field = FieldAttributes(.string, width: 4, shape: .fixedArray, count: 3)
    field.flags = .range
    field.maximum = 20
    try builder.field(field, name: StaticString("string").octets)
    field = FieldAttributes(.padding, width: 3, shape: .fixedArray, count: 2)
    try builder.field(field, name: StaticString("pad").octets)
    try builder.finish()
  }
}

/// Section counted, version 1.
///
/// Counted arrays.
public struct EveryKindCounted: Equatable, Sendable {
  /// A u8.
  public var u8: [UInt8] = []
  /// A u16.
  public var u16: [UInt16] = []
  /// A u32.
  public var u32: [UInt32] = []
  /// A u64.
  public var u64: [UInt64] = []
  /// A u128.
  public var u128: [UInt128] = []
  /// A i8.
  public var i8: [Int8] = []
  /// A i16.
  public var i16: [Int16] = []
  /// A i32.
  public var i32: [Int32] = []
  /// A i64.
  public var i64: [Int64] = []
  /// A i128.
  public var i128: [Int128] = []
  /// A f32.
  public var f32: [Float] = []
  /// A f64.
  public var f64: [Double] = []
  /// A bool.
  public var bool: [Bool] = []
  /// A enum8.
  public var enum8: [UInt8] = []
  /// A enum16.
  public var enum16: [UInt16] = []
  /// A enum32.
  public var enum32: [UInt32] = []
  /// A enum64.
  public var enum64: [UInt64] = []
  /// A flags8.
  public var flags8: [UInt8] = []
  /// A flags16.
  public var flags16: [UInt16] = []
  /// A flags32.
  public var flags32: [UInt32] = []
  /// A flags64.
  public var flags64: [UInt64] = []
  /// A bitmap128.
  public var bitmap128: [[UInt64]] = []
  /// A vector128.
  public var vector128: [[UInt8]] = []
  /// A vector512.
  public var vector512: [[UInt8]] = []
  /// A bytes5.
  public var bytes5: [[UInt8]] = []
  /// A uuid.
  public var uuid: [[UInt8]] = []
  /// A mac.
  public var mac: [[UInt8]] = []
  /// A pciAddress.
  public var pciaddress: [UInt32] = []
  /// A guestAddress32.
  public var guestaddress32: [UInt32] = []
  /// A guestAddress64.
  public var guestaddress64: [UInt64] = []
  /// A size8.
  public var size8: [UInt8] = []
  /// A size16.
  public var size16: [UInt16] = []
  /// A size32.
  public var size32: [UInt32] = []
  /// A size64.
  public var size64: [UInt64] = []
  /// A count8.
  public var count8: [UInt8] = []
  /// A count16.
  public var count16: [UInt16] = []
  /// A count32.
  public var count32: [UInt32] = []
  /// A count64.
  public var count64: [UInt64] = []
  /// A index8.
  public var index8: [UInt8] = []
  /// A index16.
  public var index16: [UInt16] = []
  /// A index32.
  public var index32: [UInt32] = []
  /// A index64.
  public var index64: [UInt64] = []
  /// A duration.
  public var duration: [Int64] = []
  /// A instant.
  public var instant: [UInt64] = []
  /// A countedBytes.
  public var countedbytes: [[UInt8]] = []
  /// A string.
  public var string: [String] = []

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("counted").octets)
    var field: FieldAttributes
    field = FieldAttributes(.unsigned, width: 1, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("u8").octets)
    field = FieldAttributes(.unsigned, width: 2, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("u16").octets)
    field = FieldAttributes(.unsigned, width: 4, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("u32").octets)
    field = FieldAttributes(.unsigned, width: 8, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("u64").octets)
    field = FieldAttributes(.unsigned, width: 16, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("u128").octets)
    field = FieldAttributes(.signed, width: 1, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("i8").octets)
    field = FieldAttributes(.signed, width: 2, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("i16").octets)
    field = FieldAttributes(.signed, width: 4, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("i32").octets)
    field = FieldAttributes(.signed, width: 8, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("i64").octets)
    field = FieldAttributes(.signed, width: 16, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("i128").octets)
    field = FieldAttributes(.float, width: 4, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("f32").octets)
    field = FieldAttributes(.float, width: 8, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("f64").octets)
    field = FieldAttributes(.bool, width: 1, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("bool").octets)
    field = FieldAttributes(.enumeration, width: 1, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("enum8").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.enumeration, width: 2, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("enum16").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.enumeration, width: 4, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("enum32").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.enumeration, width: 8, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("enum64").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.flags, width: 1, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("flags8").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.flags, width: 2, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("flags16").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.flags, width: 4, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("flags32").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.flags, width: 8, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("flags64").octets)
    try builder.symbol(1, name: StaticString("first").octets)
    try builder.symbol(2, name: StaticString("second").octets)
    field = FieldAttributes(.bitmap, width: 16, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("bitmap128").octets)
    field = FieldAttributes(.vector, width: 16, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("vector128").octets)
    field = FieldAttributes(.vector, width: 64, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("vector512").octets)
    field = FieldAttributes(.bytes, width: 5, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("bytes5").octets)
    field = FieldAttributes(.uuid, width: 16, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("uuid").octets)
    field = FieldAttributes(.mac, width: 6, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("mac").octets)
    field = FieldAttributes(.pciAddress, width: 4, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("pciaddress").octets)
    field = FieldAttributes(.guestAddress, width: 4, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("guestaddress32").octets)
    field = FieldAttributes(.guestAddress, width: 8, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("guestaddress64").octets)
    field = FieldAttributes(.size, width: 1, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("size8").octets)
    field = FieldAttributes(.size, width: 2, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("size16").octets)
    field = FieldAttributes(.size, width: 4, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("size32").octets)
    field = FieldAttributes(.size, width: 8, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("size64").octets)
    field = FieldAttributes(.count, width: 1, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("count8").octets)
    field = FieldAttributes(.count, width: 2, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("count16").octets)
    field = FieldAttributes(.count, width: 4, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("count32").octets)
    field = FieldAttributes(.count, width: 8, shape: .countedArray, count: 4)
    try builder.field(field, name: StaticString("count64").octets)
    field = FieldAttributes(.index, width: 1, shape: .countedArray, count: 4)
    field.flags = .range
    field.maximum = 9
    try builder.field(field, name: StaticString("index8").octets)
    field = FieldAttributes(.index, width: 2, shape: .countedArray, count: 4)
    field.flags = .range
    field.maximum = 9
    try builder.field(field, name: StaticString("index16").octets)
    field = FieldAttributes(.index, width: 4, shape: .countedArray, count: 4)
    field.flags = .range
    field.maximum = 9
    try builder.field(field, name: StaticString("index32").octets)
    field = FieldAttributes(.index, width: 8, shape: .countedArray, count: 4)
    field.flags = .range
    field.maximum = 9
    try builder.field(field, name: StaticString("index64").octets)
    field = FieldAttributes(.duration, width: 8, shape: .countedArray, count: 4)
    field.clock = 1
    try builder.field(field, name: StaticString("duration").octets)
    field = FieldAttributes(.instant, width: 8, shape: .countedArray, count: 4)
    field.clock = 1
    try builder.field(field, name: StaticString("instant").octets)
    field = FieldAttributes(.countedBytes, width: 4, shape: .countedArray, count: 4)
    field.flags = .range
    field.maximum = 20
    try builder.field(field, name: StaticString("countedbytes").octets)
    field = FieldAttributes(.string, width: 4, shape: .countedArray, count: 4)
    field.flags = .range
    field.maximum = 20
    try builder.field(field, name: StaticString("string").octets)
    try builder.finish()
  }
}

/// Section groups, version 1.
///
/// Groups, lists and references.
public struct EveryKindGroups: Equatable, Sendable {
  /// A u8.
  public var number: UInt8 = 0
  public struct Structure: Equatable, Sendable {
    /// A u8.
    public var class_2: UInt8 = 0
    /// A u16.
    public var grE: UInt16 = 0
    /// A u32.
    public var field1st: UInt32 = 0
    /// A u8.
    public var aB: UInt8 = 0
    /// A u8.
    public var aB_2: UInt8 = 0
    /// A u8.
    public var numList: UInt8 = 0

    public init() {}
  }
  /// A structure.
  public var structure: Structure = Structure()
  public struct Structures: Equatable, Sendable {
    /// A bool.
    public var self_2: Bool = false
    /// A u16.
    public var items: [UInt16] = []

    public init() {}
  }
  /// A structure.
  public var structures: [Structures] = Array(repeating: Structures(), count: 2)
  public struct ManyStructures: Equatable, Sendable {
    /// A string.
    public var text: String = ""

    public init() {}
  }
  /// A structure.
  public var manyStructures: [ManyStructures] = []
  public struct Optional_2: Equatable, Sendable {
    /// A u8.
    public var value: UInt8 = 0
    public struct Deep: Equatable, Sendable {
      /// A i32.
      public var int: Int32 = 0

      public init() {}
    }
    /// A optional.
    public var deep: Deep? = nil

    public init() {}
  }
  /// A optional.
  public var optional: Optional_2? = nil
  public struct Optionals: Equatable, Sendable {
    /// A u8.
    public var value: UInt8 = 0

    public init() {}
  }
  /// A optional.
  public var optionals: [Optionals?] = Array(repeating: nil, count: 2)
  public struct ManyOptionals: Equatable, Sendable {
    /// A u8.
    public var value: UInt8 = 0

    public init() {}
  }
  /// A optional.
  public var manyOptionals: [ManyOptionals?] = []
  public enum Union: Equatable, Sendable {
    case number(UInt64)
    case text(String)
    case list([UInt8])
    public struct Pair: Equatable, Sendable {
      /// A u8.
      public var left: UInt8 = 0
      /// A u8.
      public var right: UInt8 = 0

      public init() {}
    }
    case pair(Pair)
    case nothing
    case array([UInt16])
  }
  /// A union.
  public var union: Union = .number(0)
  public enum Unions: Equatable, Sendable {
    case number(UInt64)
    public struct Other: Equatable, Sendable {
      /// A u8.
      public var x: UInt8 = 0

      public init() {}
    }
    case other(Other?)
  }
  /// A union.
  public var unions: [Unions] = []
  public enum List: Equatable, Sendable {
    case leaf(EveryKindLeaf)
    case tree(EveryKindTree)
  }
  /// A list.
  public var list: [List] = []
  public enum Lists: Equatable, Sendable {
    case leaf(EveryKindLeaf)
  }
  /// A list.
  public var lists: [[Lists]] = Array(repeating: [], count: 2)
  public enum Empty: Equatable, Sendable {
  }
  /// A list.
  public var empty: [Empty] = []
  /// A countedBytes.
  public var bulk: [UInt8] = []
  /// A bytes6.
  public var wide: [[UInt8]] = []
  /// A index16.
  public var entry: UInt16 = 0

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("groups").octets)
    var field: FieldAttributes
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("number").octets)
    field = FieldAttributes(.structure)
    try builder.beginGroup(field, name: StaticString("structure").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("class").octets)
    field = FieldAttributes(.unsigned, width: 2)
    try builder.field(field, name: StaticString("Gr\u{f6}\u{df}e").octets)
    field = FieldAttributes(.unsigned, width: 4)
    try builder.field(field, name: StaticString("1st").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("a b").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("a-b").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("num_list").octets)
    try builder.endGroup()
    field = FieldAttributes(.structure, shape: .fixedArray, count: 2)
    try builder.beginGroup(field, name: StaticString("structures").octets)
    field = FieldAttributes(.bool, width: 1)
    try builder.field(field, name: StaticString("self").octets)
    field = FieldAttributes(.unsigned, width: 2, shape: .countedArray, count: 5000)
    try builder.field(field, name: StaticString("items").octets)
    try builder.endGroup()
    field = FieldAttributes(.structure, shape: .countedArray, count: 3)
    try builder.beginGroup(field, name: StaticString("many_structures").octets)
    field = FieldAttributes(.string, width: 4)
    field.flags = .range
    field.maximum = 8
    try builder.field(field, name: StaticString("text").octets)
    try builder.endGroup()
    field = FieldAttributes(.optional, width: 4)
    try builder.beginGroup(field, name: StaticString("optional").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("value").octets)
    field = FieldAttributes(.optional, width: 4)
    try builder.beginGroup(field, name: StaticString("deep").octets)
    field = FieldAttributes(.signed, width: 4)
    try builder.field(field, name: StaticString("int").octets)
    try builder.endGroup()
    try builder.endGroup()
    field = FieldAttributes(.optional, width: 4, shape: .fixedArray, count: 2)
    try builder.beginGroup(field, name: StaticString("optionals").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("value").octets)
    try builder.endGroup()
    field = FieldAttributes(.optional, width: 4, shape: .countedArray, count: 2)
    try builder.beginGroup(field, name: StaticString("many_optionals").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("value").octets)
    try builder.endGroup()
    field = FieldAttributes(.union, width: 4)
    try builder.beginGroup(field, name: StaticString("union").octets)
    field = FieldAttributes(.unsigned, width: 8)
    try builder.field(field, name: StaticString("number").octets)
    field = FieldAttributes(.string, width: 4)
    field.flags = .range
    field.maximum = 8
    try builder.field(field, name: StaticString("text").octets)
    field = FieldAttributes(.unsigned, width: 1, shape: .countedArray, count: 3)
    try builder.field(field, name: StaticString("list").octets)
    field = FieldAttributes(.structure)
    try builder.beginGroup(field, name: StaticString("pair").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("left").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("right").octets)
    try builder.endGroup()
    field = FieldAttributes(.padding, width: 1)
    try builder.field(field, name: StaticString("nothing").octets)
    field = FieldAttributes(.unsigned, width: 2, shape: .fixedArray, count: 4)
    try builder.field(field, name: StaticString("array").octets)
    try builder.endGroup()
    field = FieldAttributes(.union, width: 4, shape: .countedArray, count: 2)
    try builder.beginGroup(field, name: StaticString("unions").octets)
    field = FieldAttributes(.unsigned, width: 8)
    try builder.field(field, name: StaticString("number").octets)
    field = FieldAttributes(.optional, width: 4)
    try builder.beginGroup(field, name: StaticString("other").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("x").octets)
    try builder.endGroup()
    try builder.endGroup()
    field = FieldAttributes(.list, width: 4)
    field.flags = .range
    field.maximum = 5
    try builder.field(field, name: StaticString("list").octets)
    field = FieldAttributes(.list, width: 4, shape: .fixedArray, count: 2)
    field.flags = .range
    field.maximum = 5
    try builder.field(field, name: StaticString("lists").octets)
    field = FieldAttributes(.list, width: 4)
    field.flags = .range
    try builder.field(field, name: StaticString("empty").octets)
    field = FieldAttributes(.countedBytes, width: 4)
    try builder.field(field, name: StaticString("bulk").octets)
    field = FieldAttributes(.bytes, width: 6, shape: .countedArray, count: 10000)
    try builder.field(field, name: StaticString("wide").octets)
    field = FieldAttributes(.index, width: 2)
    field.reference = 39
    try builder.field(field, name: StaticString("entry").octets)
    field = FieldAttributes(.padding, width: 1, shape: .countedArray, count: 2)
    try builder.field(field, name: StaticString("pad").octets)
    try builder.finish()
  }
}

/// Subsection more, version 1.
///
/// Of each structure.
public struct EveryKindMore: Equatable, Sendable {
  /// A u32.
  public var value: UInt32 = 0

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("more").octets)
    var field: FieldAttributes
    field = FieldAttributes(.unsigned, width: 4)
    try builder.field(field, name: StaticString("value").octets)
    try builder.finish()
  }
}

/// Subsection still_more, version 1.
///
/// Inside.
public struct EveryKindStillMore: Equatable, Sendable {
  /// A u64.
  public var value: UInt64 = 0

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("still_more").octets)
    var field: FieldAttributes
    field = FieldAttributes(.unsigned, width: 8)
    try builder.field(field, name: StaticString("value").octets)
    try builder.finish()
  }
}

/// Elements leaf, version 1.
///
/// A leaf.
public struct EveryKindLeaf: Equatable, Sendable {
  /// A u32.
  public var value: UInt32 = 0

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("leaf").octets)
    var field: FieldAttributes
    field = FieldAttributes(.unsigned, width: 4)
    try builder.field(field, name: StaticString("value").octets)
    try builder.finish()
  }
}

/// Elements tree, version 1.
///
/// A tree.
public struct EveryKindTree: Equatable, Sendable {
  public enum Left: Equatable, Sendable {
    case tree(EveryKindTree)
    case leaf(EveryKindLeaf)
  }
  /// A list.
  public var left: [Left] = []
  /// A u8.
  public var value: UInt8 = 0

  public init() {}

  /// Builds the layout, which is then `builder.canonical`.
  public static func describe(with builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("tree").octets)
    var field: FieldAttributes
    field = FieldAttributes(.list, width: 4)
    field.flags = .range
    field.maximum = 2
    try builder.field(field, name: StaticString("left").octets)
    field = FieldAttributes(.unsigned, width: 1)
    try builder.field(field, name: StaticString("value").octets)
    try builder.finish()
  }
}
