#define _GNU_SOURCE
#include "CPeers.h"
#include <sys/mman.h>
#include <unistd.h>

int peer_guest_file(uint64_t count) {
  int file = memfd_create("guest", MFD_CLOEXEC);
  return file >= 0 && ftruncate(file, (off_t)count) == 0 ? file : -1;
}

int64_t peer_next_data(int file, int64_t start) { return lseek(file, start, SEEK_DATA); }
int64_t peer_next_hole(int file, int64_t start) { return lseek(file, start, SEEK_HOLE); }
