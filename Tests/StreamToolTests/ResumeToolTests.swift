import Foundation
import StreamIO
import Testing

/// `save` and `resume`, to files and between two processes.
@Suite struct ResumeToolTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func save(_ arguments: String..., to name: String = "s.mgs") throws -> ToolRun {
    try ToolRun(["save", "--output", folder.path(name)] + arguments)
  }

  private func resume(_ arguments: String..., from name: String = "s.mgs") throws -> ToolRun {
    try ToolRun(["resume", folder.path(name)] + arguments)
  }

  private func octets(_ name: String = "s.mgs") throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: folder.path(name))))
  }

  /// The last digest that a run printed.
  private func digest(_ run: ToolRun) -> Substring? {
    run.output.split(whereSeparator: \.isWhitespace).last { $0.hasPrefix("0x") && $0.count == 18 }
  }

  @Test("The table of reference devices has those that can be saved")
  func list() throws {
    let run = try ToolRun(["save", "--list-devices"])
    #expect(run.status == 0)
    for name in ["serial", "blk", "machine"] { #expect(run.output.contains("\(name) ")) }
  }

  @Test("Resumed equals never stopped", arguments: [[], ["--pre-copy"], ["--compress"]], ["serial", "blk", "nic"])
  func resumedEqualsNeverStopped(flags: [String], device: String) throws {
    let saved = try ToolRun(
      ["save", "--device", device, "--steps", "300", "--seed", "5", "--output", folder.path("s.mgs")] + flags)
    #expect(saved.status == 0, "\(saved.errors)")
    #expect(try ToolRun(["verify", "--deep", folder.path("s.mgs")]).status == 0)
    let later = try save("--device", device, "--steps", "500", "--seed", "5", to: "later.mgs")
    for mode in [[], ["--strict"]] {
      let resumed = try ToolRun(["resume", folder.path("s.mgs"), "--steps", "200"] + mode)
      #expect(resumed.status == 0, "\(resumed.output)\(resumed.errors)")
      #expect(resumed.output.contains("prepared > committed > stop"))
      #expect(resumed.output.contains("resumed: "))
      #expect(digest(resumed) == digest(later))
    }
  }

  @Test("A stream comes through a pipe, too")
  func pipe() throws {
    _ = try save("--device", "serial", "--steps", "20")
    let run = try ToolRun(["resume", "-"], input: octets())
    #expect(run.status == 0)
    #expect(run.output.contains("has done 20 steps"))
    #expect(try ToolRun(["resume", "--strict"], input: octets()).status == 0)
  }

  @Test("A wrong octet anywhere is refused: where, what, what to do; nothing of it is visible", arguments: 0..<12)
  func damaged(number: Int) throws {
    _ = try save("--device", "serial", "--steps", "50")
    var octets = try octets()
    octets[(octets.count - 1) * number / 11] ^= 0x40
    _ = try folder.file("d.mgs", octets)
    let run = try resume(from: "d.mgs")
    #expect(run.status == 1)
    #expect(run.output.contains("error 0x"))
    #expect(run.output.contains("error next: "))
    #expect(!run.output.contains("committed"))
    #expect(run.output.contains("nothing of it is visible to the guest"))
  }

  @Test("A stream that ends early is refused wherever it ends", arguments: 0..<10)
  func truncated(number: Int) throws {
    _ = try save("--device", "serial", "--steps", "50")
    let octets = try octets()
    _ = try folder.file("t.mgs", Array(octets.prefix((octets.count - 1) * number / 9)))
    let run = try resume(from: "t.mgs")
    #expect(run.status == 1)
    #expect(run.output.contains("truncated") || run.output.contains("badMagic"))
  }

  @Test("A stream for another device, and one for none of ours, are refused in words")
  func wrongDevice() throws {
    _ = try save("--device", "serial", "--steps", "50")
    let other = try resume("--device", "blk")
    #expect(other.status == 1)
    #expect(other.output.contains("reset > running"))
    #expect(other.output.contains("in /devices/machine/serial0, record 0, device 0: unknownDevice: this machine has no device"))
    #expect(other.output.contains("next: give this machine the devices that the source has"))
    let qemu = try ToolRun(
      ["convert", ToolRun.root.appending(path: "Corpus/qemu/72-none-S.bin").path, "--output", folder.path("q.mgs")])
    #expect(qemu.status == 0)
    let none = try resume(from: "q.mgs")
    #expect(none.status == 1)
    #expect(none.errors.contains("none of the reference devices"))
    #expect(none.errors.contains("next: "))
  }

  @Test("Calls that make no sense end with 2 and say what is missing")
  func usage() throws {
    for arguments in [
      ["save"], ["save", "--device", "serial"], ["save", "--device", "toaster", "-o", folder.path("x")],
      ["save", "--device", "serial", "-o", folder.path("x"), "--socket", "y"],
      ["save", "--device", "serial", "-o", folder.path("x"), "--param", "nonsense"],
      ["save", "--device", "serial", "-o", folder.path("x"), "--param", "nonsense=1"],
      // Refused before the guest has done its work, which takes hours.
      ["save", "--device", "serial", "--steps", "4000000000", "-o", folder.path("no/such/folder")],
      ["resume", folder.path("nothing")], ["resume", "a", "--listen", "b"], ["resume", "-", "--param", "a=1"],
      ["save", "--device", "serial", "--socket", folder.path("nobody"), "--time-out", "0.1"],
      ["resume", "--listen", folder.path("sock"), "--time-out", "0.1"],
    ] {
      let run = try ToolRun(arguments)
      #expect(run.status == 2, "\(arguments): \(run.output)\(run.errors)")
      #expect(!run.errors.isEmpty)
    }
    #expect(folder.names.isEmpty)
  }

  @Test("Trouble with parameters and sockets is said in words, with what to do")
  func troubleInWords() throws {
    for (arguments, words) in [
      (["save", "--device", "serial", "-o", folder.path("x"), "--param", "nonsense=1"],
        "Error: the model has no parameter nonsense; expected one of: baud-base, fifo-size\n"),
      (["save", "--device", "serial", "-o", folder.path("")], "it is a directory; name a file, or - for standard output"),
      (["save", "--device", "serial", "--socket", folder.path("nobody"), "--time-out", "0.1"],
        "nobody listens there: start the destination"),
      (["resume", "--listen", folder.path("sock"), "--time-out", "0.1"], "no source came: start it, or wait longer"),
    ] {
      let run = try ToolRun(arguments)
      #expect(run.status == 2)
      #expect(run.errors.contains(words), "\(run.errors)")
    }
  }

  @Test("What a save refused leaves no file, and --json is one document")
  func json() throws {
    let saved = try save("--device", "serial", "--steps", "30", "--json")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(saved.output.utf8)) as? [String: Any])
    #expect(document["command"] as? String == "save")
    #expect((document["verdict"] as? [String: Any])?["result"] as? String == "saved")
    let resumed = try resume("--json", "--steps", "5")
    let answer = try #require(try JSONSerialization.jsonObject(with: Data(resumed.output.utf8)) as? [String: Any])
    #expect((answer["verdict"] as? [String: Any])?["result"] as? String == "resumed")
    #expect(answer["digest"] as? String == (document["saved"] as? [String: Any])?["digest"] as? String)
    var octets = try octets()
    octets[200] ^= 1
    _ = try folder.file("d.mgs", octets)
    let refused = try resume("--json", from: "d.mgs")
    let refusal = try #require(try JSONSerialization.jsonObject(with: Data(refused.output.utf8)) as? [String: Any])
    #expect(refused.status == 1)
    #expect((refusal["fault"] as? [String: Any])?["code"] as? String == "digestMismatch")
    #expect(refusal["errno"] as? String == "EBADMSG")
  }

  // MARK: Two processes

  /// Runs both ends at once.
  private func handOver(_ source: [String], _ destination: [String]) throws -> (source: ToolRun, destination: ToolRun) {
    let socket = folder.path("socket")
    let box = RunBox()
    let thread = Thread { box.run = try? ToolRun(["resume", "--listen", socket, "--time-out", "20"] + destination) }
    thread.start()
    let run = try ToolRun(["save", "--socket", socket, "--time-out", "20"] + source)
    while !thread.isFinished { usleep(2_000) }
    return (run, try #require(box.run))
  }

  @Test("Over a socket the destination decides, and the source says what it heard", arguments: [[], ["--pre-copy"]])
  func sockets(flags: [String]) throws {
    let journal = folder.path("journal")
    let (source, destination) = try handOver(
      ["--device", "blk", "--steps", "200", "--journal", journal] + flags, ["--steps", "100", "--journal", journal])
    #expect(source.status == 0, "\(source.output)\(source.errors)")
    #expect(destination.status == 0, "\(destination.output)\(destination.errors)")
    #expect(source.output.contains("resumed: the destination runs the guest"))
    #expect(source.output.split(separator: "\n").contains { digest($0) != nil && destination.output.contains(digest($0) ?? "?") })
    #expect(!folder.names.contains("socket"))
    // Every step was done on one side, and none on both.
    var next = 1
    for line in try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ")
      #expect(Int(words[2]) == next, "\(line)")
      next = try #require(Int(words[3])) + 1
    }
  }

  private func digest(_ line: Substring) -> String? {
    line.split(separator: " ").last { $0.hasPrefix("0x") && $0.count == 18 }.map { String($0) }
  }

  @Test("A destination that refuses says why, and the guest goes on at the source")
  func refusedOverSocket() throws {
    let (source, destination) = try handOver(["--device", "serial", "--steps", "50"], ["--device", "blk"])
    #expect(source.status == 1)
    #expect(source.output.contains("refused by the destination; the guest goes on here"))
    #expect(destination.status == 1)
    let code = try #require(destination.output.firstMatch(of: /record 0, device 0: (\w+):/)?.1)
    #expect(source.output.contains("\(code):"))
  }

  @Test("A destination that cannot write its journal says nothing about the stream")
  func unwritableJournal() throws {
    let (source, destination) = try handOver(["--device", "serial", "--steps", "50"], ["--journal", folder.path("no/such")])
    #expect(destination.status == 2)
    #expect(source.status == 1)
    #expect(source.output.contains("failed: ") && source.output.contains("the guest goes on here"), "\(source.output)")
    #expect(!source.output.contains("wrongModel"))
  }

  /// Saves to a destination that reads so many octets at most, says nothing and hangs up.
  func saveTo(_ socket: String, readingOnly octets: Int) throws -> ToolRun {
    let listener = """
      import os,socket
      s=socket.socket(socket.AF_UNIX); s.bind('\(socket).new'); s.listen(1); os.rename('\(socket).new', '\(socket)')
      c,_=s.accept(); c.settimeout(0.5); left=\(octets)
      try:
        while left > 0:
          got=len(c.recv(min(left, 4096)))
          if got == 0: break
          left-=got
      except OSError: pass
      c.close()
      """
    let box = RunBox()
    let thread = Thread { box.run = try? ToolRun(program: URL(filePath: "/usr/bin/env"), ["python3", "-c", listener]) }
    thread.start()
    // The socket gets its name when it listens.
    while !FileManager.default.fileExists(atPath: socket) { usleep(10_000) }
    return try ToolRun(["save", "--device", "serial", "--steps", "50", "--socket", socket, "--time-out", "10"])
  }

  @Test("A destination that dies before END leaves the guest at the source; a source that dies is a stream that ends")
  func deaths() throws {
    let socket = folder.path("socket")
    // One hangs up in the middle of the manifest, the other after all it was sent.
    for octets in [100, 1 << 20] {
      let source = try saveTo(socket, readingOnly: octets)
      #expect(source.status == 1)
      #expect(source.output.contains("the guest goes on here"), "\(source.output)")
      try FileManager.default.removeItem(atPath: socket)
    }
    _ = try save("--device", "serial", "--steps", "50")
    let sender =
      "import socket,time; s=socket.socket(socket.AF_UNIX)\nfor i in range(500):\n  try: s.connect('\(socket)'); break\n  except OSError: time.sleep(0.01)\n"
      + "s.sendall(open('\(folder.path("s.mgs"))','rb').read()[:9000]); s.close()"
    let second = RunBox()
    let sending = Thread { second.run = try? ToolRun(program: URL(filePath: "/usr/bin/env"), ["python3", "-c", sender]) }
    sending.start()
    let destination = try ToolRun(["resume", "--listen", socket, "--time-out", "10"])
    #expect(destination.status == 1)
    #expect(destination.output.contains("truncated: the stream broke off before its END"))
    #expect(destination.output.contains("next: look at the source"))
    #expect(destination.output.contains("note: the source went away"))
  }
}

/// Carries what a thread found.
private final class RunBox: @unchecked Sendable {
  var run: ToolRun?
}
