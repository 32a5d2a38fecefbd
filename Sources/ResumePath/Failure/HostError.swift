/// Numbers of `errno` on Linux that an error of a session becomes for callers who know nothing else.
///
/// Source: Specs/resume-path.md section 5.
@frozen
public enum HostError: Int32, Sendable, BitwiseCopyable, CaseIterable {
  case eio = 5
  case e2big = 7
  /// ``FailureClass/needMore``.
  case eagain = 11
  case enomem = 12
  /// Memory of the caller that cannot be read or written: found where octets cross a border of processes, and never in
  /// the octets themselves.
  case efault = 14
  case ebusy = 16
  case exdev = 18
  case enodev = 19
  case einval = 22
  case enomsg = 42
  case enodata = 61
  case ebadmsg = 74
  case eoverflow = 75
  case eopnotsupp = 95
  case ecanceled = 125
}
