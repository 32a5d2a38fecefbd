internal import Synchronization

/// A member that makes a value live at one address; it takes no memory.
///
/// Without it the compiler passes a large value that is only looked at by copying it to the stack, 10 ns a call on the
/// path of every record, moves it word by word, and gives a property of such a type an accessor that asks `malloc` for
/// its frame, which the memory rule of these rooms forbids. An `Atomic` can only be used where it is.
package struct AddressOnly: ~Copyable {
  private let mark = InlineArray<0, Atomic<Bool>> { _ in Atomic(false) }
  package init() {}
}
