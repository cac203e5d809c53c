/*
** A program that takes another's place in its process (exec) goes on as the same lane: what the gate knows of it is written into a file
** without a name, which the next program's host reads before anything else. Part of gate.c, which includes it.
**
** What stays out: how the next program comes under its host, and what that has to know itself, which is one text to the gate.
*/
#include <sys/mman.h>

typedef struct {
  int in, out;
  uint16_t id;
  uint64_t rngVfs, rngProgram;
  unsigned nameCount, handleCount, databaseCount, watchedCount, stops;
  int unguarded;
  Grant grant;
  Trap traps[TRAPS_MAX];
} HandedOver;

static void putText(int fd, const char *text) {
  uint32_t n = (uint32_t)strlen(text) + 1;
  sendAll(fd, &n, sizeof n);
  sendAll(fd, text, n);
}

static char *takeText(int fd) {
  uint32_t n;
  receiveAll(fd, &n, sizeof n);
  char *text = grow(NULL, n);
  receiveAll(fd, text, n);
  return text;
}

/* Are the lane's channels to stay open when another program takes this one's place? */
static void channelsStay(const Lane *l, int stay) {
  fcntl(l->in, F_SETFD, stay ? 0 : FD_CLOEXEC);
  fcntl(l->out, F_SETFD, stay ? 0 : FD_CLOEXEC);
}

/* Another program is to take this one's place: what it leaves open the kernel closes. Result: as step. */
static int execBegins(Lane *l, const char *program) {
  stepCompletes(l, SQLITE_OK);
  Record r = record(l, OP_EXEC, ROLE_NONE, 0, 0, 0, 0);
  int code = stepBegins(l, &r, program) == ACT_GO ? 0 : l->grant.code;
  stepEnds(l, &r, code, program);
  return code;
}

/* Result: a descriptor that stays open for the next program, out of its way; at the place of the host's own text. */
static int handOverLane(Lane *l) {
  enum { OUT_OF_THE_WAY = 500 };
  sendFrame(l, FRAME_FLUSH);
  int fd = memfd_create("lane", 0);
  int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD, OUT_OF_THE_WAY);
  if (high < 0) protocolError(strerror(errno));
  close(fd);
  HandedOver h = {.in = l->in, .out = l->out, .id = l->id, .rngVfs = l->rngVfs, .rngProgram = l->rngProgram,
                  .nameCount = l->nameCount, .handleCount = l->handleCount, .databaseCount = l->databaseCount,
                  .watchedCount = l->watchedCount, .stops = l->stops, .unguarded = l->unguarded, .grant = l->grant};
  memcpy(h.traps, l->traps, sizeof h.traps);
  sendAll(high, &h, sizeof h);
  putText(high, l->root);
  for (unsigned i = 0; i < l->nameCount; i++) putText(high, l->names[i]);
  for (unsigned i = 0; i < l->databaseCount; i++) putText(high, l->databases[i]);
  for (unsigned i = 0; i < l->watchedCount; i++) {
    char *column = sqlite3_mprintf("%s.%s", l->watched[i].table, l->watched[i].column);
    putText(high, column);
    sqlite3_free(column);
  }
  channelsStay(l, 1);
  return high;
}

/* What is written is to be read from its beginning. */
static int isHandedOver(int fd) {
  lseek(fd, 0, SEEK_SET);
  return fd;
}

/* No other program has taken this one's place. */
static void keepLane(const Lane *l, int fd) {
  close(fd);
  channelsStay(l, 0);
}

/* The other end: this thread goes on as that lane. The host's own text is read next. */
static void takeOverLane(int fd) {
  HandedOver h;
  receiveAll(fd, &h, sizeof h);
  Lane *l = lane = memset(grow(NULL, sizeof *lane), 0, sizeof *lane);
  l->in = h.in;
  l->out = h.out;
  l->id = h.id;
  l->rngVfs = h.rngVfs;
  l->rngProgram = h.rngProgram;
  l->handleCount = h.handleCount;
  l->stops = h.stops;
  l->unguarded = h.unguarded;
  l->grant = h.grant;
  memcpy(l->traps, h.traps, sizeof h.traps);
  l->root = takeText(fd);
  for (unsigned i = 0; i < h.nameCount; i++) l->names[l->nameCount++] = takeText(fd);
  for (unsigned i = 0; i < h.databaseCount; i++) addDatabase(l, takeText(fd));
  for (unsigned i = 0; i < h.watchedCount; i++) addWatched(l, takeText(fd));
  channelsStay(l, 0);
  attachedLanes = l;
  l->enters = 1;
  l->reply = copyOf("");
  reseed(); /* its host may have drawn */
  l->inside = 1;
  laneEnters(l->root);
  crashesAreTold();
  diesWithCoordinator(l);
}
