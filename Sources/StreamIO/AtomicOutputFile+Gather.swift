public import MigrationStream

extension AtomicOutputFile {
  /// Writes a record as the encoder gathered it.
  public mutating func write(_ list: GatherList) throws(IOFailure) {
    for index in 0..<list.count { try write(list[index]) }
  }

  /// Writes a record unless writing has failed before; `commit` throws the first failure.
  public mutating func put(_ list: GatherList) {
    guard failure == nil else { return }
    do throws(IOFailure) { try write(list) } catch { failure = error }
  }
}
