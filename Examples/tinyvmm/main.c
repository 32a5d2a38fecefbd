/* tinyvmm: a small virtual machine that moves to another process while it runs. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "machine.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PASSES_MAX = 8, PAGES_FOR_STOP = 64 };
enum { DONE = 0, FAILED = 1, USAGE = 2, LIMBO = 3 };

static struct vmm vmm;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int complain(const char *what, const mgs_error *error) {
  char text[300] = "";
  if (error != NULL && error->code != 0) mgs_error_text(error, text, sizeof text);
  fprintf(stderr, "tinyvmm: %s%s%s\n", what, text[0] != 0 ? ": " : "", text);
  return FAILED;
}

static void log_line(void *context, uint32_t level, const mgs_error *what, const char *text) {
  (void)context, (void)what;
  fprintf(stderr, "tinyvmm: %s%s\n", level == MGS_LOG_ERROR ? "refused: " : "", text);
}

/* For the check: the process is killed at the moment that it names. */
static void moment(const char *name) {
  const char *chosen = getenv("TINYVMM_KILL");
  if (chosen != NULL && strcmp(chosen, name) == 0) raise(SIGKILL);
}

/* ======   The socket   ====== */

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

static int64_t read_socket(void *context, void *memory, size_t size) {
  const int *end = context;
  ssize_t count;
  do count = read(*end, memory, size);
  while (count < 0 && errno == EINTR);
  return count > 0 ? count : -1;
}

/* ======   The source   ====== */

/* What the destination has said by now, or after a wait; negative: it is gone, or says what nobody says. */
static int hear(int end, bool waits, mgs_error *refusal, mgs_error *error) {
  static int word = MGS_WORD_NONE;
  uint8_t octets[256];
  if (word < 0 || (!waits && poll(&(struct pollfd){.fd = end, .events = POLLIN}, 1, 0) <= 0)) return word;
  const int64_t count = read_socket(&end, octets, sizeof octets);
  return word = mgs_save_hear(vmm.machine, octets, count < 0 ? 0 : (size_t)count, refusal, error);
}

/* Sends passes while the guest runs, stops it, and sends the rest with END: from there on, whatever the result, only the
 * destination or an operator can say who runs it. */
static int send_machine(int end, double *stopped, mgs_error *refusal, mgs_error *error) {
  mgs_stream_options options = {.size = sizeof options, .flags = MGS_PASSES | MGS_ANSWERED};
  if (getrandom(options.uuid, sizeof options.uuid, 0) != sizeof options.uuid) return FAILED;
  int status = mgs_save_open(vmm.machine, &options, send_pieces, &end, error), word = MGS_WORD_NONE, passes = 0;
  moment("opened");
  if (status >= 0) status = word = hear(end, true, refusal, error);
  moment("it fits");
  while (status >= 0 && word == MGS_WORD_FITS) {
    status = mgs_save_step(vmm.machine, error);
    if (status == MGS_STEP_DONE && *stopped != 0) break;
    if (status >= 0) word = hear(end, false, refusal, error);
    if (status < 0 || status == MGS_STEP_MORE || *stopped != 0 || word != MGS_WORD_FITS) continue;
    if (++passes < PASSES_MAX && guest_dirty_count(&vmm.guest) > PAGES_FOR_STOP) continue;
    moment("before stop");
    *stopped = now();
    status = mgs_save_stop(vmm.machine, error);
    moment("stopped");
  }
  moment("before END");
  if (status >= 0 && word == MGS_WORD_FITS) mgs_save_finish(vmm.machine, error);
  moment("END");
  while (word == MGS_WORD_FITS) word = hear(end, true, refusal, error);
  moment("verdict");
  return word;
}

static int go_on(const char *why, const mgs_error *error) {
  complain(why, error);
  while (!guest_wait(&vmm.guest, 1000)) {}
  return FAILED;
}

static int run_and_send(const char *path, int milliseconds) {
  mgs_error error = {0}, refusal = {0};
  mgs_machine_status state = {.size = sizeof state};
  guest_run(&vmm.guest);
  if (guest_wait(&vmm.guest, milliseconds) || path == NULL) {
    while (!guest_wait(&vmm.guest, 1000)) {}
    return DONE;
  }
  int end = open_socket(path, false);
  if (end < 0) return go_on("nobody listens; the guest stays", NULL);
  moment("connected");
  double began = now(), stopped = 0;
  switch (send_machine(end, &stopped, &refusal, &error)) {
  case MGS_WORD_RESUMED:
    fprintf(stderr, "tinyvmm: handed over after %.1f ms; the guest stood still for %.1f ms; %llu pages sent, %u there are\n",
            now() - began, now() - stopped, (unsigned long long)vmm.pages_sent, (unsigned)PAGES);
    return DONE;
  case MGS_WORD_REFUSED: return go_on("refused; the guest stays", &refusal);
  }
  mgs_machine_status_get(vmm.machine, &state);
  if (state.save != MGS_SAVE_LIMBO) return go_on("the guest stays", &error);
  complain("in limbo: END was sent and the destination has not said what became of the guest; it does not run here", &error);
  return LIMBO;
}

