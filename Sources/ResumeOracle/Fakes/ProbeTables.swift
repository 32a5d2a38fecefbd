import MigrationStream

/// What the devices of a ``ProbeMachine`` demand of a stream: a lamp with a rule of every sort, and plain devices.
struct ProbeTables: ~Copyable {
  private(set) var lampLayouts = LayoutStore()
  private(set) var lampRules: SectionRules
  private(set) var plainLayouts = LayoutStore()
  private(set) var plainRules: SectionRules
  let aliases = LayoutAliases()
  /// The lamp's section in its own layout, of which only `revision` counts.
  private(set) var lampValues = OwnedBytes()

  init() throws(StreamError) {
    var layouts = LayoutStore()
    try Self.add(to: &layouts) { (builder) throws(StreamError) in try Self.describeLamp(&builder) }
    try Self.add(to: &layouts) { (builder) throws(StreamError) in
      try builder.begin(name: StaticString("extra").octets)
      try builder.field(FieldAttributes(.unsigned), name: StaticString("boost").octets)
    }
    let lampRules = try Self.lampRules(layouts.table)
    var plainLayouts = LayoutStore()
    try Self.add(to: &plainLayouts) { (builder) throws(StreamError) in
      try builder.begin(name: StaticString("plain").octets)
      try builder.field(FieldAttributes(.unsigned), name: StaticString("fill").octets)
    }
    var rules = SectionRulesBuilder(version: 1, versionMin: 1)
    _ = try rules.section(SectionRule(layout: 0, version: 1, versionMin: 1), name: StaticString("state").octets)
    let plainRules = try rules.finish(plainLayouts.table)
    var values = OwnedBytes()
    try values.append(repeating: 0, count: 40)
    values.set(UInt32(7), at: 8)
    self.lampRules = lampRules
    lampLayouts = layouts
    self.plainRules = plainRules
    self.plainLayouts = plainLayouts
    lampValues = values
  }

  private static func add(
    to layouts: inout LayoutStore, _ describe: (inout LayoutBuilder) throws(StreamError) -> Void
  ) throws(StreamError) {
    var builder = LayoutBuilder()
    try describe(&builder)
    try builder.finish()
    try layouts.add(canonical: builder.canonical, at: 0, limits: StreamLimits())
  }

  ///     0 mode   1 isLit   2 (padding)   3 level   4 revision   5 queueCount   6 base   7 current   8 nextID
  ///     9 queues (10 id, 11 parent)   12 name
  private static func describeLamp(_ builder: inout LayoutBuilder) throws(StreamError) {
    try builder.begin(name: StaticString("lamp").octets)
    try builder.field(FieldAttributes(.enumeration, width: 1), name: StaticString("mode").octets)
    try builder.symbol(0, name: StaticString("off").octets)
    try builder.symbol(1, name: StaticString("on").octets)
    try builder.field(FieldAttributes(.bool, width: 1), name: StaticString("isLit").octets)
    try builder.field(FieldAttributes(.padding, width: 2), name: StaticString("unused").octets)
    var level = FieldAttributes(.unsigned)
    level.flags = .range
    level.maximum = 100
    try builder.field(level, name: StaticString("level").octets)
    var revision = FieldAttributes(.unsigned)
    revision.flags = .verify
    try builder.field(revision, name: StaticString("revision").octets)
    try builder.field(FieldAttributes(.count), name: StaticString("queueCount").octets)
    var base = FieldAttributes(.guestAddress, width: 8)
    base.flags = .range
    (base.minimum, base.maximum, base.alignmentLog2) = (0x1000, 0xf000, 12)
    try builder.field(base, name: StaticString("base").octets)
    try builder.field(FieldAttributes(.index), name: StaticString("current").octets)
    try builder.field(FieldAttributes(.unsigned), name: StaticString("nextID").octets)
    try builder.beginGroup(
      FieldAttributes(.structure, width: 0, shape: .countedArray, count: 4), name: StaticString("queues").octets)
    try builder.field(FieldAttributes(.unsigned), name: StaticString("id").octets)
    try builder.field(FieldAttributes(.unsigned), name: StaticString("parent").octets)
    try builder.endGroup()
    var name = FieldAttributes(.string)
    name.flags = .range
    name.maximum = 16
    try builder.field(name, name: StaticString("name").octets)
  }

  private static func lampRules(_ layouts: LayoutTable) throws(StreamError) -> SectionRules {
    func field(_ entry: UInt32) -> RuleField { RuleField(0, entry) }
    var rules = SectionRulesBuilder(version: 1, versionMin: 1)
    let state = try rules.section(
      SectionRule(layout: 0, version: 1, versionMin: 1), name: StaticString("state").octets)
    try rules.rule(.closed(field(0)), of: state)
    try rules.rule(.index(field(7), of: field(9), none: UInt64(UInt32.max)), of: state)
    try rules.rule(.count(field(5), of: field(9)), of: state)
    try rules.rule(.unique(field(10)), of: state)
    try rules.rule(.reference(field(11), to: field(10), none: 0), of: state)
    try rules.rule(.acyclic(field(9), key: field(10), parent: field(11), none: 0), of: state)
    try rules.rule(.above(field(8), all: field(10)), of: state)
    try rules.rule(.implies(), of: state)
    try rules.when(RuleTerm(field(0), .equals, 0))
    try rules.then(RuleTerm(field(1), .equals, 0))
    _ = try rules.subsection(
      SubsectionRule(layout: 1, version: 1, versionMin: 1, owner: state), name: StaticString("extra").octets)
    try rules.condition(RuleTerm(field(3), .atLeast, 50))
    return try rules.finish(layouts)
  }
}
