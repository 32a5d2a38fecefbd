import MigrationStream

/// Sections, subsections, layouts of elements, memory and externals.
extension DocumentDifferences {
  mutating func sections() {
    let pairs = NamedPairs(old.sections, new.sections, names: { [$0.piece.name] }, isAlike: ModelSection.areAlike)
    for pair in pairs.pairs {
      switch pair {
      case .same(let left, let right): compare(left, right)
      case .renamed(let left, let right):
        notes.say(
          "/sections".member(right.piece.name), "section \(left.piece.name) renamed",
          next: "Give it back its name: sections have no aliases.")
        notes.rename("/sections".member(left.piece.name), to: "/sections".member(right.piece.name))
        compare(left, right)
      case .removed(let section):
        went("/sections".member(section.piece.name), "section", section.piece.mark)
      case .added(let section):
        came("/sections".member(section.piece.name), "section", section.piece.mark, section.piece.enabledBy)
      }
    }
  }

  private mutating func went(_ path: String, _ what: String, _ mark: FieldMark) {
    notes.say(
      path, "\(what) removed",
      next: mark == .skippable ? "" : "Keep it, or tie what replaces it to a parameter that is off by default.")
    notes.take(whole: path)
  }

  private mutating func came(_ path: String, _ what: String, _ mark: FieldMark, _ enabledBy: [ParameterTerm]) {
    let tie = enabledBy.isEmpty ? "" : ", tied to " + enabledBy.map(\.parameter).joined(separator: ", ")
    notes.say(
      path, "new \(mark == .skippable ? "skippable " : "")\(what)\(tie)",
      next: mark == .skippable ? "" : "Tie it to a new parameter that is off by default; or send it only in the states "
        + "that need it (a subsection with `when`); or mark it skippable if the guest never notices.")
    notes.take(whole: path)
  }

  private mutating func compare(_ left: ModelSection, _ right: ModelSection) {
    let path = "/sections".member(right.piece.name)
    compare(left.piece, right.piece, path)
    compare(
      path, "cardinality", left.cardinality, right.cardinality, { $0.text },
      next: "Keep how often it comes, or let the largest number follow from a parameter that is off by default.")
    if case .many(_, let key) = left.cardinality, case .many(_, let other) = right.cardinality,
      !key.hasSameOctets(as: other)
    {
      breaks(path, .refused, .duplicateKey, when: "two instances have the same \(key) or \(other)")
    }
    compare(
      path, "after", left.after, right.after, { $0.isEmpty ? "nothing" : $0.joined(separator: ", ") },
      next: "Demand no order that old writers do not keep.")
  }

  private mutating func compare(_ left: StatePiece, _ right: StatePiece, _ path: String) {
    describe(path, left.description, right.description)
    compareMark(left.mark, right.mark, left.since, left.fieldClass, path)
    compare(path, "since", left.since, right.since, { "\($0)" })
    compareTerms(left.enabledBy, right.enabledBy, path)
    compare(path, "class", left.fieldClass, right.fieldClass, { $0.rawValue })
    fields(left.fields, right.fields, path)
    rules(left.rules, right.rules, path, of: (left.fields, right.fields))
    subsections(left.subsections, right.subsections, path)
  }

  /// Readers that do not know a piece go by its mark.
  mutating func compareMark(
    _ left: FieldMark, _ right: FieldMark, _ since: UInt32, _ fieldClass: FieldClass, _ path: String
  ) {
    guard left != right else { return }
    if right == .skippable {
      notes.say(
        path, "required became skippable",
        next: "Keep it required: a reader that does not know it would drop it, and the guest would notice.")
      if fieldClass == .guestVisible || fieldClass == .internal {
        breaks(path, .forward, .misread, when: "the reader does not know it")
      }
    } else {
      notes.say(path, "skippable became required", next: "Keep it skippable: readers that do not know it have gone on without.")
      if since > 1 {
        breaks(path, .forward, .refused, .unknownRequired, when: "the reader has a definition before \(since)")
      }
    }
  }

  mutating func compareTerms(_ left: [ParameterTerm], _ right: [ParameterTerm], _ path: String) {
    compare(path, "enabled_by", left, right, { terms in
      terms.isEmpty ? "(always)" : terms.map(\.parameter).joined(separator: ", ")
    }, next: "Leave what exists as it was tied; tie new state to a new parameter.")
  }