/* ======   The destination   ====== */

/* What goes back to the source: that the stream fits, then what became of it. */
static int send_answer(void *context, const mgs_octets *pieces, size_t num_pieces) {
  static unsigned answers;
  moment(answers++ == 0 ? "before first answer" : "before second answer");
  const int status = send_pieces(context, pieces, num_pieces);
  moment(answers == 1 ? "first answer" : "second answer");
  return status;
}

/* Reads the stream, memory straight to where it belongs. 0 when END has come. */
static int receive_machine(int end, uint64_t session, mgs_error *error) {
  static uint8_t buffer[1 << 16];
  mgs_machine_status state = {.size = sizeof state};
  for (;;) {
    mgs_machine_status_get(vmm.machine, &state);
    if (state.session == MGS_SESSION_COMPLETE) return 0;
    if (state.wanted == 0) {
      int status = mgs_resume_fill(vmm.machine, session, 1 << 20, read_socket, &end, NULL, error);
      if (status < 0) return status;
      continue;
    }
    int64_t there = read_socket(&end, buffer, state.wanted < sizeof buffer ? state.wanted : sizeof buffer);
    if (there < 0) return mgs_resume_finish(vmm.machine, session, 0, error);  /* refuses: the stream is not whole */
    int status = mgs_resume_write(vmm.machine, session, buffer, (size_t)there, NULL, error);
    if (status < 0) return status;
  }
}

static int receive_and_run(const char *path) {
  mgs_error error = {0};
  uint64_t session = 0;
  int end = open_socket(path, true);
  if (end < 0) return complain("cannot listen", NULL);
  moment("accepted");
  int status = mgs_resume_open(vmm.machine, send_answer, &end, &session, &error);
  if (status >= 0) status = receive_machine(end, session, &error);
  moment("END came");
  if (status >= 0) status = mgs_resume_finish(vmm.machine, session, 0, &error);
  moment("committed");
  if (status >= 0) status = mgs_machine_request(vmm.machine, MGS_STATE_RUNNING, NULL, &error);
  if (status < 0) {
    mgs_machine_reset(vmm.machine);  /* says no, if that was not said yet */
    return complain("the stream is refused; the guest does not run here", &error);
  }
  while (!guest_wait(&vmm.guest, 1000)) {}
  return DONE;
}

/* ======   The command   ====== */

static int usage(void) {
  fputs("usage: tinyvmm [-p PROCESSOR] [-v] run                       the guest from its start to its end\n"
        "       tinyvmm [-p PROCESSOR] [-v] send SOCKET MILLISECONDS  the same; after so long it moves to who listens there\n"
        "       tinyvmm [-p PROCESSOR] [-v] receive SOCKET            waits for a guest, and goes on with it\n"
        "       tinyvmm [-p PROCESSOR] processor                      says which processor it is\n"
        "PROCESSOR: kvm or interpreted; without it kvm where it works. -v: what the library tells of the migration\n", stderr);
  return USAGE;
}

int main(int argc, char **argv) {
  const char *chosen = NULL, *problem = NULL;
  mgs_error error = {0};
  mgs_log log = NULL;
  int option;
  while ((option = getopt(argc, argv, "+p:v")) != -1) {
    if (option == 'p') chosen = optarg;
    else if (option == 'v') log = log_line;
    else return usage();
  }
  argv += optind;
  argc -= optind;
  if (argc == 0 || (chosen != NULL && strcmp(chosen, kvm.name) != 0 && strcmp(chosen, interpreter.name) != 0)) return usage();
  const bool tries_kvm = chosen == NULL || strcmp(chosen, kvm.name) == 0;
  if (tries_kvm) problem = guest_new(&vmm.guest, &kvm);
  if (tries_kvm && problem != NULL && chosen != NULL) return complain(problem, NULL);
  if (!tries_kvm || problem != NULL) problem = guest_new(&vmm.guest, &interpreter);
  if (problem != NULL) return complain(problem, NULL);
  if (vmm_new(&vmm, log, &error) < 0) return complain("cannot make the machine", &error);
  if (strcmp(argv[0], "processor") == 0 && argc == 1) return puts(vmm.guest.processor->name) < 0 ? FAILED : DONE;
  if (strcmp(argv[0], "run") == 0 && argc == 1) return run_and_send(NULL, 0);
  if (strcmp(argv[0], "receive") == 0 && argc == 2) return receive_and_run(argv[1]);
  if (strcmp(argv[0], "send") == 0 && argc == 3) return run_and_send(argv[1], atoi(argv[2]));
  return usage();
}
