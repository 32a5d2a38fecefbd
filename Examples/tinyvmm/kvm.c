/* A virtual processor of the host, through /dev/kvm: registers, log of dirty pages, device registers. 64-bit x86 only.
 *
 * What travels is what the guest can see of it. The program uses no floating point, no interrupt controller (there is
 * none) and no model-specific register but EFER, which is one of the system registers: XSAVE, XCR0, LAPIC and other MSRs
 * stay as the host makes them.
 *
 * The program is unprivileged and reaches its devices by loads and stores: hosts that are virtual themselves may execute
 * nothing else at full speed, and interpret what is privileged, ports among it. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "guest.h"
#include "program.h"

#if defined(__linux__) && defined(__x86_64__)
#include "vcpu.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* ======   State   ====== */

struct host {
  int vm, vcpu;
  struct kvm_run *run;
  struct vcpu state;
};

static bool fetch(struct host *host) {
  struct vcpu *state = &host->state;
  return ioctl(host->vcpu, KVM_GET_REGS, &state->registers) == 0 && ioctl(host->vcpu, KVM_GET_SREGS, &state->system) == 0
    && ioctl(host->vcpu, KVM_GET_VCPU_EVENTS, &state->events) == 0
    && ioctl(host->vcpu, KVM_GET_DEBUGREGS, &state->debug) == 0 && ioctl(host->vcpu, KVM_GET_MP_STATE, &state->mp) == 0;
}

/* System registers first: what others may be depends on the mode. */
static bool load(struct guest *guest) {
  struct host *host = guest->host;
  struct vcpu *state = &host->state;
  return ioctl(host->vcpu, KVM_SET_SREGS, &state->system) == 0 && ioctl(host->vcpu, KVM_SET_REGS, &state->registers) == 0
    && ioctl(host->vcpu, KVM_SET_DEBUGREGS, &state->debug) == 0 && ioctl(host->vcpu, KVM_SET_MP_STATE, &state->mp) == 0
    && ioctl(host->vcpu, KVM_SET_VCPU_EVENTS, &state->events) == 0;
}

/* ======   The program   ====== */

#define TEXT_(text) #text
#define TEXT(text) TEXT_(text)

/* At address 0; devices behind the memory, at 16 MiB. rbx the number of the line, r12 the random number, r13 the sum. */
extern const uint8_t kvm_program[], kvm_program_end[];
__asm__(
  ".pushsection .rodata\n"
  ".globl kvm_program, kvm_program_end\n"
  "kvm_program:\n"
  "  xorl %ebx, %ebx\n"
  "  xorl %r13d, %r13d\n"
  "  movl $" TEXT(SUMMAND) ", %r12d\n"
  "  movl $" TEXT(DATA_START) ", %esi\n"
  "1: movq %rsi, (%rsi)\n"
  "  addq $512, %rsi\n"
  "  cmpq $((16 << 20) - 8), %rsi\n"
  "  jb 1b\n"
  "2: movl $" TEXT(ROUNDS) ", %edi\n"
  "3: imulq $" TEXT(FACTOR) ", %r12, %r12\n"
  "  addq $" TEXT(SUMMAND) ", %r12\n"
  "  movq %r12, %rsi\n"
  "  shrq $13, %rsi\n"
  "  andl $(" TEXT(WORKING_SET) " - 8), %esi\n"
  "  movq " TEXT(DATA_START) "(%rsi), %rax\n"
  "  addq %r12, %rax\n"
  "  xorq %rax, %r13\n"
  "  movq %rax, " TEXT(DATA_START) "(%rsi)\n"
  "  decl %edi\n"
  "  jnz 3b\n"
  "  movl (16 << 20) + 8, %eax\n"       /* TIMER */
  "  xorq %rax, %r13\n"
  "  incq %rbx\n"
  "  movq %rbx, %rsi\n"                 /* 16 digits of the line's number, a space, 16 of the sum, a line feed */
  "  movl $32, %edx\n"
  "4: movl $16, %ecx\n"
  "5: rolq $4, %rsi\n"
  "  movl %esi, %eax\n"
  "  andl $15, %eax\n"
  "  cmpl $10, %eax\n"
  "  jb 6f\n"
  "  addl $39, %eax\n"
  "6: addl $48, %eax\n"
  "  movb %al, 16 << 20\n"              /* SERIAL */
  "  decl %ecx\n"
  "  jnz 5b\n"
  "  movl %edx, %eax\n"
  "  movb %al, 16 << 20\n"
  "  movq %r13, %rsi\n"
  "  subl $22, %edx\n"                  /* 32 is a space, 10 a line feed */
  "  cmpl $10, %edx\n"
  "  je 4b\n"
  "  cmpq $" TEXT(LINES) ", %rbx\n"
  "  jb 2b\n"
  "  movb %al, (16 << 20) + 16\n"       /* POWER */
  "7: jmp 7b\n"
  "kvm_program_end:\n"
  ".popsection\n");

enum { LEVEL4 = 0x1000, LEVEL3 = 0x2000, LEVEL2 = 0x3000, HUGE_PAGE = 2 << 20 };
enum { PRESENT = 1, WRITABLE = 2, USER = 4, ACCESSED = 32, DIRTY = 64, HUGE = 128 };

static void map(struct guest *guest, uint32_t table, unsigned entry, uint64_t value) {
  const uint64_t flagged = value | PRESENT | WRITABLE | USER | ACCESSED;
  memcpy(guest->ram + table + 8 * entry, &flagged, 8);
}

