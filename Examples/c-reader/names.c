/* Names of codes, stages and kinds. SPDX-License-Identifier: MIT */
#include "reader.h"

#define NAME(name, number) [number] = #name,
#define NAMES(function, list) \
  const char *function(unsigned number) { \
    static const char *const names[] = {list(NAME)}; \
    return number < sizeof names / sizeof *names && names[number] ? names[number] : "unknown"; \
  }
NAMES(ms_code_name, MS_CODES)
NAMES(ms_stage_name, MS_STAGES)
NAMES(ms_kind_name, MS_KINDS)
