#ifndef CPEERS_H
#define CPEERS_H
#include <stddef.h>
#include <stdint.h>
#include "net_state.h"
#include "peer_codec.h"
/** XXH3-64 with run-time dispatch, one call over everything. */
uint64_t peer_xxh3(const void *octets, size_t count);
/** The same over chunks, a call each: the reference of every bulk row. */
uint64_t peer_xxh3_chunks(const void *octets, size_t count, size_t chunk);
/** Every other page, a call each. */
uint64_t peer_xxh3_every_other(const void *octets, size_t count, size_t page);
/** A copy and the digest of it: what saving or loading cannot do without. */
uint64_t peer_copy_and_xxh3(void *to, const void *from, size_t count);
/** The same, chunk by chunk; `count` is a multiple of `chunk`. */
uint64_t peer_copy_and_xxh3_chunks(void *to, const void *from, size_t count, size_t chunk);
/** A bare loop over records of one size: a header digest and a body digest each, nothing checked besides. */
uint64_t peer_record_loop(const void *octets, size_t count, size_t record);
/** What devices of `count` octets each cannot do without: the digest of the last record, a copy to what is prepared, a
    copy to where it is effective. */
uint64_t peer_commit_devices(void *to, void *between, const void *from, size_t devices, size_t count);
/** Requests for stop and running in turns, over two steps each: a table, and a call a device and step. */
uint64_t peer_walk_devices(size_t devices, size_t requests);
/** Nanoseconds of a monotonic clock. */
uint64_t peer_now(void);
/** The C library's allocator, counting calls and octets held; `context` is ignored. */
void *peer_allocate(void *context, ptrdiff_t count, ptrdiff_t alignment);
void peer_deallocate(void *context, void *memory);
uint64_t peer_allocation_count(void);
/** Guest memory: a file without a name, its next octet that was written to, and its next hole; -1 for none. */
int peer_guest_file(uint64_t count);
int64_t peer_next_data(int file, int64_t start);
int64_t peer_next_hole(int file, int64_t start);

/** Most octets held at a time since the last call of the second. */
uint64_t peer_allocation_peak(void);
void peer_allocation_forget_peak(void);
#endif
