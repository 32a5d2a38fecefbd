internal import ForeignStreams

/// A QEMU stream as pieces that lie side by side: header, records in stream order, what is behind them.
///
/// ```
///  0        8                                                    end of records
///  | header | configuration | section ... footer | ... | end | description | rest |
/// ```
///
/// Put together again, the pieces are the same octets.
struct QEMUPieces {
  private static let headerOctets = 8

  /// Of the records that lie in no package.
  let ranges: [Range<Int>]
  /// Numbers in the stream's list of records, one for each record piece.
  let records: [Int]

  init(_ stream: QEMUStream, octetCount: Int) {
    var ranges: [Range<Int>] = []
    var records: [Int] = []
    var position = min(Self.headerOctets, octetCount)
    for (number, record) in stream.records.enumerated() where !record.isPackaged {
      let range = record.range
      guard range.lowerBound >= position, range.upperBound <= octetCount else { continue }
      ranges.append(range)
      records.append(number)
      position = range.upperBound
    }
    self.ranges = ranges
    self.records = records
  }

  /// The pieces side by side, and the octets between and behind them.
  func joined(_ octets: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var position = 0
    for range in ranges {
      result += octets[position..<range.lowerBound]
      result += octets[range]
      position = range.upperBound
    }
    return result + octets[position...]
  }
}

extension QEMURecord {
  var range: Range<Int> { Int(offset)..<Int(offset + length) }
  var payload: Range<Int> { Int(payloadOffset)..<Int(payloadOffset + payloadLength) }

  /// The type octet and the section's number.
  static let idOffset = 1

  /// Whether this begins a section, with its name, instance and version.
  var hasHeader: Bool { kind == .sectionStart || kind == .sectionFull }

  /// Places of a section header's last numbers.
  var versionOffset: Int { Int(payloadOffset) - 4 }
  var instanceOffset: Int { Int(payloadOffset) - 8 }
  var nameOffset: Int { Int(offset) + 5 }
}
