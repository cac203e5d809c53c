/*
** Raw file work that keeps a descriptor: each system call on it is a step of its own. Part of gate.c, which includes it.
**
** The caller makes the calls (any language has its own); what it tells here is before which, and what came of it. That a
** descriptor stays open matters: POSIX locks of a process go when it closes any descriptor of the file (fcntl(2)), and a
** descriptor outlives the name of its file.
**
** What stays out: descriptors that the caller has not opened by a step, which are nobody's affair.
*/

typedef struct {
  Opened o;
  char *name;
} Descriptor;

static Descriptor *descriptors; /* by number: of the lanes of this process, of which one runs at a time */
static int descriptorRoom;

/* What a descriptor is in this run; NULL for one that was not opened in it by a step. A forked child has those of its parent, as if
** it had opened them itself. */
static Descriptor *descriptorAt(Lane *l, int fd) {
  if (fd < 0 || fd >= descriptorRoom || !descriptors[fd].o.run) return NULL;
  Descriptor *d = &descriptors[fd];
  if (d->o.run <= inheritedRun) {
    d->o = openedBy(l, d->o.role, fileNumber(l, d->name, d->o.role), ++l->handleCount);
    Record r = record(l, OP_FD_OPEN, d->o.role, d->o.file, d->o.handle, 0, 0);
    stepBegins(l, &r, "inherited");
    stepEnds(l, &r, 0, "inherited");
  }
  return d->o.run == processRun ? d : NULL;
}

/* The step `open` of this lane has happened, and gave this descriptor. */
static void hasOpened(Lane *l, int fd) {
  enum { ROOM = 64, FD_MAX = 0xFFFF };
  if (!l->stepOpen || l->step.op != OP_FD_OPEN) return;
  if (fd < 0 || fd > FD_MAX) protocolError("a descriptor has no number that fits");
  if (fd >= descriptorRoom) {
    descriptors = grow(descriptors, (size_t)(fd + ROOM) * sizeof *descriptors);
    memset(descriptors + descriptorRoom, 0, (size_t)(fd + ROOM - descriptorRoom) * sizeof *descriptors);
    descriptorRoom = fd + ROOM;
  }
  Descriptor *d = &descriptors[fd];
  free(d->name);
  *d = (Descriptor){openedBy(l, l->step.role, l->step.file, l->step.handle), copyOf(l->names[l->step.file])};
  stepCompletes(l, 0);
}

static const Named descriptorKinds[] = {DESCRIPTOR_KINDS(BY_NAME)};

/*
** Stops before an operation on a descriptor: `length` bytes at `offset`, or the new length for `truncate`. Result: 0, or the
** code that it must fail with. What gives back, as `close`, happens all the same. No step for a descriptor that no step opened.
** `lock` is on one that SQLite has (gate-found.c).
*/
static int stepOn(Lane *l, const char *kind, int fd, uint32_t length, int64_t offset) {
  stepCompletes(l, 0);
  int op = OP_STEP;
  for (size_t i = 0; i < sizeof descriptorKinds / sizeof *descriptorKinds; i++) {
    if (!strcmp(descriptorKinds[i].name, kind)) op = descriptorKinds[i].number;
  }
  if (op == OP_STEP) protocolError("no operation on a descriptor has that name");
  Found *found = op == OP_FD_LOCK ? foundAt(fd) : NULL;
  Descriptor *d = found ? NULL : descriptorAt(l, fd);
  if (!d && !found) return 0;
  const Opened *o = found ? &found->o : &d->o;
  const char *opener = openerOf(l, o);
  uint16_t file = opener ? fileNumber(l, found ? found->path : d->name, found ? ROLE_DB : o->role) : o->file;
  free(l->stepText);
  l->stepText = copyOf(opener);
  l->step = record(l, op, o->role, file, o->handle, length, offset);
  l->asksOf = op == OP_FD_STAT ? (uint16_t)fd : 0;
  int injected = stepBegins(l, &l->step, l->stepText) == ACT_GO ? 0 : l->grant.code;
  l->asksOf = 0;
  if (op == OP_FD_CLOSE) d->o.run = 0;
  l->stepOpen = 1;
  if (injected) stepCompletes(l, injected);
  return injected;
}

/* The action after a step has happened, with 0 or an errno, and read or wrote this: of a descriptor at the place that was said
** before. */
static void happened(Lane *l, int code, int64_t length, uint32_t sum) {
  if (l->step.handle) l->step.a = (uint32_t)length;
  else l->step.b = length;
  l->step.sum = sum;
  stepCompletes(l, code);
}
