/* What the destination tells the source (Specs/resume-path.md section 9), on the same socket. SPDX-License-Identifier: MIT */
#ifndef TINYVMM_REVERSE_H
#define TINYVMM_REVERSE_H

#include <migstream.h>
#include <stdbool.h>

enum reverse_kind { REVERSE_COMPATIBLE = 0x40, REVERSE_REFUSED, REVERSE_INITIAL_LOADED, REVERSE_RESUMED };

struct reverse {
  int socket;
  uint8_t uuid[16];
  uint64_t sequence;
  bool opened;  /* the hello was sent, or read */
};

/* `why` of REVERSE_REFUSED only. False when the socket does not take it. */
bool reverse_send(struct reverse *reverse, enum reverse_kind kind, const mgs_error *why);
/* The next record, waiting for it: its kind, and what a refusal says. 0: the other side is gone, or talks nonsense. */
unsigned reverse_receive(struct reverse *reverse, mgs_error *why);

#endif
