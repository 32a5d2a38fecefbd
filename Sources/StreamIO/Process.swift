internal import Glibc

/// Writes to a pipe that nobody reads fail with EPIPE instead of ending the process.
public func ignoreBrokenPipeSignal() {
  signal(SIGPIPE, SIG_IGN)
}

/// Whether a variable of the environment is there and not empty.
public func environmentHas(_ name: String) -> Bool {
  // Safe: getenv returns a terminated string; nothing here changes the environment.
  unsafe getenv(name).map { unsafe $0.pointee != 0 } ?? false
}

public func endProcess(status: Int32) -> Never { exit(status) }
