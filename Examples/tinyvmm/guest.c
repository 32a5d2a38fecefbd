/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "guest.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum operation { HALT, LI, ADD, ADDI, MUL, XOR, AND, SHR, LOAD, STORE, OUT, IN, BNE, BLT, JMP };
struct instruction { uint8_t operation, a, b, c; int32_t number; };

enum { SLICE = 4096, WORKING_SET = 1 << 20, DATA = 1 << 16, LINES = 600, ROUNDS = 1 << 15, SERIAL_PORT = 0, TIMER_PORT = 1 };

/* Fills memory with numbers, then for ever changes some at random and prints a number that all of them went into: who
 * loses one page, or one octet of the line, prints something else. Branches count instructions from the next one. */
static const struct instruction program[] = {
  {LI, 1, 0, 0, 0}, {LI, 2, 0, 0, 12345}, {LI, 4, 0, 0, 1103515245}, {LI, 8, 0, 0, WORKING_SET - 8}, {LI, 15, 0, 0, LINES},
  {LI, 5, 0, 0, DATA}, {LI, 6, 0, 0, RAM - 8},
  {STORE, 5, 5, 0, 0}, {ADDI, 5, 5, 0, 512}, {BLT, 5, 6, 0, -3},
  /* 10: a line is due after so many rounds */
  {LI, 7, 0, 0, ROUNDS},
  {MUL, 2, 2, 4, 0}, {ADDI, 2, 2, 0, 12345}, {SHR, 5, 2, 0, 13}, {AND, 5, 5, 8, 0}, {LOAD, 6, 5, 0, DATA},
  {ADD, 6, 6, 2, 0}, {XOR, 3, 3, 6, 0}, {STORE, 6, 5, 0, DATA}, {ADDI, 7, 7, 0, -1}, {BNE, 7, 0, 0, -10},
  {IN, 9, TIMER_PORT, 0, 0}, {XOR, 3, 3, 9, 0}, {ADDI, 1, 1, 0, 1},
  /* 24: 16 hexadecimal digits of register 3, the number of the line before them */
  {ADD, 10, 1, 0, 0}, {LI, 14, 0, 0, 2},
  {LI, 11, 0, 0, 16}, {LI, 12, 0, 0, 15},
  {SHR, 13, 10, 0, 60}, {LI, 9, 0, 0, 10}, {BLT, 13, 9, 0, 1}, {ADDI, 13, 13, 0, 39}, {ADDI, 13, 13, 0, 48},
  {OUT, 13, SERIAL_PORT, 0, 0}, {LI, 9, 0, 0, 16}, {MUL, 10, 10, 9, 0}, {ADDI, 11, 11, 0, -1}, {BNE, 11, 0, 0, -10},
  {ADD, 10, 3, 0, 0}, {ADDI, 14, 14, 0, -1}, {LI, 13, 0, 0, 32}, {BNE, 14, 0, 0, 1}, {LI, 13, 0, 0, 10},
  {OUT, 13, SERIAL_PORT, 0, 0}, {BNE, 14, 0, 0, -19},
  {BLT, 1, 15, 0, -36}, {HALT, 0, 0, 0, 0}};

static uint64_t load(const struct guest *guest, uint64_t address) {
  uint64_t value = 0;
  for (unsigned i = 8; i-- > 0;) value = value << 8 | guest->ram[(address + i) % RAM];
  return value;
}

/* The page is marked behind the store: marked before it, it could be sent and forgotten between the two. */
static void store(struct guest *guest, uint64_t address, uint64_t value) {
  for (unsigned i = 0; i < 8; i++) guest->ram[(address + i) % RAM] = (uint8_t)(value >> 8 * i);
  atomic_store_explicit(&guest->dirty[address % RAM / PAGE], 1, memory_order_release);
  atomic_store_explicit(&guest->dirty[(address + 7) % RAM / PAGE], 1, memory_order_release);
}

/* The line takes what it held when the FIFO is full or a line ends; until then it is the device's state. */
static void transmit(struct serial *serial, uint8_t octet) {
  serial->fifo[serial->held++] = octet;
  if (serial->held < FIFO && octet != '\n') return;
  for (uint64_t done = 0; done < serial->held;) {
    ssize_t count = write(STDOUT_FILENO, serial->fifo + done, serial->held - done);
    if (count > 0) done += (uint64_t)count;
  }
  serial->sent += serial->held;
  serial->held = 0;
}

