import StreamMutation

/// A program of C calls, call by call: how many octets a call has shows when it is done.
struct CABIProgram {
  var calls: [[UInt8]]

  init(_ input: [UInt8]) {
    let starts = unsafe CABIWorld.withNew { world in
      var run = unsafe CABIRun(input, world)
      run.run()
      return run.starts
    }
    calls = zip(starts, starts.dropFirst() + [input.count]).map { Array(input[$0..<max($0, $1)]) }
  }

  var octets: [UInt8] { calls.flatMap { $0 } }

  /// One call doubled, dropped, moved or changed; or a callback or the allocator that fails somewhere behind it.
  mutating func mutate(_ chance: inout Chance, leaf: (inout [UInt8], Int) -> Void) {
    guard !calls.isEmpty else { return }
    let number = chance.isOne(in: 2) ? chance.below(calls.count) : placeOfSomeKind(&chance)
    let place = chance.isOne(in: 2) ? chance.below(calls.count + 1) : placeOfSomeKind(&chance)
    switch chance.below(10) {
    case 0: calls.remove(at: number)
    case 1: calls.insert(calls[number], at: place)
    case 2: calls.swapAt(number, chance.below(calls.count))
    case 3: calls.insert(calls.remove(at: number), at: min(place, calls.count))
    case 4, 5:
      let which = UInt8(1 + chance.below(chance.isOne(in: 2) ? 4 : 32))
      calls.insert([CABIOperation.failCallback.rawValue, which, UInt8(chance.below(4))], at: place)
    case 6: calls.insert([CABIOperation.refuseMemory.rawValue, UInt8(1 + chance.below(80))], at: place)
    case 7: calls.insert([CABIOperation.reset.rawValue, UInt8(chance.below(2))], at: place)
    default:
      var call = calls[number]
      leaf(&call, call.count + 1)
      calls[number] = call
    }
  }

  /// Calls of any kind are as likely: most programs step through a save, and finish a resume once.
  private func placeOfSomeKind(_ chance: inout Chance) -> Int {
    var kinds: [(kind: CABIOperation?, places: [Int])] = []
    for (place, call) in calls.enumerated() {
      let kind = call.first.flatMap(CABIOperation.init(octet:))
      if let known = kinds.firstIndex(where: { $0.kind == kind }) {
        kinds[known].places.append(place)
      } else {
        kinds.append((kind, [place]))
      }
    }
    let places = kinds[chance.below(kinds.count)].places
    return places[chance.below(places.count)]
  }

  /// The calls of this program up to one, and those of another from one on, or a few of them in between.
  mutating func crossOver(with other: CABIProgram, _ chance: inout Chance) {
    let (head, start) = (chance.below(calls.count + 1), chance.below(other.calls.count + 1))
    if chance.isOne(in: 2) {
      calls = Array(calls[..<head] + other.calls[start...])
    } else {
      calls.insert(contentsOf: other.calls[start...].prefix(1 + chance.below(6)), at: head)
    }
  }
}
