import MigrationStream
import StreamTestKit
import Testing

@Suite struct CorpusDisagreements {
  @Test func list() throws {
    for s in try CorpusFolder.present {
      let o = Reading.pull(s.octets, limits: try s.streamLimits)
      let p = Reading.push(s.octets, limits: try s.streamLimits).outcome
      func show(_ o: Outcome) -> String {
        guard let r = o.refusal else { return "accept" }
        return "\(r.code) \(r.stage) @\(r.offset) e=\(r.expected) f=\(r.found) rel=\(o.released)"
      }
      var bad = false
      if s.verdict == .accept { bad = o.refusal != nil } else if let r = o.refusal {
        bad = r.code != s.code || r.stage != s.stage || r.offset != s.offset || o.released != s.released
          || (s.expected != nil && s.expected != r.expected) || (s.found != nil && s.found != r.found)
      } else { bad = true }
      if bad {
        print("DIS \(s.name): want \(s.verdict == .accept ? "accept" : "\(s.code!) \(s.stage!) @\(s.offset!) e=\(s.expected.map{"\($0)"} ?? "-") f=\(s.found.map{"\($0)"} ?? "-") rel=\(s.released!)") GOT \(show(o))")
      }
      if p.refusal != o.refusal || p.released != o.released { print("SPLIT \(s.name): pull \(show(o)) push \(show(p))") }
    }
  }
}
