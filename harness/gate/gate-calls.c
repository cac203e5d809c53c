/*
** The gate's calls for hosts in C (lockstep.h). Part of gate.c, which includes it. What stays out: what they do, and the SQL
** functions of the same names.
*/
#include "lockstep.h"

#define IF_INSIDE(CALL)  \
  do {                   \
    Lane *l = laneHere(); \
    if (l) CALL;         \
  } while (0)
#define RESULT_INSIDE(CALL, OTHERWISE) \
  do {                                 \
    Lane *l = laneHere();              \
    return l ? (CALL) : (OTHERWISE);   \
  } while (0)

const char *lockstep_attach(const char *in, const char *out) { return attach(in, out); }
int lockstep_confine(int n, const char *const *folders, int runsPrograms) { return confine(n, folders, runsPrograms); }
const char *lockstep_job(void) { return job(); }
int lockstep_enter(int number, uint64_t seed, const char *root) { return enter(number, seed, root); }
void lockstep_leave(const char *text) { IF_INSIDE(leave(l, text)); }
int lockstep_inside(void) { return laneHere() != NULL; }

int lockstep_step(const char *kind, const char *file, const char *detail) { RESULT_INSIDE(step(l, kind, file, detail), 0); }
int lockstep_on(const char *kind, int fd, uint32_t length, int64_t offset) { RESULT_INSIDE(stepOn(l, kind, fd, length, offset), 0); }
void lockstep_done(int code, int64_t length, uint32_t sum) { IF_INSIDE(happened(l, code, length, sum)); }
void lockstep_opened(int fd) { IF_INSIDE(hasOpened(l, fd)); }
char *lockstep_scan(const char *path) { return scan(path); }
int lockstep_range(int fd, int how, uint32_t length, int64_t offset) { return lockRange(fd, how, offset, length); }
int lockstep_opens(const char *vfs, int alone) { RESULT_INSIDE(opensBy(vfs, alone), 0); }
int lockstep_poke(const char *path, int64_t offset, const void *bytes, size_t n) { return poke(path, offset, bytes, n); }
void lockstep_refuse(const char *name) { IF_INSIDE(refuseName(l, name)); }
void lockstep_sleep(int64_t ms, const char *quietUntilMs) { IF_INSIDE(oneStep(l, OP_SLEEP, 0, ms, quietUntilMs)); }
void lockstep_observe(const char *text) { IF_INSIDE(oneStep(l, OP_OBSERVE, 0, 0, text)); }
const char *lockstep_ask(const char *text) { RESULT_INSIDE(ask(l, text), NULL); }

int64_t lockstep_now(void) { RESULT_INSIDE(l->grant.now, 0); }
int64_t lockstep_random(void) { RESULT_INSIDE(randomBits(l), 0); }
int lockstep_collects(void) {
  Lane *l = laneHere();
  int collects = l && l->collects;
  if (collects) l->collects = 0;
  return collects;
}
int lockstep_stopping(void) { RESULT_INSIDE(isStopping(l), 0); }
const char *lockstep_answer(void) { RESULT_INSIDE(l->reply, NULL); }

const char *lockstep_get(const char *key) { RESULT_INSIDE(getShared(key), NULL); }
void lockstep_set(const char *key, const char *value) { IF_INSIDE(setShared(l, key, value)); }
int lockstep_lock(const char *name, int64_t ms) { RESULT_INSIDE(lockMutex(l, name, ms), 0); }
int lockstep_unlock(const char *name) { RESULT_INSIDE(unlockMutex(l, name), 0); }
void lockstep_semaphore(const char *name, uint32_t count, uint32_t most) { IF_INSIDE(makeSemaphore(l, name, count, most)); }
int lockstep_acquire(const char *name, int64_t ms) { RESULT_INSIDE(acquireSemaphore(l, name, ms), 0); }
int lockstep_release(const char *name) { RESULT_INSIDE(releaseSemaphore(l, name), 0); }

const char *lockstep_share_connections(int (*config)(int, ...), int (*initialize)(void), int (*shutdown)(void)) {
  return lanesWaitInSqlite(config, initialize, shutdown);
}
const char *lockstep_forked(const char *in, const char *out) { return forkedInto(in, out); }

int lockstep_hand_over(const char *program, const char *more) {
  Lane *l = laneHere();
  if (!l || execBegins(l, program)) return -1;
  int fd = handOverLane(l);
  putText(fd, more);
  return isHandedOver(fd);
}

void lockstep_keep(int fd) { IF_INSIDE(keepLane(l, fd)); }

const char *lockstep_take_over(int fd) {
  takeOverLane(fd);
  char *more = takeText(fd);
  close(fd);
  return more;
}
