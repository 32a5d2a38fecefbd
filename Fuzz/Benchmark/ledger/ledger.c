/* The ledger of the planted-bug benchmark: in which execution the faulty code of the chosen bug first ran, and in which it
   first took effect. The environment variable MIGSTREAM_PLANTED chooses; without it no bug is planted. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int32_t chosen = -1;
static uint64_t executions;
static bool is_reached;
static bool is_triggered;

/* An input is about to be run. */
void planted_bug_execution(void);
void planted_bug_execution(void) {
  if (executions == 0) {
    const char *text = getenv("MIGSTREAM_PLANTED");
    if (text) chosen = (int32_t)strtol(text, NULL, 10);
  }
  executions += 1;
}

bool planted_bug_is_chosen(int32_t number);
bool planted_bug_is_chosen(int32_t number) { return number == chosen; }

bool planted_bug_note(int32_t number, bool is_wrong);
bool planted_bug_note(int32_t number, bool is_wrong) {
  if (number != chosen) return false;
  /* What comes after the first effect says nothing: the state is undefined from there on. */
  if (!is_reached) {
    is_reached = true;
    fprintf(stderr, "planted bug %d: reached in execution %llu\n", (int)number, (unsigned long long)executions);
  }
  if (is_wrong && !is_triggered) {
    is_triggered = true;
    fprintf(stderr, "planted bug %d: triggered in execution %llu\n", (int)number, (unsigned long long)executions);
  }
  return is_wrong;
}
