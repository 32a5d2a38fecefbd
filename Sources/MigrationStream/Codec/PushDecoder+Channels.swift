extension PushDecoder {
  /// Whether the next octets may not be read before other channels have come as far: ``push(_:to:)`` takes none until
  /// a ``ChannelGate/exchange(_:)`` lets it go on.
  public var isWaiting: Bool { poison == nil && state.link.hold != .none && isAtBorder }

  /// Between two records, or between a record's body and its payload.
  var isAtBorder: Bool { step == .header || step == .release }
}
