/* What travels of a processor of KVM's. SPDX-License-Identifier: MIT */
#ifndef TINYVMM_VCPU_H
#define TINYVMM_VCPU_H

#include "guest.h"
#include <linux/kvm.h>

struct vcpu {
  struct execution execution;
  struct kvm_regs registers;
  struct kvm_sregs system;
  struct kvm_vcpu_events events;
  struct kvm_debugregs debug;
  struct kvm_mp_state mp;
};

extern const struct mgs_model vcpu_model;

#endif
