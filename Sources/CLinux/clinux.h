#ifndef CLINUX_H
#define CLINUX_H
#include <sys/syscall.h>
#include <unistd.h>

/* Calls and numbers of Linux that glibc shows only under _GNU_SOURCE, which `import Glibc` does not define. */

enum {
  CLINUX_SEEK_DATA = 3,
  CLINUX_SEEK_HOLE = 4,
  /* O_TMPFILE: a file without a name; it includes O_DIRECTORY, so that old kernels refuse it. */
#if defined(__aarch64__) || defined(__arm__)
  CLINUX_O_TMPFILE = 020000000 | 040000,
#else
  CLINUX_O_TMPFILE = 020000000 | 0200000,
#endif
};

/* Turns a range of a file into a hole and keeps the file's size; 0, or -1 with errno. */
static inline int clinux_punch_hole(int descriptor, long long offset, long long byte_count) {
  /* FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE */
  return (int)syscall(SYS_fallocate, descriptor, 3, offset, byte_count);
}

#endif
