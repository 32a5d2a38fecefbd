/* The guest: a processor of 16 registers that is interpreted, memory whose dirty pages are logged, a serial line and a
 * timer. SPDX-License-Identifier: MIT */
#ifndef TINYVMM_GUEST_H
#define TINYVMM_GUEST_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { PAGE = 4096, RAM = 16 << 20, PAGES = RAM / PAGE, FIFO = 16, REGISTERS = 16 };

struct cpu { uint64_t registers[REGISTERS], pc, retired, halted; };
struct serial { uint64_t sent, held; uint8_t fifo[FIFO]; };  /* held: octets in the FIFO */
struct timer { uint64_t period, reads; };                    /* ticks once in so many instructions */

struct guest {
  struct cpu cpu;
  struct serial serial;
  struct timer timer;
  uint8_t *ram;
  atomic_uchar dirty[PAGES];
  /* The thread that interprets: `wanted` says whether it should run, `runs` whether it does. */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  atomic_bool wanted;
  bool runs, started;
};

bool guest_new(struct guest *guest);                     /* with the program in memory, all of it dirty */
void guest_run(struct guest *guest);                     /* returns at once */
void guest_pause(struct guest *guest);                   /* returns when no instruction is executed any more */
bool guest_wait(struct guest *guest, int milliseconds);  /* whether the guest has halted by then */
/* The next dirty page at or behind `from`, which is clean from now on; PAGES: none. */
uint32_t guest_take_dirty(struct guest *guest, uint32_t from);
uint32_t guest_dirty_count(struct guest *guest);

#endif
