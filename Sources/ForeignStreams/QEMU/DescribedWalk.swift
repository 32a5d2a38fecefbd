/// Walks over a section's payload as its description says, to find where it ends and whether it fits.
struct DescribedWalk {
  let description: QEMUDescription
  /// Steps that may still be made; guards against descriptions that cost more than the octets they explain.
  private(set) var stepsLeft: Int

  init(_ description: QEMUDescription, octetCount: Int) {
    self.description = description
    let (steps, overflow) = octetCount.multipliedReportingOverflow(by: 4)
    stepsLeft = overflow ? Int.max : max(steps, 16_000_000)
  }

  /// Steps over one struct with its subsections.
  mutating func skip(structure number: Int32, in reader: inout StreamReader) throws(ForeignError) {
    let structure = description.structs[Int(number)]
    if let length = structure.fixedLength {
      try reader.skip(length)
      return
    }
    for field in structure.fields {
      do throws(ForeignError) {
        try skip(field: description.fields[Int(field)], in: &reader)
      } catch {
        throw naming(error, description.fields[Int(field)].name)
      }
    }
    for subsection in structure.subsections { try skip(subsection: subsection, in: &reader) }
  }

  /// Steps over one field with all its elements.
  mutating func skip(field: DescribedField, in reader: inout StreamReader) throws(ForeignError) {
    try step(reader)
    switch field.kind {
    case .structure:
      guard let number = field.structs.first else { return }
      if let length = field.fixedLength {
        try reader.skip(length)
        return
      }
      for _ in 0..<field.elementCount {
        try step(reader)
        try skip(structure: number, in: &reader)
      }
    case .capability:
      for _ in 0..<field.elementCount {
        try step(reader)
        _ = try reader.string8()
      }
    case .nullPointer:
      for _ in 0..<field.elementCount { try expectNullPointer(in: &reader) }
    default: try reader.skip(field.fixedLength ?? 0)
    }
  }

  private mutating func expectNullPointer(in reader: inout StreamReader) throws(ForeignError) {
    try step(reader)
    let offset = reader.position
    let octet = try reader.u8()
    guard octet == QEMUFormat.nullPointer else {
      throw reader.failure(
        .descriptionMismatch, at: offset, expected: UInt64(QEMUFormat.nullPointer),
        found: UInt64(octet))
    }
  }

  private mutating func skip(subsection number: Int32, in reader: inout StreamReader)
    throws(ForeignError)
  {
    try step(reader)
    let subsection = description.structs[Int(number)]
    do throws(ForeignError) {
      try Self.readSubsectionHeader(in: &reader)
      try skip(structure: number, in: &reader)
    } catch {
      throw naming(error, subsection.name)
    }
  }

  /// The name and version in front of a subsection's fields.
  @discardableResult
  static func readSubsectionHeader(
    in reader: inout StreamReader
  ) throws(ForeignError) -> (name: [UInt8], version: UInt32) {
    let offset = reader.position
    let mark = try reader.u8()
    guard mark == QEMUFormat.Record.subsection else {
      throw reader.failure(
        .descriptionMismatch, at: offset, expected: UInt64(QEMUFormat.Record.subsection),
        found: UInt64(mark))
    }
    let name = try reader.string8()
    guard !name.isEmpty else {
      throw reader.failure(.badName, at: offset + 1, expected: 1, found: 0)
    }
    return (name, try reader.u32())
  }

  private mutating func step(_ reader: StreamReader) throws(ForeignError) {
    stepsLeft -= 1
    guard stepsLeft >= 0 else { throw reader.failure(.limitExceeded) }
  }

  /// `error` with the field's name in front of its path.
  private func naming(_ error: ForeignError, _ name: PooledName) -> ForeignError {
    var error = error
    let text = description.text(name)
    error.path = error.path.isEmpty ? text : text + "/" + error.path
    return error
  }
}
