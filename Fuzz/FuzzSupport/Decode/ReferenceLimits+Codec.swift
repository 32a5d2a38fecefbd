public import MigrationStream
public import ReferenceReader

extension ReferenceLimits {
  /// The codec's limits.
  public init(_ limits: StreamLimits) {
    self.init()
    recordBodyBytesMax = limits.recordBodyBytesMax
    payloadBytesMax = limits.payloadBytesMax
    devicesMax = UInt64(limits.devicesMax)
    regionsMax = UInt64(limits.regionsMax)
    parametersMax = UInt64(limits.parametersMax)
    sectionsMax = UInt64(limits.sectionsMax)
    subsectionsMax = UInt64(limits.subsectionsMax)
    textBytesMax = UInt64(limits.textBytesMax)
    layoutsMax = UInt64(limits.layoutsMax)
    layoutBytesMax = limits.layoutBytesMax
    layoutBytesTotalMax = limits.layoutBytesTotalMax
    fieldsMax = UInt64(limits.fieldsMax)
    nestingMax = UInt64(limits.nestingMax)
    blockBytesMax = limits.blockBytesMax
    extentsMax = UInt64(limits.extentsMax)
    zstdWindowBytesMax = limits.zstdWindowBytesMax
    zstdPlainBytesMax = limits.zstdPlainBytesMax
    passRunsMax = UInt64(limits.passRunsMax)
    barriersMax = UInt64(limits.barriersMax)
    finalExtentsMax = UInt64(limits.finalExtentsMax)
  }
}
