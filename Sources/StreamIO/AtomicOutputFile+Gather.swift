public import MigrationStream

extension AtomicOutputFile {
  /// Writes a record as the encoder gathered it.
  public mutating func write(_ list: GatherList) throws(IOFailure) {
    for index in 0..<list.count { try write(list[index]) }
  }

  /// Writes a record of an image, and the octets of its granules where they belong; what is zero becomes no octets.
  ///
  /// - Precondition: The file has nothing but holes there.
  public mutating func put(_ chunk: PlacedChunk) {
    put(chunk.record)
    guard failure == nil else { return }
    do throws(IOFailure) {
      for index in 0..<chunk.count where chunk[index].kind == .data {
        try writeSparse(chunk.octets(of: chunk[index]), at: chunk[index].fileOffset)
      }
    } catch { failure = error }
  }

  /// Writes a record unless writing has failed before; `commit` throws the first failure.
  public mutating func put(_ list: GatherList) {
    guard failure == nil else { return }
    do throws(IOFailure) { try write(list) } catch { failure = error }
  }
}