/* 64-bit mode from the first instruction on; every address, those of the devices too, is that of the page it means. */
static void power_on(struct guest *guest, struct vcpu *state) {
  const struct kvm_segment code = {.limit = UINT32_MAX, .selector = 8 | 3, .type = 11, .present = 1, .dpl = 3, .s = 1, .l = 1, .g = 1};
  const struct kvm_segment data = {.limit = UINT32_MAX, .selector = 16 | 3, .type = 3, .present = 1, .dpl = 3, .s = 1, .db = 1, .g = 1};
  memcpy(guest->ram, kvm_program, (size_t)(kvm_program_end - kvm_program));
  map(guest, LEVEL4, 0, LEVEL3);
  map(guest, LEVEL3, 0, LEVEL2);
  for (unsigned i = 0; i <= RAM / HUGE_PAGE; i++) map(guest, LEVEL2, i, (uint64_t)i * HUGE_PAGE | HUGE | DIRTY);
  state->system.cs = code;
  state->system.ds = state->system.es = state->system.fs = state->system.gs = state->system.ss = data;
  state->system.cr3 = LEVEL4;
  state->system.cr4 = 1 << 5;                /* PAE */
  state->system.cr0 = 1u << 31 | 1 << 16 | 1;  /* paging, write protection, protected mode */
  state->system.efer = 1 << 10 | 1 << 8;     /* long mode, active and enabled */
  memset(&state->registers, 0, sizeof state->registers);
  state->registers.rflags = 2;
}

/* ======   Execution   ====== */

/* As a host that fails: the guest is gone. */
static void fail(const char *what) {
  fprintf(stderr, "tinyvmm: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void access_device(struct guest *guest, struct kvm_run *run) {
  const unsigned address = (unsigned)(run->mmio.phys_addr - RAM);
  if (run->mmio.is_write) {
    guest_out(guest, address, run->mmio.data[0]);
  } else {
    const uint64_t value = guest_in(guest, address);
    memcpy(run->mmio.data, &value, run->mmio.len);
  }
  if (guest->state->halted) run->immediate_exit = 1;
}

/* An access to a device is completed when the processor is entered again. So this is left only by an entry that executes
 * nothing (immediate_exit): the registers are then those between two instructions. */
static void run(struct guest *guest) {
  struct host *host = guest->host;
  for (;;) {
    if (ioctl(host->vcpu, KVM_RUN, 0) != 0) {
      if (errno != EINTR) fail("the processor cannot be entered");
      if (!atomic_load(&guest->wanted) || guest->state->halted) break;
    } else if (host->run->exit_reason == KVM_EXIT_MMIO) {
      access_device(guest, host->run);
    } else {
      fprintf(stderr, "tinyvmm: exit %u of the processor\n", host->run->exit_reason);
      exit(1);
    }
  }
  if (!fetch(host)) fail("the processor's state cannot be read");
}

/* The flag keeps the processor from being entered, the signal gets it out. The lock orders them with the thread that
 * takes the flag back. */
static void leave(struct guest *guest, bool now) {
  struct host *host = guest->host;
  host->run->immediate_exit = now;
  if (now) pthread_kill(guest->thread, SIGUSR1);
}

static void nothing(int signal) { (void)signal; }

static void collect(struct guest *guest) {
  const struct host *host = guest->host;
  uint64_t bits[PAGES / 64] = {0};
  struct kvm_dirty_log log = {.slot = 0, .dirty_bitmap = bits};
  if (ioctl(host->vm, KVM_GET_DIRTY_LOG, &log) != 0) fail("there is no log of dirty pages");
  for (uint32_t i = 0; i < PAGES; i++)
    if (bits[i / 64] >> i % 64 & 1) atomic_store(&guest->dirty[i], 1);
}

/* ======   Whether there is one   ====== */

static const char *open_host(struct guest *guest, struct host *host) {
  const struct kvm_userspace_memory_region ram = {
    .flags = KVM_MEM_LOG_DIRTY_PAGES, .memory_size = RAM, .userspace_addr = (uintptr_t)guest->ram};
  const struct sigaction action = {.sa_handler = nothing};
  int device = open("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (device < 0) return "/dev/kvm cannot be opened";
  if (ioctl(device, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) return "another version of KVM's interface";
  if (ioctl(device, KVM_CHECK_EXTENSION, KVM_CAP_IMMEDIATE_EXIT) <= 0) return "KVM is too old";
  if ((host->vm = ioctl(device, KVM_CREATE_VM, 0)) < 0) return "KVM makes no virtual machine";
  if (ioctl(host->vm, KVM_SET_USER_MEMORY_REGION, &ram) != 0) return "KVM takes no memory";
  if ((host->vcpu = ioctl(host->vm, KVM_CREATE_VCPU, 0)) < 0) return "KVM makes no processor";
  const int size = ioctl(device, KVM_GET_VCPU_MMAP_SIZE, 0);
  host->run = size < 0 ? MAP_FAILED : mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, host->vcpu, 0);
  if (host->run == MAP_FAILED) return "KVM's page of the processor cannot be mapped";
  close(device);
  sigaction(SIGUSR1, &action, NULL);
  return fetch(host) ? NULL : "KVM does not tell the processor's state";
}

static const char *open_kvm(struct guest *guest) {
  struct host *host = calloc(1, sizeof *host);
  if (host == NULL) return "no memory";
  const char *problem = open_host(guest, host);
  if (problem != NULL) return problem;
  guest->host = host;
  guest->state = &host->state.execution;
  power_on(guest, &host->state);
  return load(guest) ? NULL : "KVM does not take the processor's state";
}

const struct processor kvm = {.name = "kvm", .architecture = "x86_64", .model = &vcpu_model, .open = open_kvm, .run = run,
  .leave = leave, .load = load, .collect = collect};

#else

static const char *open_kvm(struct guest *guest) {
  (void)guest;
  return "not made for this host";
}

const struct processor kvm = {.name = "kvm", .open = open_kvm};
#endif
