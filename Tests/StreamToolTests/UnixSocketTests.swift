import Foundation
import MigrationStream
import StreamIO
import Testing

/// Unix sockets, without the program around them.
@Suite struct UnixSocketTests {
  private static let patience: Int32 = 5_000

  /// Accepts one connection, reads to its end in pieces of `pieceByteCount`, answers with what came and goes.
  private func echo(on path: String, pieceByteCount: Int = 4096) throws -> Thread {
    let listener = ListenerBox(try SocketListener(path: path))
    let thread = Thread {
      guard let socket = try? listener.accept() else { return }
      var all: [UInt8] = []
      while let piece = try? Self.read(socket, max: pieceByteCount), !piece.isEmpty { all += piece }
      try? socket.write(all.span.octets)
    }
    thread.start()
    return thread
  }

  /// The next octets; empty at the end.
  private static func read(_ socket: borrowing UnixSocket, max: Int) throws -> [UInt8] {
    var buffer = OwnedBytes()
    try buffer.append(repeating: 0, count: max)
    var span = buffer.mutableSpan
    var octets = unsafe span.mutableBytes
    let count = try socket.read(into: &octets)
    return (0..<count).map { buffer[$0] }
  }

  @Test("Octets go both ways, whatever the socket buffers", arguments: [1, 100, 3_000_000])
  func echoes(count: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("socket")
    _ = try echo(on: path)
    let socket = try UnixSocket.connect(to: path, patience: Self.patience)
    let sent = (0..<count).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
    try socket.write(sent.span.octets)
    socket.finishWriting()
    var back: [UInt8] = []
    while true {
      let piece = try Self.read(socket, max: 65_536)
      if piece.isEmpty { break }
      back += piece
    }
    #expect(back == sent)
  }

  @Test("The socket is its owner's alone, and gone with the listener")
  func permissions() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("socket")
    do {
      let listener = try SocketListener(path: path)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      _ = listener
    }
    #expect(folder.names.isEmpty)
  }

  @Test("A stale socket is replaced; a file, and a socket in use, are left alone")
  func inTheWay() throws {
    let folder = try TemporaryFolder()
    let stale = folder.path("stale")
    _ = try ToolRun.shell("python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('\(stale)')\"")
    #expect(folder.names == ["stale"])
    _ = try SocketListener(path: stale)
    let file = try folder.file("file", [1, 2, 3])
    #expect(throws: IOFailure.self) { _ = try SocketListener(path: file) }
    #expect(try [UInt8](Data(contentsOf: URL(filePath: file))) == [1, 2, 3])
    let used = folder.path("used")
    let listener = try SocketListener(path: used)
    #expect(throws: IOFailure.self) { _ = try SocketListener(path: used) }
    #expect(folder.names.contains("used"))
    _ = listener
  }

  @Test("What somebody else put in the place of our socket is not removed")
  func unlinksOnlyItsOwn() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("socket")
    do {
      let listener = try SocketListener(path: path)
      try FileManager.default.removeItem(atPath: path)
      _ = try folder.file("socket", [9])
      _ = listener
    }
    #expect(folder.names == ["socket"])
  }

  @Test("Paths longer than an address, and relative ones, work")
  func longPaths() throws {
    let folder = try TemporaryFolder()
    let deep = folder.url.appending(path: String(repeating: "d", count: 120))
    try FileManager.default.createDirectory(at: deep, withIntermediateDirectories: true)
    let path = deep.appending(path: "socket").path
    _ = try echo(on: path)
    let socket = try UnixSocket.connect(to: path, patience: Self.patience)
    socket.finishWriting()
    #expect(try Self.read(socket, max: 10).isEmpty)
  }

  @Test("Nobody there, nobody comes, nothing comes: an error after the patience, no hang")
  func patience() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("socket")
    #expect(throws: IOFailure.self) { _ = try UnixSocket.connect(to: path, patience: 50) }
    let listener = try SocketListener(path: path)
    #expect(throws: IOFailure.self) { _ = try listener.accept(waiting: 50, patience: 50) }
    let socket = try UnixSocket.connect(to: path, patience: 50)
    let failure = #expect(throws: IOFailure.self) { _ = try Self.read(socket, max: 10) }
    #expect(failure?.description.contains("timed out") == true)
    #expect(try !socket.hasInput(within: 10))
  }

  @Test("A peer that went away is an error and no signal")
  func brokenPipe() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("socket")
    let listener = try SocketListener(path: path)
    let socket = try UnixSocket.connect(to: path, patience: Self.patience)
    do { _ = try listener.accept(waiting: Self.patience, patience: Self.patience) }
    let octets = [UInt8](repeating: 1, count: 1 << 20)
    let failure = #expect(throws: IOFailure.self) { try socket.write(octets.span.octets) }
    #expect(failure?.isBrokenPipe == true)
  }

  @Test("Lines of a journal are whole, and are appended to what is there")
  func journal() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("journal", Array("before\n".utf8))
    let first = try JournalFile(appendingTo: path)
    let second = try JournalFile(appendingTo: path)
    try first.append("one")
    try second.append("two")
    try first.append("three")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "before\none\ntwo\nthree\n")
  }
}

/// Carries a listener to a thread.
private final class ListenerBox: @unchecked Sendable {
  private let listener: SocketListener

  init(_ listener: consuming SocketListener) { self.listener = listener }

  func accept() throws -> UnixSocket { try listener.accept(waiting: 5_000, patience: 5_000) }
}
