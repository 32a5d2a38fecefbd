/// Going on with a stream that somebody else has begun.
extension StreamEncoder {
  /// Takes in a record that already stands in its place, so that what is made next continues its stream: an index is
  /// added to a file without its records being written again.
  ///
  /// - Parameter record: The next one, as a decoder showed it; no INDEX_PAGE, INDEX or END.
  /// - Throws: What a reader says to a record that does not continue what came before.
  public mutating func adopt(_ record: borrowing Record) throws(StreamError) {
    try checkUsable()
    do throws(StreamError) {
      try state.checkHeader(record.header, at: record.offset)
      try state.takeBody(record.body, of: record.header, at: record.offset)
      try state.takeEnd(of: record.header, at: record.offset)
    } catch let refusal {
      throw poisoned(refusal)
    }
  }
}
