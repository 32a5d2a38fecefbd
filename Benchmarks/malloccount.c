/* Put in front of the C library (LD_PRELOAD): counts what a whole process asks for memory, and writes the number to the
   file that MALLOCCOUNT names when the process ends. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static atomic_ulong calls;

/* For a process that asks what its parts cost. */
unsigned long malloccount_calls(void) { return calls; }

void *malloc(size_t count) {
  calls++;
  return __libc_malloc(count);
}

void *calloc(size_t number, size_t count) {
  calls++;
  return __libc_calloc(number, count);
}

void *realloc(void *memory, size_t count) {
  calls++;
  return __libc_realloc(memory, count);
}

void *aligned_alloc(size_t alignment, size_t count) {
  calls++;
  return __libc_memalign(alignment, count);
}

int posix_memalign(void **memory, size_t alignment, size_t count) {
  calls++;
  void *made = __libc_memalign(alignment, count);
  if (!made) return ENOMEM;
  *memory = made;
  return 0;
}

__attribute__((destructor)) static void write_count(void) {
  const char *path = getenv("MALLOCCOUNT");
  int file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
  if (file < 0) return;
  dprintf(file, "%lu\n", (unsigned long)calls);
  close(file);
}
