/*
** Chance comes from the lane's own stream (splitmix64 of its seed), whoever is asked for it. rand(3) and its like are the program's
** own: they count from a seed, which comes from here or from the time.
*/
#include <sys/random.h>

static void fill(Lane *l, void *p, size_t bytes) {
  for (char *to = p; bytes; ) {
    uint64_t bits = nextRandom(&l->rngProgram);
    size_t n = bytes < sizeof bits ? bytes : sizeof bits;
    memcpy(to, &bits, n);
    to += n;
    bytes -= n;
  }
}

ssize_t getrandom(void *p, size_t bytes, unsigned flags) {
  Lane *l = CALLER();
  if (!l) return NEXT(getrandom)(p, bytes, flags);
  fill(l, p, bytes);
  return (ssize_t)bytes;
}

int getentropy(void *p, size_t bytes) {
  Lane *l = CALLER();
  if (!l) return NEXT(getentropy)(p, bytes);
  fill(l, p, bytes);
  return 0;
}

/* glibc 2.36 and later; its headers may be older. */
uint32_t arc4random(void);
void arc4random_buf(void *p, size_t bytes);
uint32_t arc4random_uniform(uint32_t below);

uint32_t arc4random(void) {
  Lane *l = CALLER();
  return l ? (uint32_t)nextRandom(&l->rngProgram) : NEXT(arc4random)();
}

void arc4random_buf(void *p, size_t bytes) {
  Lane *l = CALLER();
  if (l) fill(l, p, bytes);
  else NEXT(arc4random_buf)(p, bytes);
}

uint32_t arc4random_uniform(uint32_t below) {
  Lane *l = CALLER();
  if (!l) return NEXT(arc4random_uniform)(below);
  return below ? (uint32_t)((nextRandom(&l->rngProgram) >> 32) * below >> 32) : 0;
}

/* std::random_device of libstdc++, which asks the processor itself where that has chance (RDRAND), by its name in the ABI. */
unsigned _ZNSt13random_device9_M_getvalEv(void *device);

unsigned _ZNSt13random_device9_M_getvalEv(void *device) {
  Lane *l = CALLER();
  return l ? (unsigned)nextRandom(&l->rngProgram) : NEXT(_ZNSt13random_device9_M_getvalEv)(device);
}
