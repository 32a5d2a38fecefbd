/* tinyvmm: a small virtual machine that moves to another process while it runs. SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "machine.h"
#include "reverse.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PASSES_MAX = 8, PAGES_FOR_STOP = 64, WAIT = 50 };
enum { DONE = 0, FAILED = 1, USAGE = 2, LIMBO = 3 };

static struct vmm vmm;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int complain(const char *what, const mgs_error *error) {
  char text[300] = "";
  if (error != NULL) mgs_error_text(error, text, sizeof text);
  fprintf(stderr, "tinyvmm: %s%s%s\n", what, error != NULL ? ": " : "", text);
  return FAILED;
}

/* Listens and takes one caller, or calls, for up to ten seconds. */
static int open_socket(const char *path, bool listens) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  int end = socket(AF_UNIX, SOCK_STREAM, 0);
  if (end < 0) return -1;
  if (listens) {
    unlink(path);
    if (bind(end, (struct sockaddr *)&address, sizeof address) != 0 || listen(end, 1) != 0) return -1;
    int peer = accept(end, NULL, NULL);
    close(end);
    return peer;
  }
  for (int i = 0; i < 200; i++) {
    if (connect(end, (struct sockaddr *)&address, sizeof address) == 0) return end;
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
  }
  return -1;
}

/* ======   The source   ====== */