static void step(struct guest *guest) {
  struct cpu *cpu = &guest->cpu;
  uint64_t *r = cpu->registers, word = load(guest, cpu->pc);
  unsigned a = word >> 8 & 15, b = word >> 16 & 15, c = word >> 24 & 15;
  uint64_t number = (uint64_t)(int64_t)(int32_t)(uint32_t)(word >> 32);
  cpu->pc += 8;
  cpu->retired++;
  switch (word & 255) {
  case LI: r[a] = number; break;
  case ADD: r[a] = r[b] + r[c]; break;
  case ADDI: r[a] = r[b] + number; break;
  case MUL: r[a] = r[b] * r[c]; break;
  case XOR: r[a] = r[b] ^ r[c]; break;
  case AND: r[a] = r[b] & r[c]; break;
  case SHR: r[a] = r[b] >> (number & 63); break;
  case LOAD: r[a] = load(guest, r[b] + number); break;
  case STORE: store(guest, r[b] + number, r[a]); break;
  case OUT: if (b == SERIAL_PORT) transmit(&guest->serial, (uint8_t)r[a]); break;
  case IN:
    r[a] = b == TIMER_PORT ? cpu->retired / guest->timer.period : 0;
    guest->timer.reads += b == TIMER_PORT;
    break;
  case BNE: if (r[a] != r[b]) cpu->pc += 8 * number; break;
  case BLT: if (r[a] < r[b]) cpu->pc += 8 * number; break;
  case JMP: cpu->pc += 8 * number; break;
  default: cpu->halted = 1;
  }
  r[0] = 0;
}

static void *interpret(void *argument) {
  struct guest *guest = argument;
  pthread_mutex_lock(&guest->lock);
  for (;;) {
    while (!atomic_load(&guest->wanted) || guest->cpu.halted) {
      guest->runs = false;
      pthread_cond_broadcast(&guest->changed);
      pthread_cond_wait(&guest->changed, &guest->lock);
    }
    guest->runs = true;
    pthread_mutex_unlock(&guest->lock);
    while (atomic_load(&guest->wanted) && !guest->cpu.halted)
      for (unsigned i = 0; i < SLICE && !guest->cpu.halted; i++) step(guest);
    pthread_mutex_lock(&guest->lock);
  }
  return NULL;
}

bool guest_new(struct guest *guest) {
  memset(guest, 0, sizeof *guest);
  guest->ram = calloc(RAM, 1);
  guest->timer.period = 1000;
  pthread_mutex_init(&guest->lock, NULL);
  pthread_cond_init(&guest->changed, NULL);
  if (guest->ram == NULL) return false;
  for (size_t i = 0; i < sizeof program / sizeof *program; i++) {
    const struct instruction *p = &program[i];
    uint64_t word = p->operation | (uint64_t)p->a << 8 | (uint64_t)p->b << 16 | (uint64_t)p->c << 24;
    store(guest, 8 * i, word | (uint64_t)(uint32_t)p->number << 32);
  }
  for (uint32_t i = 0; i < PAGES; i++) atomic_store(&guest->dirty[i], 1);
  return true;
}

void guest_run(struct guest *guest) {
  pthread_mutex_lock(&guest->lock);
  atomic_store(&guest->wanted, true);
  if (!guest->started) guest->started = pthread_create(&guest->thread, NULL, interpret, guest) == 0;
  guest->runs = guest->started;
  pthread_cond_broadcast(&guest->changed);
  pthread_mutex_unlock(&guest->lock);
}

void guest_pause(struct guest *guest) {
  pthread_mutex_lock(&guest->lock);
  atomic_store(&guest->wanted, false);
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

uint32_t guest_take_dirty(struct guest *guest, uint32_t from) {
  for (; from < PAGES; from++)
    if (atomic_exchange_explicit(&guest->dirty[from], 0, memory_order_acq_rel)) return from;
  return PAGES;
}

uint32_t guest_dirty_count(struct guest *guest) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < PAGES; i++) count += atomic_load_explicit(&guest->dirty[i], memory_order_relaxed);
  return count;
}
