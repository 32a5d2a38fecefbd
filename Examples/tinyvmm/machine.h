/* The guest as a machine that migrates. SPDX-License-Identifier: MIT */
#ifndef TINYVMM_MACHINE_H
#define TINYVMM_MACHINE_H

#include "guest.h"

struct vmm {
  struct guest guest;
  mgs_machine *machine;
  uint32_t next_page;             /* from where the pass that is being sent goes on */
  uint64_t pages_sent;
};

int vmm_new(struct vmm *vmm, mgs_log log, mgs_error *error);

#endif