/* All of a gather list; a peer that is gone is an error, not a signal. */
static int send_pieces(void *context, const mgs_octets *pieces, size_t num_pieces) {
  const int *end = context;
  for (size_t i = 0; i < num_pieces; i++) {
    const char *octets = pieces[i].octets;
    for (size_t left = pieces[i].size; left != 0;) {
      ssize_t count = send(*end, octets, left, MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return errno != 0 ? errno : EPIPE;
      octets += count;
      left -= (size_t)count;
    }
  }
  return 0;
}

/* Whether the destination has said something before it was asked. */
static bool has_spoken(int end) { return poll(&(struct pollfd){.fd = end, .events = POLLIN}, 1, 0) > 0; }

/* Sends passes while the guest runs, stops it, sends the rest. 1 when END was written, or may have been. */
static int send_machine(struct reverse *reverse, double *stopped, mgs_error *error) {
  mgs_stream_options options = {.size = sizeof options, .flags = MGS_PASSES};
  if (getrandom(options.uuid, sizeof options.uuid, 0) != sizeof options.uuid) return 0;
  memcpy(reverse->uuid, options.uuid, sizeof options.uuid);
  int status = mgs_save_open(vmm.machine, &options, send_pieces, &reverse->socket, error), passes = 0;
  while (status >= 0 && (status = mgs_save_step(vmm.machine, error)) >= 0) {
    if (*stopped != 0 && status == MGS_STEP_DONE) break;
    if (*stopped != 0) continue;
    if (has_spoken(reverse->socket) && !reverse->opened && reverse_receive(reverse, error) != REVERSE_COMPATIBLE) {
      mgs_save_cancel(vmm.machine, 5, NULL);
      return 0;
    }
    if (status == MGS_STEP_MORE) continue;
    if (++passes == PASSES_MAX || guest_dirty_count(&vmm.guest) <= PAGES_FOR_STOP) {
      *stopped = now();
      status = mgs_save_stop(vmm.machine, error);
    }
  }
  if (status < 0) return 0;
  mgs_save_finish(vmm.machine, error);
  return 1;
}

/* The guest goes on here: the destination never had it, or has said that it will not run it. */
static int go_on(const char *why, const mgs_error *error) {
  complain(why, error);
  guest_run(&vmm.guest);
  while (!guest_wait(&vmm.guest, 1000)) {}
  return FAILED;
}

static int run_and_send(const char *path, int milliseconds) {
  mgs_error error = {0};
  guest_run(&vmm.guest);
  if (guest_wait(&vmm.guest, milliseconds) || path == NULL) {
    while (!guest_wait(&vmm.guest, 1000)) {}
    return DONE;
  }
  struct reverse reverse = {.socket = open_socket(path, false)};
  if (reverse.socket < 0) return go_on("nobody listens; the guest stays", NULL);
  double began = now(), stopped = 0;
  if (!send_machine(&reverse, &stopped, &error)) return go_on("the guest stays", error.code != 0 ? &error : NULL);
  unsigned said = reverse.opened ? 0 : reverse_receive(&reverse, &error);
  if (said == 0 || said == REVERSE_COMPATIBLE) said = reverse_receive(&reverse, &error);
  if (said == REVERSE_RESUMED && mgs_save_hand_over(vmm.machine, NULL) >= 0) {
    fprintf(stderr, "tinyvmm: handed over after %.1f ms; the guest stood still for %.1f ms; %llu pages sent, %u there are\n",
            now() - began, now() - stopped, (unsigned long long)vmm.pages_sent, (unsigned)PAGES);
    return DONE;
  }
  if (said == REVERSE_REFUSED && mgs_save_resume_here(vmm.machine, 1, NULL) >= 0) return go_on("refused; the guest stays", &error);
  complain("in limbo: END was sent and the destination has not said what became of the guest; it does not run here", NULL);
  return LIMBO;
}

/* ======   The destination   ====== */

static int64_t read_socket(void *context, void *memory, size_t size) {
  const int *end = context;
  ssize_t count;
  do count = read(*end, memory, size);
  while (count < 0 && errno == EINTR);
  return count > 0 ? count : -1;
}

/* Reads the stream, memory straight to where it belongs. 0 when END has come. */
static int receive_machine(struct reverse *reverse, uint64_t session, mgs_error *error) {
  static uint8_t buffer[1 << 16];
  mgs_machine_status state = {.size = sizeof state};
  bool told = false;
  for (;;) {
    size_t count = 0;
    int status = mgs_resume_fill(vmm.machine, session, 1 << 20, read_socket, &reverse->socket, &count, error);
    if (status < 0) return status;
    mgs_machine_status_get(vmm.machine, &state);
    if (state.session == MGS_SESSION_COMPLETE) return 0;
    if (status == 0) {
      int64_t there = read_socket(&reverse->socket, buffer, state.wanted < sizeof buffer ? state.wanted : sizeof buffer);
      if (there < 0) return mgs_resume_finish(vmm.machine, session, 0, error);  /* refuses: the stream is not whole */
      status = mgs_resume_write(vmm.machine, session, buffer, (size_t)there, NULL, error);
      if (status < 0) return status;
      mgs_machine_status_get(vmm.machine, &state);
    }
    if (!told && state.verdict == MGS_VERDICT_COMPATIBLE) {
      memcpy(reverse->uuid, state.uuid, sizeof state.uuid);
      told = reverse_send(reverse, REVERSE_COMPATIBLE, NULL);
    }
    if (state.session == MGS_SESSION_COMPLETE) return 0;
  }
}

static int receive_and_run(const char *path) {
  mgs_error error = {0};
  mgs_machine_status state = {.size = sizeof state};
  uint64_t session = 0;
  struct reverse reverse = {.socket = open_socket(path, true)};
  if (reverse.socket < 0) return complain("cannot listen", NULL);
  int status = mgs_machine_request(vmm.machine, MGS_STATE_RESUMING, &session, &error);
  if (status >= 0) status = receive_machine(&reverse, session, &error);
  if (status >= 0) status = mgs_resume_finish(vmm.machine, session, 0, &error);
  if (status < 0) {
    mgs_machine_status_get(vmm.machine, &state);
    memcpy(reverse.uuid, state.uuid, sizeof state.uuid);
    if (state.offset >= 64) reverse_send(&reverse, REVERSE_REFUSED, &error);
    return complain("the stream is refused; the guest does not run here", &error);
  }
  /* The source may start again only when it is told that nobody else runs the guest: whatever becomes of this record. */
  reverse_send(&reverse, REVERSE_RESUMED, NULL);
  if (mgs_machine_request(vmm.machine, MGS_STATE_RUNNING, NULL, &error) < 0) return complain("cannot run", &error);
  while (!guest_wait(&vmm.guest, 1000)) {}
  return DONE;
}

int main(int argc, char **argv) {
  mgs_error error = {0};
  if (argc < 2 || !guest_new(&vmm.guest) || vmm_new(&vmm, &error) < 0) {
    if (error.code != 0) return complain("cannot make the machine", &error);
    fputs("usage: tinyvmm run                       the guest from its start to its end\n"
          "       tinyvmm send SOCKET MILLISECONDS  the same, but after so long it moves to who listens at SOCKET\n"
          "       tinyvmm receive SOCKET            waits for a guest, and goes on with it\n", stderr);
    return USAGE;
  }
  if (strcmp(argv[1], "run") == 0) return run_and_send(NULL, 0);
  if (strcmp(argv[1], "receive") == 0 && argc == 3) return receive_and_run(argv[2]);
  if (strcmp(argv[1], "send") == 0 && argc == 4) return run_and_send(argv[2], atoi(argv[3]));
  return USAGE;
}
