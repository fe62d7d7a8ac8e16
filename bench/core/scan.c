// The core's scan in C: 64 deadlines at a time in vectors of four, a call's charge when one has come;
// and the plain loop. The bench compiles it with -O2 and compares ns per idle call and tick.
// Usage: scan <calls> <ticks> <rounds> <plain|vectors>   prints the best round's ns per call and tick
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef int32_t lanes __attribute__((vector_size(16)));
typedef int64_t halves __attribute__((vector_size(16)));

struct call {
  int64_t balance_minor;
  int64_t billable_ms;
  uint32_t units_charged;
  uint32_t rate_minor;
};

static int32_t *deadlines;
static struct call *calls;
static uint64_t charges;

static void settle(int slot, int32_t now) {
  while (deadlines[slot] <= now) {
    calls[slot].units_charged++;
    calls[slot].balance_minor -= calls[slot].rate_minor;
    charges++;
    deadlines[slot] += 60000;
  }
}

static inline lanes later16(const lanes *p, lanes nows) {
  return (p[0] > nows) & (p[1] > nows) & (p[2] > nows) & (p[3] > nows);
}

__attribute__((noinline)) static void tick(int count, int32_t now) {
  const lanes nows = {now, now, now, now};
  for (int slot = 0; slot < count; slot += 64) {
    const lanes *block = (const lanes *)(deadlines + slot);
    const lanes later =
        later16(block, nows) & later16(block + 4, nows) & later16(block + 8, nows) & later16(block + 12, nows);
    const halves all = (halves)later;
    if ((all[0] & all[1]) == -1) continue;
    for (int i = 0; i < 64; i++)
      if (deadlines[slot + i] <= now) settle(slot + i, now);
  }
}

/** As one writes it without thinking of vectors. */
__attribute__((noinline)) static void tick_plain(int count, int32_t now) {
  for (int slot = 0; slot < count; slot++)
    if (deadlines[slot] <= now) settle(slot, now);
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const int is_plain = strcmp(argv[4], "plain") == 0;
  const int count = atoi(argv[1]), ticks = atoi(argv[2]), rounds = atoi(argv[3]);
  const int padded = (count + 63) & ~63;
  deadlines = aligned_alloc(64, (size_t)padded * sizeof *deadlines);
  calls = calloc((size_t)padded, sizeof *calls);
  if (!deadlines || !calls) return 1;
  for (int i = 0; i < padded; i++) deadlines[i] = 2000000000;
  double best = 1e300;
  for (int round = 0; round < rounds; round++) {
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int t = 0; t < ticks; t++) is_plain ? tick_plain(padded, t) : tick(padded, t);
    clock_gettime(CLOCK_MONOTONIC, &to);
    const double ns = (to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec);
    if (ns < best) best = ns;
  }
  printf("%.6f %llu\n", best / ticks / count, (unsigned long long)charges);
  return 0;
}
