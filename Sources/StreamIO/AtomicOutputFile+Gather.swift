public import MigrationStream

extension AtomicOutputFile {
  /// Writes a record as the encoder gathered it.
  public mutating func write(_ list: GatherList) throws(IOFailure) {
    for index in 0..<list.count { try write(list[index]) }
  }
}
