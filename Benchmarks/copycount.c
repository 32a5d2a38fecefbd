/* Counts copies and socket calls of a process from outside: LD_PRELOAD this, and COPYCOUNT names a file that each
   process appends its line to when it exits.

   A copy is a call of memcpy, memmove or a relative of them with 4096 octets or more, but for those from one place of the
   main thread's stack to another: a large value that moves, no payload. Calls that a compiler replaces by instructions
   are of small fixed sizes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { LARGE = 4096 };
static atomic_ulong copies, copied, fills, calls;

/* Octet by octet loops would be turned into calls of the very functions they stand for. */
static void *forward(void *to, const void *from, size_t count) {
#if defined(__x86_64__)
  void *start = to;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
  return start;
#else
  volatile unsigned char *target = to;
  const volatile unsigned char *source = from;
  while (count--) *target++ = *source++;
  return to;
#endif
}

static void *backward(void *to, const void *from, size_t count) {
  volatile unsigned char *target = to;
  const volatile unsigned char *source = from;
  while (count--) target[count] = source[count];
  return to;
}

/* Where the main thread's stack begins; the C library has it for its own use and exports it. */
extern char *__libc_stack_end;
static int is_on_stack(const char *place) {
  return place >= (const char *)__builtin_frame_address(0) && place < __libc_stack_end;
}

static void note(const char *to, const char *from, size_t count) {
  if (count < LARGE || (is_on_stack(to) && is_on_stack(from))) return;
  copies++;
  copied += count;
}

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
  note(to, from, count);
  return forward(to, from, count);
}
void *memmove(void *to, const void *from, size_t count) {
  note(to, from, count);
  return (char *)to <= (const char *)from || (char *)to >= (const char *)from + count ? forward(to, from, count)
                                                                                       : backward(to, from, count);
}
void *mempcpy(void *restrict to, const void *restrict from, size_t count) { return (char *)memcpy(to, from, count) + count; }
void bcopy(const void *from, void *to, size_t count) { memmove(to, from, count); }
void *__memcpy_chk(void *restrict to, const void *restrict from, size_t count, size_t room) {
  (void)room;
  return memcpy(to, from, count);
}
void *__memmove_chk(void *to, const void *from, size_t count, size_t room) {
  (void)room;
  return memmove(to, from, count);
}
void *memset(void *to, int value, size_t count) {
  if (count >= LARGE) fills++;
  volatile unsigned char *target = to;
  while (count--) *target++ = (unsigned char)value;
  return to;
}

#define COUNTED(result, name, parameters, ...)                                  \
  result name parameters {                                                      \
    static result(*next) parameters;                                            \
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name);                       \
    calls++;                                                                    \
    return next(__VA_ARGS__);                                                   \
  }
COUNTED(ssize_t, sendmsg, (int file, const struct msghdr *message, int flags), file, message, flags)
COUNTED(ssize_t, recvmsg, (int file, struct msghdr *message, int flags), file, message, flags)
COUNTED(ssize_t, send, (int file, const void *octets, size_t count, int flags), file, octets, count, flags)
COUNTED(ssize_t, recv, (int file, void *octets, size_t count, int flags), file, octets, count, flags)
COUNTED(ssize_t, readv, (int file, const struct iovec *vectors, int count), file, vectors, count)
COUNTED(ssize_t, writev, (int file, const struct iovec *vectors, int count), file, vectors, count)

__attribute__((destructor)) static void report(void) {
  const char *path = getenv("COPYCOUNT");
  if (!path) return;
  char line[200];
  int count = snprintf(line, sizeof line, "pid=%d copies=%lu octets=%lu fills=%lu calls=%lu\n", (int)getpid(),
                       (unsigned long)copies, (unsigned long)copied, (unsigned long)fills, (unsigned long)calls);
  int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0 || write(file, line, (size_t)count) != count) abort();
  close(file);
}
