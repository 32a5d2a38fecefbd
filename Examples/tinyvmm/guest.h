/* The guest: a processor, memory whose dirty pages are logged, a serial line and a timer. SPDX-License-Identifier: MIT */
#ifndef TINYVMM_GUEST_H
#define TINYVMM_GUEST_H

#include <migstream.h>
#include <pthread.h>
#include <stdatomic.h>

enum { PAGE = 4096, RAM = 16 << 20, PAGES = RAM / PAGE, FIFO = 16 };
enum { SERIAL = 0, TIMER = 8, POWER = 16 };  /* addresses of device registers */

struct serial { uint64_t sent, held; uint8_t fifo[FIFO]; };  /* held: octets in the FIFO */
struct timer { uint64_t period, reads; };                    /* advances by its period when it is read */
struct execution { uint64_t halted; };

struct guest;

/* What executes the guest's instructions. Its state is a struct that begins with a struct execution. */
struct processor {
  const char *name, *architecture;
  const struct mgs_model *model;                   /* of the state */
  /* Makes the processor and its state, and puts the program into memory. NULL, or why there is none on this host. */
  const char *(*open)(struct guest *guest);
  void (*run)(struct guest *guest);                /* until halted or no longer wanted; the state is then up to date */
  void (*leave)(struct guest *guest, bool now);    /* with the lock: `run` shall return soon, or need not; may be NULL */
  bool (*load)(struct guest *guest);               /* takes the state, of a stream; may be NULL */
  void (*collect)(struct guest *guest);            /* adds to `dirty` what it wrote to; NULL: it does so itself */
};

extern const struct processor interpreter, kvm;

struct guest {
  const struct processor *processor;
  struct execution *state;      /* the processor's */
  void *host;                   /* what the processor needs besides */
  struct serial serial;
  struct timer timer;
  uint8_t *ram;
  atomic_uchar dirty[PAGES];
  /* The thread that executes: `wanted` says whether it should, `runs` whether it does. */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  atomic_bool wanted;
  bool runs, started;
};

/* With the program in memory, all of it dirty. NULL, or why it cannot be. */
const char *guest_new(struct guest *guest, const struct processor *processor);
void guest_run(struct guest *guest);                     /* returns at once */
void guest_pause(struct guest *guest);                   /* returns when no instruction is executed any more */
bool guest_wait(struct guest *guest, int milliseconds);  /* whether the guest has halted by then */
/* The next dirty page at or behind `from`, which is clean from now on; PAGES: none. */
uint32_t guest_take_dirty(struct guest *guest, uint32_t from);
uint32_t guest_dirty_count(struct guest *guest);

/* The devices' registers, for processors. */
void guest_out(struct guest *guest, unsigned address, uint8_t octet);
uint64_t guest_in(struct guest *guest, unsigned address);

#endif