  private mutating func subsections(_ left: [ModelSubsection], _ right: [ModelSubsection], _ path: String) {
    for pair in NamedPairs(left, right, names: { [$0.piece.name] }).pairs {
      switch pair {
      case .same(let left, let right), .renamed(let left, let right):
        let path = path.member("subsections", right.piece.name)
        compare(left.piece, right.piece, path)
        compare(path, "target", left.target, right.target, { $0 ?? "(the parent)" }, next: "Make a new subsection for another target.")
        describe(path, left.condition, right.condition)
        let isSame = left.when.flatMap { left in right.when.map { renames.areSame(left, $0) } } ?? (left.when == right.when)
        if !isSame {
          compare(
            path, "when", left.when, right.when,
            { terms in terms.map { $0.isEmpty ? "(always)" : $0.map(\.text).joined(separator: " and ") } ?? "(not said)" },
            next: "Keep the condition: old readers know in which states it comes. Make a new subsection for other states.")
        }
      case .removed(let subsection):
        went(path.member("subsections", subsection.piece.name), "subsection", subsection.piece.mark)
      case .added(let subsection):
        came(
          path.member("subsections", subsection.piece.name), "subsection", subsection.piece.mark, subsection.piece.enabledBy)
      }
    }
  }

  mutating func layouts() {
    let pairs = NamedPairs(old.layouts, new.layouts, names: { [$0.name] }, isAlike: ElementLayout.areAlike)
    for pair in pairs.pairs {
      switch pair {
      case .same(let left, let right), .renamed(let left, let right):
        let path = "/layouts".member(right.name)
        if !left.name.hasSameOctets(as: right.name) {
          notes.say(path, "layout \(left.name) renamed", next: "Give it back its name: elements are paired by it.")
          notes.rename("/layouts".member(left.name), to: path)
        }
        describe(path, left.description, right.description)
        fields(left.fields, right.fields, path)
        rules(left.rules, right.rules, path, of: (left.fields, right.fields))
      case .removed(let layout): went("/layouts".member(layout.name), "layout of elements", .required)
      case .added(let layout):
        let path = "/layouts".member(layout.name)
        notes.say(path, "new layout of elements", next: "Have such elements only where a new parameter is on.")
        notes.take(whole: path)
      }
    }
  }

  mutating func memory() {
    for pair in NamedPairs(old.regions, new.regions, names: { [$0.name] }).pairs {
      switch pair {
      case .removed(let region): went("/regions".member(region.name), "region", .required)
      case .added(let region):
        let path = "/regions".member(region.name)
        let tie = region.enabledBy.isEmpty ? "" : ", tied to " + region.enabledBy.map(\.parameter).joined(separator: ", ")
        notes.say(path, "new region\(tie)", next: "Tie it to a new parameter that is off by default.")
      case .same(let left, let right), .renamed(let left, let right):
        let path = "/regions".member(right.name)
        let next = "Keep the region; let the size follow from a parameter that is off by default."
        describe(path, left.description, right.description)
        compare(path, "size", left.size, right.size, { $0.text }, next: next)
        compare(path, "page size", left.pageSize, right.pageSize, { "\($0)" }, next: next)
        let flags = { (region: ModelRegion) in [region.isShared, region.isReadOnly, region.isOpaque] }
        if flags(left) != flags(right) { notes.say(path, "shared, read_only or opaque changed", next: next) }
        compareTerms(left.enabledBy, right.enabledBy, path)
      }
    }
    switch (old.byteString, new.byteString) {
    case (nil, let string?):
      notes.say(
        "/byte_string", "new byte string" + (string.enabledBy.isEmpty ? "" : ", tied to a parameter"),
        next: string.enabledBy.isEmpty ? "Tie it to a new parameter that is off by default." : "")
    case (_?, nil): notes.say("/byte_string", "byte string removed", next: "Keep it.")
    case (let left?, let right?): compareTerms(left.enabledBy, right.enabledBy, "/byte_string")
    case (nil, nil): break
    }
  }

  mutating func externals() {
    for pair in NamedPairs(old.externals, new.externals, names: { [$0.name] }).pairs {
      switch pair {
      case .removed(let external): notes.say("/externals".member(external.name), "external removed")
      case .added(let external): notes.say("/externals".member(external.name), "new external")
      case .same(let left, let right), .renamed(let left, let right):
        let path = "/externals".member(right.name)
        describe(path, left.description, right.description)
        compare(path, "class", left.treatment, right.treatment, { $0.rawValue })
        compare(
          path, "on_arrival", left.onArrival, right.onArrival, { $0.rawValue },
          next: "Keep what happens on arrival: it is part of what operators count on.")
        compare(path, "field", left.field, right.field, { $0 ?? "(none)" })
        compare(path, "param", left.parameter, right.parameter, { $0 ?? "(none)" })
        if right.onArrival == .refuse, left.onArrival != .refuse {
          breaks(path, .backward, .refused, when: "what is outside differs at the destination")
        }
      }
    }
  }
}

extension ModelSection.Cardinality {
  var text: String {
    switch self {
    case .one: "one"
    case .optional: "optional"
    case .many(let count, let key): "many (at most \(count.text), told apart by \(key))"
    }
  }
}
