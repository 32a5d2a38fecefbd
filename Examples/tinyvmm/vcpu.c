/* The kernel's structs as tables: what the guest can see. Members that are not named here stay as the host made them.
 * SPDX-License-Identifier: MIT */
#include "guest.h"

#if defined(__linux__) && defined(__x86_64__)
#include "vcpu.h"

#define SEGMENT_ENTRY(name) MGS_STRUCT(struct kvm_sregs, name, segment_layout)
#define REGISTER_ENTRY(name) MGS_U64(struct kvm_regs, name)

static const struct mgs_field execution_fields[] = {MGS_U64(struct execution, halted, MGS_RANGE(0, 1))};
static const struct mgs_layout execution_layout = MGS_LAYOUT("execution", struct execution, execution_fields);

static const struct mgs_field register_fields[] = {
  REGISTER_ENTRY(rax), REGISTER_ENTRY(rbx), REGISTER_ENTRY(rcx), REGISTER_ENTRY(rdx), REGISTER_ENTRY(rsi), REGISTER_ENTRY(rdi),
  REGISTER_ENTRY(rsp), REGISTER_ENTRY(rbp), REGISTER_ENTRY(r8), REGISTER_ENTRY(r9), REGISTER_ENTRY(r10), REGISTER_ENTRY(r11),
  REGISTER_ENTRY(r12), REGISTER_ENTRY(r13), REGISTER_ENTRY(r14), REGISTER_ENTRY(r15), REGISTER_ENTRY(rip), REGISTER_ENTRY(rflags),
};
static const struct mgs_layout register_layout = MGS_LAYOUT("registers", struct kvm_regs, register_fields);

static const struct mgs_field segment_fields[] = {
  MGS_U64(struct kvm_segment, base), MGS_U32(struct kvm_segment, limit), MGS_U16(struct kvm_segment, selector),
  MGS_U8(struct kvm_segment, type, MGS_RANGE(0, 15)), MGS_U8(struct kvm_segment, present, MGS_RANGE(0, 1)),
  MGS_U8(struct kvm_segment, dpl, MGS_RANGE(0, 3)), MGS_U8(struct kvm_segment, db, MGS_RANGE(0, 1)),
  MGS_U8(struct kvm_segment, s, MGS_RANGE(0, 1)), MGS_U8(struct kvm_segment, l, MGS_RANGE(0, 1)),
  MGS_U8(struct kvm_segment, g, MGS_RANGE(0, 1)), MGS_U8(struct kvm_segment, avl, MGS_RANGE(0, 1)),
  MGS_U8(struct kvm_segment, unusable, MGS_RANGE(0, 1)),
};
static const struct mgs_layout segment_layout = MGS_LAYOUT("segment", struct kvm_segment, segment_fields);

static const struct mgs_field table_fields[] = {MGS_U64(struct kvm_dtable, base), MGS_U16(struct kvm_dtable, limit)};
static const struct mgs_layout table_layout = MGS_LAYOUT("descriptor table", struct kvm_dtable, table_fields);

static const struct mgs_field system_fields[] = {
  SEGMENT_ENTRY(cs), SEGMENT_ENTRY(ds), SEGMENT_ENTRY(es), SEGMENT_ENTRY(fs), SEGMENT_ENTRY(gs), SEGMENT_ENTRY(ss),
  SEGMENT_ENTRY(tr), SEGMENT_ENTRY(ldt),
  MGS_STRUCT(struct kvm_sregs, gdt, table_layout), MGS_STRUCT(struct kvm_sregs, idt, table_layout),
  MGS_U64(struct kvm_sregs, cr0), MGS_U64(struct kvm_sregs, cr2), MGS_U64(struct kvm_sregs, cr3),
  MGS_U64(struct kvm_sregs, cr4), MGS_U64(struct kvm_sregs, cr8), MGS_U64(struct kvm_sregs, efer),
  MGS_U64(struct kvm_sregs, apic_base), MGS_ARRAY(struct kvm_sregs, interrupt_bitmap, U64),
};
static const struct mgs_layout system_layout = MGS_LAYOUT("system registers", struct kvm_sregs, system_fields);

static const struct mgs_field event_fields[] = {
  MGS_FIELD("exception_injected", struct kvm_vcpu_events, exception.injected, U8),
  MGS_FIELD("exception_number", struct kvm_vcpu_events, exception.nr, U8),
  MGS_FIELD("exception_has_code", struct kvm_vcpu_events, exception.has_error_code, U8),
  MGS_FIELD("exception_code", struct kvm_vcpu_events, exception.error_code, U32),
  MGS_FIELD("interrupt_injected", struct kvm_vcpu_events, interrupt.injected, U8),
  MGS_FIELD("interrupt_number", struct kvm_vcpu_events, interrupt.nr, U8),
  MGS_FIELD("interrupt_soft", struct kvm_vcpu_events, interrupt.soft, U8),
  MGS_FIELD("interrupt_shadow", struct kvm_vcpu_events, interrupt.shadow, U8),
  MGS_FIELD("nmi_injected", struct kvm_vcpu_events, nmi.injected, U8),
  MGS_FIELD("nmi_pending", struct kvm_vcpu_events, nmi.pending, U8),
  MGS_FIELD("nmi_masked", struct kvm_vcpu_events, nmi.masked, U8),
};
static const struct mgs_layout event_layout = MGS_LAYOUT("events", struct kvm_vcpu_events, event_fields);

static const struct mgs_field debug_fields[] = {
  MGS_ARRAY(struct kvm_debugregs, db, U64), MGS_U64(struct kvm_debugregs, dr6), MGS_U64(struct kvm_debugregs, dr7),
};
static const struct mgs_layout debug_layout = MGS_LAYOUT("debug registers", struct kvm_debugregs, debug_fields);

static const struct mgs_field mp_fields[] = {MGS_U32(struct kvm_mp_state, mp_state)};
static const struct mgs_layout mp_layout = MGS_LAYOUT("multiprocessing", struct kvm_mp_state, mp_fields);

static const struct mgs_section vcpu_sections[] = {
  MGS_SECTION_MEMBER("execution", struct vcpu, execution, execution_layout),
  MGS_SECTION_MEMBER("registers", struct vcpu, registers, register_layout),
  MGS_SECTION_MEMBER("system", struct vcpu, system, system_layout),
  MGS_SECTION_MEMBER("events", struct vcpu, events, event_layout),
  MGS_SECTION_MEMBER("debug", struct vcpu, debug, debug_layout),
  MGS_SECTION_MEMBER("multiprocessing", struct vcpu, mp, mp_layout),
};
const struct mgs_model vcpu_model = MGS_MODEL("migstream.example/tiny/x86-64", struct vcpu, vcpu_sections, .version = 1);

#endif
