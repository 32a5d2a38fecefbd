/* A processor of 16 registers that is interpreted: it runs everywhere. SPDX-License-Identifier: MIT */
#include "guest.h"
#include "program.h"
#include <stdlib.h>

enum { REGISTERS = 16, SLICE = 4096 };
enum operation { ILLEGAL, LI, ADD, ADDI, MUL, XOR, AND, SHR, LOAD, STORE, OUT, IN, BNE, BLT, JMP };
struct instruction { uint8_t operation, a, b, c; int32_t number; };

struct cpu {
  struct execution execution;
  uint64_t registers[REGISTERS];  /* the first one is 0 */
  uint64_t pc, retired;
};

static const struct mgs_field cpu_fields[] = {
  MGS_FIELD("halted", struct cpu, execution.halted, U64, MGS_RANGE(0, 1)),
  MGS_ARRAY(struct cpu, registers, U64),
  MGS_U64(struct cpu, pc),
  MGS_U64(struct cpu, retired, .unit = "instructions"),
};
static const struct mgs_layout cpu_layout = MGS_LAYOUT("cpu", struct cpu, cpu_fields);
static const struct mgs_section cpu_sections[] = {MGS_SECTION("state", cpu_layout)};
static const struct mgs_model cpu_model = MGS_MODEL("migstream.example/tiny/cpu", struct cpu, cpu_sections, .version = 1);

/* Branches count instructions from the next one. */
static const struct instruction program[] = {
  {LI, 1, 0, 0, 0}, {LI, 2, 0, 0, SUMMAND}, {LI, 4, 0, 0, FACTOR}, {LI, 8, 0, 0, WORKING_SET - 8}, {LI, 15, 0, 0, LINES},
  {LI, 5, 0, 0, DATA_START}, {LI, 6, 0, 0, RAM - 8},
  {STORE, 5, 5, 0, 0}, {ADDI, 5, 5, 0, 512}, {BLT, 5, 6, 0, -3},
  /* 10: the changes for a line */
  {LI, 7, 0, 0, ROUNDS},
  {MUL, 2, 2, 4, 0}, {ADDI, 2, 2, 0, SUMMAND}, {SHR, 5, 2, 0, 13}, {AND, 5, 5, 8, 0}, {LOAD, 6, 5, 0, DATA_START},
  {ADD, 6, 6, 2, 0}, {XOR, 3, 3, 6, 0}, {STORE, 6, 5, 0, DATA_START}, {ADDI, 7, 7, 0, -1}, {BNE, 7, 0, 0, -10},
  {IN, 9, TIMER, 0, 0}, {XOR, 3, 3, 9, 0}, {ADDI, 1, 1, 0, 1},
  /* 24: 16 hexadecimal digits of register 3, the number of the line before them */
  {ADD, 10, 1, 0, 0}, {LI, 14, 0, 0, 2},
  {LI, 11, 0, 0, 16}, {LI, 12, 0, 0, 15},
  {SHR, 13, 10, 0, 60}, {LI, 9, 0, 0, 10}, {BLT, 13, 9, 0, 1}, {ADDI, 13, 13, 0, 39}, {ADDI, 13, 13, 0, 48},
  {OUT, 13, SERIAL, 0, 0}, {LI, 9, 0, 0, 16}, {MUL, 10, 10, 9, 0}, {ADDI, 11, 11, 0, -1}, {BNE, 11, 0, 0, -10},
  {ADD, 10, 3, 0, 0}, {ADDI, 14, 14, 0, -1}, {LI, 13, 0, 0, 32}, {BNE, 14, 0, 0, 1}, {LI, 13, 0, 0, 10},
  {OUT, 13, SERIAL, 0, 0}, {BNE, 14, 0, 0, -19},
  {BLT, 1, 15, 0, -36}, {OUT, 0, POWER, 0, 0}};

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

static void step(struct guest *guest, struct cpu *cpu) {
  uint64_t *r = cpu->registers, word = load(guest, cpu->pc);
  unsigned a = word >> 8 & 15, b = word >> 16 & 15, c = word >> 24 & 15;
  uint64_t number = (uint64_t)(int64_t)(int32_t)(uint32_t)(word >> 32);
  r[0] = 0;
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
  case OUT: guest_out(guest, b, (uint8_t)r[a]); break;
  case IN: r[a] = guest_in(guest, b); break;
  case BNE: if (r[a] != r[b]) cpu->pc += 8 * number; break;
  case BLT: if (r[a] < r[b]) cpu->pc += 8 * number; break;
  case JMP: cpu->pc += 8 * number; break;
  default: cpu->execution.halted = 1;
  }
}

static void run(struct guest *guest) {
  struct cpu *cpu = (struct cpu *)guest->state;
  while (atomic_load(&guest->wanted) && !cpu->execution.halted)
    for (unsigned i = 0; i < SLICE && !cpu->execution.halted; i++) step(guest, cpu);
}

static const char *open_interpreter(struct guest *guest) {
  struct cpu *cpu = calloc(1, sizeof *cpu);
  if (cpu == NULL) return "no memory";
  guest->state = &cpu->execution;
  for (size_t i = 0; i < sizeof program / sizeof *program; i++) {
    const struct instruction *p = &program[i];
    uint64_t word = p->operation | (uint64_t)p->a << 8 | (uint64_t)p->b << 16 | (uint64_t)p->c << 24;
    store(guest, 8 * i, word | (uint64_t)(uint32_t)p->number << 32);
  }
  return NULL;
}

const struct processor interpreter = {
  .name = "interpreted", .architecture = "tiny", .model = &cpu_model, .open = open_interpreter, .run = run};
