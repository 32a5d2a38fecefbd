/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "guest.h"
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* ======   Devices   ====== */

/* The line takes what it held when the FIFO is full or a line ends; until then it is the device's state. A line of text
 * takes a millisecond, so that no processor is too fast to be moved. */
static void transmit(struct serial *serial, uint8_t octet) {
  serial->fifo[serial->held++] = octet;
  if (serial->held < FIFO && octet != '\n') return;
  for (uint64_t done = 0; done < serial->held;) {
    ssize_t count = write(STDOUT_FILENO, serial->fifo + done, serial->held - done);
    if (count > 0) done += (uint64_t)count;
  }
  serial->sent += serial->held;
  serial->held = 0;
  if (octet == '\n') nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

void guest_out(struct guest *guest, unsigned address, uint8_t octet) {
  if (address == SERIAL) transmit(&guest->serial, octet);
  if (address == POWER) guest->state->halted = 1;
}

uint64_t guest_in(struct guest *guest, unsigned address) {
  return address == TIMER ? ++guest->timer.reads * guest->timer.period : 0;
}

/* ======   Execution   ====== */

static void *execute(void *argument) {
  struct guest *guest = argument;
  pthread_mutex_lock(&guest->lock);
  for (;;) {
    while (!atomic_load(&guest->wanted) || guest->state->halted) {
      guest->runs = false;
      pthread_cond_broadcast(&guest->changed);
      pthread_cond_wait(&guest->changed, &guest->lock);
    }
    guest->runs = true;
    if (guest->processor->leave != NULL) guest->processor->leave(guest, false);
    pthread_mutex_unlock(&guest->lock);
    guest->processor->run(guest);
    pthread_mutex_lock(&guest->lock);
  }
  return NULL;
}

const char *guest_new(struct guest *guest, const struct processor *processor) {
  memset(guest, 0, sizeof *guest);
  guest->processor = processor;
  guest->timer.period = 1000;
  pthread_mutex_init(&guest->lock, NULL);
  pthread_cond_init(&guest->changed, NULL);
  guest->ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (guest->ram == MAP_FAILED) return "no memory for the guest";
  for (uint32_t i = 0; i < PAGES; i++) atomic_store(&guest->dirty[i], 1);
  return processor->open(guest);
}

void guest_run(struct guest *guest) {
  pthread_mutex_lock(&guest->lock);
  atomic_store(&guest->wanted, true);
  if (!guest->started) guest->started = pthread_create(&guest->thread, NULL, execute, guest) == 0;
  guest->runs = guest->started;
  pthread_cond_broadcast(&guest->changed);
  pthread_mutex_unlock(&guest->lock);
}

void guest_pause(struct guest *guest) {
  pthread_mutex_lock(&guest->lock);
  atomic_store(&guest->wanted, false);
  if (guest->runs && guest->processor->leave != NULL) guest->processor->leave(guest, true);
  pthread_cond_broadcast(&guest->changed);
  while (guest->runs) pthread_cond_wait(&guest->changed, &guest->lock);
  pthread_mutex_unlock(&guest->lock);
}

bool guest_wait(struct guest *guest, int milliseconds) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
  until.tv_sec += milliseconds / 1000 + until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  pthread_mutex_lock(&guest->lock);
  int status = 0;
  while (guest->runs && status == 0) status = pthread_cond_timedwait(&guest->changed, &guest->lock, &until);
  bool halted = !guest->runs;
  pthread_mutex_unlock(&guest->lock);
  return halted;
}

/* ======   The log of dirty pages   ====== */

static void collect(struct guest *guest) {
  if (guest->processor->collect != NULL) guest->processor->collect(guest);
}

uint32_t guest_take_dirty(struct guest *guest, uint32_t from) {
  if (from == 0) collect(guest);
  for (; from < PAGES; from++)
    if (atomic_exchange_explicit(&guest->dirty[from], 0, memory_order_acq_rel)) return from;
  return PAGES;
}

uint32_t guest_dirty_count(struct guest *guest) {
  uint32_t count = 0;
  collect(guest);
  for (uint32_t i = 0; i < PAGES; i++) count += atomic_load_explicit(&guest->dirty[i], memory_order_relaxed);
  return count;
}
