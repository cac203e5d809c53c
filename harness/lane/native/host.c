/*
** The native host: a simulated process as a small C program. It has SQLite (the engine under test, linked in), the gate, and
** QuickJS, in which the World and the lane programs run as one bundled script (bundle.ts). The same TypeScript as in the Node
** host (lane/host.ts) runs here; what is below it there (better-sqlite3, node:fs, flock) is the object `host` here, made by
** this file.
**
** One process of this program is a zygote: it compiles the script, makes a few JavaScript runtimes with the script in them, and
** waits at a channel of its own, like a lane. For each request it forks a process that finds all that ready. The zygote has no
** threads, no connection and no part in any run.
**
** What stays out: who moves next (the coordinator), and what is the same in both hosts (TypeScript).
*/
#define SQLITE_CORE 1
#include "../../gate/gate.c"

#include <ctype.h>
#include <dirent.h>
#include <malloc.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "quickjs.h"
#include "sqlite-calls.h"

/* ---- limits ---- */

enum {
  /* Of the C stack: for as many calls in calls as V8 has room for, about ten thousand. Of a stack only what was touched is
  ** memory. */
  JS_STACK_BYTES = 14 << 20,
  STACK_RESERVE_BYTES = 256 << 10, /* for SQLite and the system below the last call */
  STACK_BYTES = JS_STACK_BYTES + STACK_RESERVE_BYTES,
  /* Nearly all memory is given back by counting references. A collection of cycles touches every object, and so makes a
  ** process copy all that it shares with the zygote: it is for programs that pile up garbage. */
  GC_BYTES = 8 << 20,
  RUNTIMES_MAX = 256,
};

/* ---- the end of a process that cannot go on (give-up.ts) ---- */

static void giveUp(const char *what, const char *why) {
  char text[512];
  int n = snprintf(text, sizeof text, "lockstep: %s: %s\n", what, why);
  if (write(STDERR_FILENO, text, n < (int)sizeof text ? (size_t)n : sizeof text - 1) < 0) _exit(71);
  _exit(70);
}

/* ---- memory of a runtime ----
**
** One thread at a time uses a runtime, so what it gives back can wait in lists of its own, by size, for what it asks for next: no
** locks, and no search. Above SMALL_BYTES, and for more of it, the C library is asked. A block is a multiple of 16 bytes, of which
** the 8 before what QuickJS gets say how many they are, as in the C library's own blocks: so sizes are counted alike.
*/

enum { SMALL_BYTES = 1024, CHUNK_BYTES = 64 << 10, SIZE_BYTES = sizeof(uint64_t) };

typedef struct FreeBlock { struct FreeBlock *next; } FreeBlock;
typedef struct Chunk { struct Chunk *next; } Chunk;

typedef struct {
  FreeBlock *free[SMALL_BYTES / 16 + 1]; /* by size in units of 16 bytes */
  char *at, *end; /* of the newest chunk, what is left */
  Chunk *chunks;
} Memory;

static uint64_t *sizeOf(const void *p) { return (uint64_t *)p - 1; }

static size_t blockBytes(size_t bytes) { return (bytes + SIZE_BYTES + 15) & ~(size_t)15; }

/* A block at the end of the chunks. */
static void *newSmall(Memory *m, size_t block) {
  if ((size_t)(m->end - m->at) < block) {
    Chunk *chunk = malloc(CHUNK_BYTES);
    if (!chunk) return NULL;
    chunk->next = m->chunks;
    m->chunks = chunk;
    m->at = (char *)chunk + 16 - SIZE_BYTES; /* what follows a size is aligned as malloc(3) aligns */
    m->end = (char *)chunk + CHUNK_BYTES;
  }
  char *p = m->at + SIZE_BYTES;
  m->at += block;
  return p;
}

static void *allocate(JSMallocState *s, size_t bytes) {
  Memory *m = s->opaque;
  size_t block = blockBytes(bytes);
  char *p;
  if (block < bytes || s->malloc_size + block > s->malloc_limit) return NULL;
  if (block > SMALL_BYTES) {
    p = malloc(block + SIZE_BYTES);
    if (p) p += 2 * SIZE_BYTES;
  } else if (m->free[block / 16]) {
    p = (char *)m->free[block / 16];
    m->free[block / 16] = m->free[block / 16]->next;
  } else {
    p = newSmall(m, block);
  }
  if (!p) return NULL;
  *sizeOf(p) = block;
  s->malloc_count++;
  s->malloc_size += block;
  return p;
}

static void release(JSMallocState *s, void *p) {
  Memory *m = s->opaque;
  if (!p) return;
  size_t block = *sizeOf(p);
  s->malloc_count--;
  s->malloc_size -= block;
  if (block > SMALL_BYTES) {
    free((char *)p - 2 * SIZE_BYTES);
    return;
  }
  FreeBlock *f = p;
  f->next = m->free[block / 16];
  m->free[block / 16] = f;
}

static void *reallocate(JSMallocState *s, void *p, size_t bytes) {
  if (!p) return bytes ? allocate(s, bytes) : NULL;
  if (!bytes) {
    release(s, p);
    return NULL;
  }
  size_t old = *sizeOf(p), block = blockBytes(bytes);
  if (block == old) return p;
  if (block > SMALL_BYTES && old > SMALL_BYTES) {
    if (block < bytes || s->malloc_size + block - old > s->malloc_limit) return NULL;
    char *moved = realloc((char *)p - 2 * SIZE_BYTES, block + SIZE_BYTES);
    if (!moved) return NULL;
    moved += 2 * SIZE_BYTES;
    *sizeOf(moved) = block;
    s->malloc_size += block - old;
    return moved;
  }
  void *copy = allocate(s, bytes);
  if (!copy) return NULL;
  memcpy(copy, p, (old < block ? old : block) - SIZE_BYTES);
  release(s, p);
  return copy;
}

static size_t usableSize(const void *p) { return p ? *sizeOf(p) - SIZE_BYTES : 0; }

static const JSMallocFunctions memoryCalls = {allocate, release, reallocate, usableSize};

/* What was given back so far stays unused: it lies scattered over memory that a process which is forked now shares with the zygote,
** and each page that is written to is copied. */
static void beginFresh(Memory *m) { memset(m->free, 0, sizeof m->free); }

static void freeMemory(Memory *m) {
  for (Chunk *chunk = m->chunks, *next; chunk; chunk = next) {
    next = chunk->next;
    free(chunk);
  }
}

/* ---- what belongs to one runtime, and so to one lane ---- */

typedef struct {
  Memory memory;
  JSRuntime *runtime;
  JSContext *context;
  JSValue sqliteError, uint8Array; /* constructors */
  JSValue serve, readStack, writeStack; /* functions */
} Engine;

static Engine *engineOf(JSContext *c) { return JS_GetContextOpaque(c); }

/* ---- what only Node does ----
**
** Where QuickJS would answer otherwise than Node does, or has only words of its own (quickjs-fixes.ts, language.ts), this
** process ends, and the coordinator says why: a run must not depend on its host. Loading the script is exempt: then no program
** runs yet, and what goes wrong is told in QuickJS's words; so are the errors that this file throws, whose words are Node's.
*/

enum { EXIT_NEEDS_NODE = 69 }; /* process-errors.ts */

static __thread int inOwnWords; /* more than 0: texts of QuickJS are told as they are */

static void needsNode(const char *what) {
  char text[512];
  int n = snprintf(text, sizeof text, "lockstep: %s\n", what);
  if (write(STDERR_FILENO, text, n < (int)sizeof text ? (size_t)n : sizeof text - 1) < 0) _exit(71);
  _exit(EXIT_NEEDS_NODE);
}

/* Calls of quickjs.c (quickjs-fixes.ts). */

void lockstepNeedsNode(const char *what) {
  if (!inOwnWords) needsNode(what);
}

/* The properties of errors whose text is QuickJS's own. Whoever sets one has set it. */

static void setText(JSContext *c, JSValueConst error, const char *name, JSValue text) {
  JS_DefinePropertyValueStr(c, error, name, text, JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE);
}

static JSValue readMessage(JSContext *c, JSValueConst this, int n, JSValueConst *v, int magic, JSValue *text) {
  (void)this, (void)n, (void)v, (void)magic;
  if (inOwnWords) return JS_DupValue(c, *text);
  char what[256];
  const char *said = JS_ToCString(c, *text);
  snprintf(what, sizeof what, "reads the words of an error of the language (QuickJS: %s)", said ? said : "none");
  needsNode(what);
  return JS_UNDEFINED;
}

static JSValue writeMessage(JSContext *c, JSValueConst this, int n, JSValueConst *v, int magic, JSValue *text) {
  (void)n, (void)magic, (void)text;
  setText(c, this, "message", JS_DupValue(c, v[0]));
  return JS_UNDEFINED;
}

static JSValue readStack(JSContext *c, JSValueConst this, int n, JSValueConst *v) {
  (void)c, (void)this, (void)n, (void)v;
  lockstepNeedsNode("reads the stack of an error");
  return JS_UNDEFINED;
}

static JSValue writeStack(JSContext *c, JSValueConst this, int n, JSValueConst *v) {
  (void)n;
  setText(c, this, "stack", JS_DupValue(c, v[0]));
  return JS_UNDEFINED;
}

static void hide(JSContext *c, JSValueConst error, const char *name, JSValue get, JSValue set) {
  JSAtom atom = JS_NewAtom(c, name);
  JS_DefinePropertyGetSet(c, error, atom, get, set, JS_PROP_CONFIGURABLE);
  JS_FreeAtom(c, atom);
}

/* Gives an error its message, which it takes. */
void lockstepHideMessage(JSContext *c, JSValueConst error, JSValue text) {
  if (inOwnWords || JS_IsException(text)) {
    setText(c, error, "message", text);
    return;
  }
  hide(c, error, "message", JS_NewCFunctionData(c, readMessage, 0, 0, 1, &text), JS_NewCFunctionData(c, writeMessage, 1, 0, 0, NULL));
  JS_FreeValue(c, text);
}

/* Result: whether the stack of an error has been hidden, or else is to be told. */
int lockstepHidStack(JSContext *c, JSValueConst error) {
  Engine *e = engineOf(c);
  if (inOwnWords || !e) return 0;
  if (JS_IsUndefined(e->readStack)) {
    e->readStack = JS_NewCFunction(c, readStack, "stack", 0);
    e->writeStack = JS_NewCFunction(c, writeStack, "stack", 1);
  }
  hide(c, error, "stack", JS_DupValue(c, e->readStack), JS_DupValue(c, e->writeStack));
  return 1;
}

static const char *jsonDigits(const char *p) {
  if (*p < '0' || *p > '9') return NULL;
  while (*p >= '0' && *p <= '9') p++;
  return p;
}

static const char *jsonNumber(const char *p) {
  if (*p == '-') p++;
  p = *p == '0' ? p + 1 : jsonDigits(p);
  if (p && *p == '.') p = jsonDigits(p + 1);
  if (p && (*p == 'e' || *p == 'E')) p = jsonDigits(p[1] == '+' || p[1] == '-' ? p + 2 : p + 1);
  return p;
}

static const char *jsonString(const char *p, const char *end) {
  while (++p < end && *p != '"') {
    if ((uint8_t)*p < ' ') return NULL;
    if (*p != '\\') continue;
    p++;
    if (*p == 'u') {
      for (int i = 0; i < 4; i++)
        if (!isxdigit((uint8_t)*++p)) return NULL;
    } else if (!*p || !strchr("\"\\/bfnrt", *p)) {
      return NULL;
    }
  }
  return p < end ? p + 1 : NULL;
}

static const char *jsonSpace(const char *p) {
  while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r') p++;
  return p;
}

/* Is a text, which ends with a NUL, JSON (RFC 8259)? What is open stands on a stack of its own: texts nest deeply. */
int lockstepIsJson(const char *text, size_t bytes) {
  const char *p = text, *end = text + bytes;
  size_t depth = 0, room = 0;
  char *open = NULL;
  int ok = 0;
  for (;;) { /* a value begins here */
    p = jsonSpace(p);
    if (*p == '{' || *p == '[') {
      if (depth == room) open = grow(open, room = 2 * room + 64);
      open[depth++] = *p;
      p = jsonSpace(p + 1);
      if (*p != open[depth - 1] + 2) { /* in ASCII, for both */
        if (*p != '"' && open[depth - 1] == '{') break;
        goto member;
      }
      p++;
      depth--;
    } else if (*p == '"') p = jsonString(p, end);
    else if (!strncmp(p, "true", 4) || !strncmp(p, "null", 4)) p += 4;
    else if (!strncmp(p, "false", 5)) p += 5;
    else p = jsonNumber(p);
    if (!p) break;
    for (p = jsonSpace(p); depth && *p == open[depth - 1] + 2; p = jsonSpace(p + 1)) depth--;
    if (!depth) {
      ok = p == end;
      break;
    }
    if (*p++ != ',') break;
    p = jsonSpace(p);
  member:
    if (open[depth - 1] != '{') continue;
    if (*p != '"' || !(p = jsonString(p, end))) break;
    p = jsonSpace(p);
    if (*p++ != ':') break;
  }
  free(open);
  return ok;
}

/* Is it a date in one of the forms of ECMA-262 (21.4.1.32) that everybody reads alike? */
int lockstepIsIsoDate(const char *text) {
  static const char form[] = "0000-00-00T00:00:00.000Z";
  static const struct { int at, least, most; } parts[] = {{5, 1, 12}, {8, 1, 28}, {11, 0, 23}, {14, 0, 59}, {17, 0, 59}};
  size_t n = strlen(text), digits = n > 10 ? n - 1 : n;
  if ((n != 10 && n != 17 && n != 20 && n != 24) || (n > 10 && text[n - 1] != 'Z')) return 0;
  for (size_t i = 0; i < digits; i++)
    if (form[i] == '0' ? !isdigit((uint8_t)text[i]) : text[i] != form[i]) return 0;
  for (size_t i = 0; i < sizeof parts / sizeof *parts && (size_t)parts[i].at < digits; i++) {
    int value = (text[parts[i].at] - '0') * 10 + text[parts[i].at + 1] - '0';
    if (value < parts[i].least || value > parts[i].most) return 0;
  }
  return 1;
}

static JSValue thrown(void) {
  inOwnWords--;
  return JS_EXCEPTION;
}

/* Throws what better-sqlite3 or Node throws, in its words. */
#define THROW(KIND, ...) (inOwnWords++, JS_Throw##KIND(c, __VA_ARGS__), thrown())

/* ---- text: SQLite's and the kernel's is UTF-8, or meant to be; JavaScript's is UTF-16 ---- */

/* How many bytes of an ill-formed sequence become one U+FFFD, and whether the sequence is well formed: the maximal subpart of
** the Unicode standard (section 3.9), as V8 and the Encoding standard have it. */
static size_t sequence(const uint8_t *p, size_t n, int *ok) {
  uint8_t c = *p, low = 0x80, high = 0xBF;
  size_t more = c < 0x80 ? 0 : c < 0xC2 ? 9 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : c < 0xF5 ? 3 : 9;
  *ok = 0;
  if (more == 9) return 1;
  if (c == 0xE0) low = 0xA0;
  if (c == 0xED) high = 0x9F;
  if (c == 0xF0) low = 0x90;
  if (c == 0xF4) high = 0x8F;
  size_t i = 1;
  for (; i <= more; i++, low = 0x80, high = 0xBF) {
    if (i >= n || p[i] < low || p[i] > high) return i;
  }
  *ok = 1;
  return i;
}

static JSValue newText(JSContext *c, const char *text, size_t n) {
  const uint8_t *p = (const uint8_t *)text;
  size_t at = 0, used = 0;
  int ok = 1;
  while (at < n && ok) {
    size_t taken = sequence(p + at, n - at, &ok);
    if (ok) at += taken;
  }
  if (ok) return JS_NewStringLen(c, text, n);
  char *sound = grow(NULL, 3 * n);
  for (at = 0; at < n;) {
    size_t taken = sequence(p + at, n - at, &ok);
    memcpy(sound + used, ok ? text + at : "\xEF\xBF\xBD", ok ? taken : 3);
    used += ok ? taken : 3;
    at += taken;
  }
  JSValue value = JS_NewStringLen(c, sound, used);
  free(sound);
  return value;
}

/* UTF-8 of a value, to be freed with JS_FreeCString; NULL with an exception. Half a surrogate pair becomes U+FFFD, as in Node. */
static const char *utf8(JSContext *c, JSValueConst value, size_t *n) {
  size_t length;
  const char *text = JS_ToCStringLen(c, &length, value);
  if (n) *n = length;
  if (!text) return NULL;
  for (char *p = (char *)text; length > 2 && (p = memchr(p, 0xED, length - 2 - (size_t)(p - text))); p++) {
    if ((uint8_t)p[1] >= 0xA0) memcpy(p, "\xEF\xBF\xBD", 3);
  }
  return text;
}

/* Bytes of a typed array; NULL where the value is none. */
static const uint8_t *bytesOf(JSContext *c, JSValueConst value, size_t *n) {
  size_t offset, all, size;
  if (!JS_IsObject(value)) return NULL;
  JSValue buffer = JS_GetTypedArrayBuffer(c, value, &offset, n, &size);
  if (JS_IsException(buffer)) {
    JS_FreeValue(c, JS_GetException(c));
    return NULL;
  }
  const uint8_t *bytes = JS_GetArrayBuffer(c, &all, buffer);
  JS_FreeValue(c, buffer); /* the array holds it */
  return bytes ? bytes + offset : (const uint8_t *)"";
}

static JSValue newBytes(JSContext *c, const void *data, size_t n) {
  JSValue buffer = JS_NewArrayBufferCopy(c, data ? data : "", n);
  if (JS_IsException(buffer)) return buffer;
  JSValue array = JS_CallConstructor(c, engineOf(c)->uint8Array, 1, &buffer);
  JS_FreeValue(c, buffer);
  return array;
}

static int32_t numberOf(JSContext *c, JSValueConst value) {
  int32_t n = 0;
  JS_ToInt32(c, &n, value);
  return n;
}

/* As sqlite3_value_int64 reads a number that was bound: towards zero, and no further than there are integers. */
static int64_t wholeOf(JSContext *c, JSValueConst value) {
  double n = 0;
  JS_ToFloat64(c, &n, value);
  if (n != n) return 0;
  return n <= -9223372036854775808.0 ? INT64_MIN : n >= 9223372036854775808.0 ? INT64_MAX : (int64_t)n;
}

typedef JSValue Call(JSContext *, JSValueConst, int, JSValueConst *);
#define CALL(NAME) static JSValue NAME(JSContext *c, JSValueConst this, int n, JSValueConst *v)
#define UNUSED (void)c, (void)this, (void)n, (void)v

/* ---- the gate: the same calls as gate-calls.ts has ---- */

static Lane *insideOrThrow(JSContext *c) {
  Lane *l = laneHere();
  if (!l) THROW(TypeError, "this thread has not entered a run");
  return l;
}

/* The texts of arguments, NULL for null and for what is not there. */
typedef struct { const char *text[3]; } Texts;

static int textsOf(JSContext *c, int n, JSValueConst *v, Texts *t) {
  int ok = 1;
  memset(t, 0, sizeof *t);
  for (int i = 0; i < 3 && i < n; i++) {
    if (!JS_IsNull(v[i]) && !JS_IsUndefined(v[i])) ok = (t->text[i] = utf8(c, v[i], NULL)) && ok;
  }
  return ok;
}

static void freeTexts(JSContext *c, Texts *t) {
  for (int i = 0; i < 3; i++) {
    if (t->text[i]) JS_FreeCString(c, t->text[i]);
  }
}

/* The body of a call that is a step and takes texts. */
#define WITH_TEXTS(BODY)                             \
  UNUSED;                                            \
  Lane *l = insideOrThrow(c);                        \
  Texts t;                                           \
  JSValue result = JS_UNDEFINED;                     \
  if (!l) return JS_EXCEPTION;                       \
  if (textsOf(c, n, v, &t)) {                        \
    BODY;                                            \
  } else {                                           \
    result = JS_EXCEPTION;                           \
  }                                                  \
  freeTexts(c, &t);                                  \
  return result

static JSValue replyOf(JSContext *c, const char *text) { return text ? newText(c, text, strlen(text)) : JS_NULL; }

CALL(laneJob) {
  UNUSED;
  const char *text = job();
  return text ? replyOf(c, text) : THROW(TypeError, "this thread is not attached, or in a run");
}

CALL(laneEnter) {
  UNUSED;
  int64_t seed;
  if (JS_ToBigInt64(c, &seed, v[1])) return JS_EXCEPTION;
  const char *root = utf8(c, v[2], NULL);
  if (!root) return JS_EXCEPTION;
  int entered = enter(numberOf(c, v[0]), (uint64_t)seed, root);
  JS_FreeCString(c, root);
  return entered ? JS_UNDEFINED : THROW(TypeError, "this thread is in a run already");
}

CALL(laneLeave) { WITH_TEXTS(leave(l, t.text[0])); }
CALL(laneStep) { WITH_TEXTS(result = JS_NewInt32(c, step(l, t.text[0], t.text[1], t.text[2]))); }
CALL(laneRefuse) { WITH_TEXTS(refuseName(l, t.text[0])); }
CALL(laneObserve) { WITH_TEXTS(oneStep(l, OP_OBSERVE, 0, 0, t.text[0])); }
CALL(laneAsk) { WITH_TEXTS(result = replyOf(c, ask(l, t.text[0]))); }
CALL(laneGet) { WITH_TEXTS(result = replyOf(c, getShared(t.text[0]))); }
CALL(laneSet) { WITH_TEXTS(setShared(l, t.text[0], t.text[1])); }
CALL(laneLock) { WITH_TEXTS(lockMutex(l, t.text[0], FOR_EVER)); }
CALL(laneUnlock) { WITH_TEXTS(if (!unlockMutex(l, t.text[0])) result = THROW(TypeError, "this lane does not hold that mutex")); }
CALL(laneAnswer) { WITH_TEXTS(result = replyOf(c, l->reply)); }
CALL(laneNow) { WITH_TEXTS(result = JS_NewInt64(c, l->grant.now)); }
CALL(laneRandom) { WITH_TEXTS(result = JS_NewFloat64(c, (double)randomBits(l) / 9007199254740992.0)); }
CALL(laneStopping) { WITH_TEXTS(result = JS_NewBool(c, isStopping(l))); }
CALL(laneReseed) { WITH_TEXTS(reseed()); }

CALL(laneDone) {
  UNUSED;
  Lane *l = insideOrThrow(c);
  if (!l) return JS_EXCEPTION;
  happened(l, numberOf(c, v[0]), n > 1 ? wholeOf(c, v[1]) : 0, n > 2 ? (uint32_t)wholeOf(c, v[2]) : 0);
  return JS_UNDEFINED;
}

CALL(laneOn) {
  UNUSED;
  Lane *l = insideOrThrow(c);
  const char *kind = l ? utf8(c, v[0], NULL) : NULL;
  if (!kind) return JS_EXCEPTION;
  int injected = stepOn(l, kind, numberOf(c, v[1]), (uint32_t)wholeOf(c, v[2]), wholeOf(c, v[3]));
  JS_FreeCString(c, kind);
  return JS_NewInt32(c, injected);
}

CALL(laneOpened) {
  UNUSED;
  Lane *l = insideOrThrow(c);
  if (!l) return JS_EXCEPTION;
  hasOpened(l, numberOf(c, v[0]));
  return JS_UNDEFINED;
}

/* scan(path) */
CALL(laneScan) {
  WITH_TEXTS({
    char *found = scan(t.text[0]);
    result = replyOf(c, found);
    free(found);
  });
}

/* range(descriptor, how, length, offset) */
CALL(laneRange) {
  UNUSED;
  if (!insideOrThrow(c)) return JS_EXCEPTION;
  return JS_NewInt32(c, lockRange(numberOf(c, v[0]), numberOf(c, v[1]), wholeOf(c, v[3]), wholeOf(c, v[2])));
}

/* opens(VFS or null, alone): how the next database is opened. */
CALL(laneOpens) {
  WITH_TEXTS(result = JS_NewInt32(c, opensBy(t.text[0], JS_ToBool(c, v[1]))));
}

/* poke(path, offset, bytes) */
CALL(lanePoke) {
  UNUSED;
  size_t bytes;
  const char *path = insideOrThrow(c) ? utf8(c, v[0], NULL) : NULL;
  if (!path) return JS_EXCEPTION;
  const uint8_t *data = bytesOf(c, v[2], &bytes);
  int failed = data ? poke(path, wholeOf(c, v[1]), data, bytes) : EINVAL;
  JS_FreeCString(c, path);
  return JS_NewInt32(c, failed);
}

CALL(laneSleep) {
  UNUSED;
  Lane *l = insideOrThrow(c);
  if (!l) return JS_EXCEPTION;
  const char *quiet = n > 1 && !JS_IsUndefined(v[1]) ? utf8(c, v[1], NULL) : NULL;
  oneStep(l, OP_SLEEP, 0, wholeOf(c, v[0]), quiet);
  if (quiet) JS_FreeCString(c, quiet);
  return JS_UNDEFINED;
}

/* ---- SQLite, as better-sqlite3 calls it (its src/objects/database.cpp and statement.cpp): the same calls in the same order ---- */

static const Sqlite linked = {SQLITE_CALLS(LINKED)};
static const Sqlite *second;

/*
** A second copy of SQLite in this process, as when two libraries bring one each (howtocorrupt.html, section 2.2.1): the gate stands before
** its VFS too. Nothing but that: no ledger follows its connections.
*/
static void servesSecond(sqlite3_vfs *theirs, int (*registers)(sqlite3_vfs *, int), void (*randomness)(int, void *)) {
  secondReal = theirs;
  secondGate = gate;
  secondGate.pNext = NULL;
  secondGate.szOsFile = (int)sizeof(GateFile) + theirs->szOsFile;
  theirs->xSetSystemCall(theirs, "open", (sqlite3_syscall_ptr)openOfSqlite);
  secondRandomness = randomness;
  registers(&secondGate, 1);
  forgetChance();
}

/* The second copy lies beside this program (build.ts). It shares nothing with the first: RTLD_LOCAL, and this program exports nothing. */
static const Sqlite *secondSqlite(void) {
  static const char name[] = "/" SECOND_LIBRARY;
  char path[PATH_MAX];
  if (second) return second;
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof name);
  path[n > 0 ? n : 0] = 0;
  char *last = strrchr(path, '/');
  if (!last) giveUp("/proc/self/exe", strerror(errno));
  strcpy(last, name);
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  second = library ? dlsym(library, SECOND_TABLE_NAME) : NULL;
  if (!second) giveUp("the second copy of SQLite", dlerror());
  second->initialize();
  servesSecond(second->vfs_find(NULL), second->vfs_register, second->randomness);
  return second;
}

typedef struct Statement Statement;
typedef struct Backup Backup;
typedef struct {
  const Sqlite *sqlite;
  sqlite3 *handle; /* NULL: closed */
  Statement *statements;
  Backup *backups;
} Database;

struct Statement {
  sqlite3_stmt *handle; /* NULL: its database is closed */
  Database *database;
  Statement *next, **link;
  int returnsData;
};

static JSClassID databaseClass, statementClass, backupClass;

static const char *codeName(int code) {
#define C(NAME) case SQLITE_##NAME: return "SQLITE_" #NAME;
  switch (code) {
    C(OK) C(ERROR) C(INTERNAL) C(PERM) C(ABORT) C(BUSY) C(LOCKED) C(NOMEM) C(READONLY) C(INTERRUPT) C(IOERR) C(CORRUPT)
    C(NOTFOUND) C(FULL) C(CANTOPEN) C(PROTOCOL) C(EMPTY) C(SCHEMA) C(TOOBIG) C(CONSTRAINT) C(MISMATCH) C(MISUSE) C(NOLFS)
    C(AUTH) C(FORMAT) C(RANGE) C(NOTADB) C(NOTICE) C(WARNING) C(ROW) C(DONE) C(ERROR_MISSING_COLLSEQ) C(ERROR_RETRY)
    C(ERROR_SNAPSHOT) C(IOERR_READ) C(IOERR_SHORT_READ) C(IOERR_WRITE) C(IOERR_FSYNC) C(IOERR_DIR_FSYNC) C(IOERR_TRUNCATE)
    C(IOERR_FSTAT) C(IOERR_UNLOCK) C(IOERR_RDLOCK) C(IOERR_DELETE) C(IOERR_BLOCKED) C(IOERR_NOMEM) C(IOERR_ACCESS)
    C(IOERR_CHECKRESERVEDLOCK) C(IOERR_LOCK) C(IOERR_CLOSE) C(IOERR_DIR_CLOSE) C(IOERR_SHMOPEN) C(IOERR_SHMSIZE)
    C(IOERR_SHMLOCK) C(IOERR_SHMMAP) C(IOERR_SEEK) C(IOERR_DELETE_NOENT) C(IOERR_MMAP) C(IOERR_GETTEMPPATH)
    C(IOERR_CONVPATH) C(IOERR_VNODE) C(IOERR_AUTH) C(IOERR_BEGIN_ATOMIC) C(IOERR_COMMIT_ATOMIC) C(IOERR_ROLLBACK_ATOMIC)
    C(IOERR_DATA) C(IOERR_CORRUPTFS) C(IOERR_IN_PAGE) C(LOCKED_SHAREDCACHE) C(LOCKED_VTAB) C(BUSY_RECOVERY)
    C(BUSY_SNAPSHOT) C(CANTOPEN_NOTEMPDIR) C(CANTOPEN_ISDIR) C(CANTOPEN_FULLPATH) C(CANTOPEN_CONVPATH)
    C(CANTOPEN_DIRTYWAL) C(CANTOPEN_SYMLINK) C(CORRUPT_VTAB) C(CORRUPT_SEQUENCE) C(CORRUPT_INDEX) C(READONLY_RECOVERY)
    C(READONLY_CANTLOCK) C(READONLY_ROLLBACK) C(READONLY_DBMOVED) C(READONLY_CANTINIT) C(READONLY_DIRECTORY)
    C(ABORT_ROLLBACK) C(CONSTRAINT_CHECK) C(CONSTRAINT_COMMITHOOK) C(CONSTRAINT_FOREIGNKEY) C(CONSTRAINT_FUNCTION)
    C(CONSTRAINT_NOTNULL) C(CONSTRAINT_PRIMARYKEY) C(CONSTRAINT_TRIGGER) C(CONSTRAINT_UNIQUE) C(CONSTRAINT_VTAB)
    C(CONSTRAINT_ROWID) C(CONSTRAINT_PINNED) C(CONSTRAINT_DATATYPE) C(NOTICE_RECOVER_WAL) C(NOTICE_RECOVER_ROLLBACK)
    C(NOTICE_RBU) C(WARNING_AUTOINDEX) C(AUTH_USER) C(OK_LOAD_PERMANENTLY) C(OK_SYMLINK)
    default: return NULL;
  }
#undef C
}

static JSValue throwSqlite(JSContext *c, const char *message, int code) {
  char unknown[40];
  const char *name = codeName(code);
  if (!name) snprintf(unknown, sizeof unknown, "UNKNOWN_SQLITE_ERROR_%d", code);
  JSValue arguments[] = {newText(c, message, strlen(message)), JS_NewString(c, name ? name : unknown)};
  JSValue error = JS_CallConstructor(c, engineOf(c)->sqliteError, 2, arguments);
  JS_FreeValue(c, arguments[0]);
  JS_FreeValue(c, arguments[1]);
  return JS_IsException(error) ? error : JS_Throw(c, error);
}

static JSValue throwHandle(JSContext *c, const Sqlite *q, sqlite3 *db) { return throwSqlite(c, q->errmsg(db), q->extended_errcode(db)); }
static JSValue throwDatabase(JSContext *c, const Database *d) { return throwHandle(c, d->sqlite, d->handle); }

static void forgetStatement(Statement *s) {
  if (!s->handle) return;
  *s->link = s->next;
  if (s->next) s->next->link = s->link;
  s->database->sqlite->finalize(s->handle);
  s->handle = NULL;
}

/* A copy that is being made by the backup API, as better-sqlite3 makes one (its src/objects/backup.cpp). */
struct Backup {
  sqlite3_backup *handle; /* NULL: over */
  sqlite3 *destination;
  Database *database;
  Backup *next, **link;
};

static void finishBackup(Backup *b) {
  if (!b->handle) return;
  *b->link = b->next;
  if (b->next) b->next->link = b->link;
  b->database->sqlite->backup_finish(b->handle);
  b->database->sqlite->close(b->destination);
  b->handle = NULL;
}

static void closeDatabase(Database *d) {
  if (!d->handle) return;
  while (d->backups) finishBackup(d->backups);
  while (d->statements) forgetStatement(d->statements);
  d->sqlite->close(d->handle);
  d->handle = NULL;
}

static void databaseFinalizer(JSRuntime *runtime, JSValue value) {
  Database *d = JS_GetOpaque(value, databaseClass);
  (void)runtime;
  closeDatabase(d);
  free(d);
}

static void statementFinalizer(JSRuntime *runtime, JSValue value) {
  Statement *s = JS_GetOpaque(value, statementClass);
  (void)runtime;
  forgetStatement(s);
  free(s);
}

static Database *openDatabaseOf(JSContext *c, JSValueConst this) {
  Database *d = JS_GetOpaque2(c, this, databaseClass);
  if (d && !d->handle) THROW(TypeError, "The database connection is not open");
  return d && d->handle ? d : NULL;
}

/* A connection as better-sqlite3 opens one. Result: NULL with an exception. */
static sqlite3 *openHandle(JSContext *c, const Sqlite *q, JSValueConst name, int flags) {
  const char *path = utf8(c, name, NULL);
  sqlite3 *db = NULL;
  if (!path) return NULL;
  int rc = q->open_v2(path, &db, flags, NULL);
  JS_FreeCString(c, path);
  if (rc == SQLITE_OK) {
    q->extended_result_codes(db, 1);
    return db;
  }
  if (!db) throwSqlite(c, q->errstr(rc), rc);
  else throwHandle(c, q, db);
  q->close(db);
  return NULL;
}

/* open(path, readonly, must exist, busy timeout in ms, which copy of SQLite) */
CALL(sqliteOpen) {
  UNUSED;
  const Sqlite *q = numberOf(c, v[4]) == 2 ? secondSqlite() : &linked;
  int flags = JS_ToBool(c, v[1]) ? SQLITE_OPEN_READONLY
              : JS_ToBool(c, v[2]) ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3 *db = openHandle(c, q, v[0], flags);
  if (!db) return JS_EXCEPTION;
  const int stringBytesMax = (1 << 29) - 24; /* of V8 */
  q->busy_timeout(db, numberOf(c, v[3]));
  q->limit(db, SQLITE_LIMIT_LENGTH, stringBytesMax);
  q->limit(db, SQLITE_LIMIT_SQL_LENGTH, stringBytesMax);
  q->db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  q->db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  Database *d = memset(grow(NULL, sizeof *d), 0, sizeof *d);
  d->sqlite = q;
  d->handle = db;
  JSValue object = JS_NewObjectClass(c, (int)databaseClass);
  JS_SetOpaque(object, d);
  return object;
}

static int isSkipped(char c) { return c == ' ' || c == ';' || (c >= '\t' && c <= '\r'); }

CALL(databaseExec) {
  UNUSED;
  Database *d = openDatabaseOf(c, this);
  const char *text = d ? utf8(c, v[0], NULL) : NULL;
  if (!text) return JS_EXCEPTION;
  const char *sql = text;
  sqlite3_stmt *statement;
  int rc;
  for (;;) {
    while (isSkipped(*sql)) sql++;
    rc = d->sqlite->prepare_v2(d->handle, sql, -1, &statement, &sql);
    if (!statement) break;
    do rc = d->sqlite->step(statement);
    while (rc == SQLITE_ROW);
    rc = d->sqlite->finalize(statement);
    if (rc != SQLITE_OK) break;
  }
  JS_FreeCString(c, text);
  return rc == SQLITE_OK ? JS_UNDEFINED : throwDatabase(c, d);
}

/* What follows a statement may be spaces, semicolons and comments only. */
static int hasMore(const char *tail) {
  while (*tail) {
    if (isSkipped(*tail)) {
      tail++;
    } else if (tail[0] == '/' && tail[1] == '*') {
      const char *end = strstr(tail + 2, "*/");
      tail = end ? end + 2 : strchr(tail, 0);
    } else if (tail[0] == '-' && tail[1] == '-') {
      const char *end = strchr(tail, '\n');
      tail = end ? end + 1 : strchr(tail, 0);
    } else {
      return 1;
    }
  }
  return 0;
}

CALL(databasePrepare) {
  UNUSED;
  Database *d = openDatabaseOf(c, this);
  size_t bytes;
  const char *sql = d ? utf8(c, v[0], &bytes) : NULL;
  if (!sql) return JS_EXCEPTION;
  sqlite3_stmt *handle;
  const char *tail;
  int rc = d->sqlite->prepare_v3(d->handle, sql, (int)bytes + 1, SQLITE_PREPARE_PERSISTENT, &handle, &tail);
  int more = rc == SQLITE_OK && handle && hasMore(tail);
  JS_FreeCString(c, sql);
  if (rc != SQLITE_OK) return throwDatabase(c, d);
  if (!handle) return THROW(RangeError, "The supplied SQL string contains no statements");
  if (more) {
    d->sqlite->finalize(handle);
    return THROW(RangeError, "The supplied SQL string contains more than one statement");
  }
  Statement *s = grow(NULL, sizeof *s);
  *s = (Statement){handle, d, d->statements, &d->statements, d->sqlite->column_count(handle) >= 1};
  if (s->next) s->next->link = &s->next;
  d->statements = s;
  JSValue object = JS_NewObjectClass(c, (int)statementClass);
  JS_SetOpaque(object, s);
  return object;
}

CALL(databaseClose) {
  UNUSED;
  Database *d = JS_GetOpaque2(c, this, databaseClass);
  if (!d) return JS_EXCEPTION;
  closeDatabase(d);
  return JS_UNDEFINED;
}

CALL(databaseUnsafeMode) {
  UNUSED;
  Database *d = openDatabaseOf(c, this);
  if (!d) return JS_EXCEPTION;
  d->sqlite->db_config(d->handle, SQLITE_DBCONFIG_DEFENSIVE, !JS_ToBool(c, v[0]), NULL);
  return JS_UNDEFINED;
}

static JSValue databaseIsOpen(JSContext *c, JSValueConst this) {
  Database *d = JS_GetOpaque2(c, this, databaseClass);
  return d ? JS_NewBool(c, d->handle != NULL) : JS_EXCEPTION;
}

static JSValue databaseInTransaction(JSContext *c, JSValueConst this) {
  Database *d = JS_GetOpaque2(c, this, databaseClass);
  return d ? JS_NewBool(c, d->handle && !d->sqlite->get_autocommit(d->handle)) : JS_EXCEPTION;
}

/* Binds a value. Result: a SQLite code, or -1 for a value of a type that SQLite does not have. */
static int bindValue(JSContext *c, const Sqlite *q, sqlite3_stmt *s, int at, JSValueConst value) {
  size_t n;
  int rc;
  if (JS_IsNumber(value)) {
    double number;
    JS_ToFloat64(c, &number, value);
    return q->bind_double(s, at, number);
  }
  if (JS_IsNull(value) || JS_IsUndefined(value)) return q->bind_null(s, at);
  if (JS_IsString(value)) {
    const char *text = utf8(c, value, &n);
    if (!text) return SQLITE_NOMEM;
    rc = q->bind_text(s, at, text, (int)n, SQLITE_TRANSIENT);
    JS_FreeCString(c, text);
    return rc;
  }
  if (JS_VALUE_GET_TAG(value) == JS_TAG_BIG_INT) {
    int64_t number;
    const char *text = JS_ToCString(c, value);
    char same[24];
    JS_ToBigInt64(c, &number, value);
    snprintf(same, sizeof same, "%" PRId64, number);
    int fits = text && !strcmp(text, same);
    if (text) JS_FreeCString(c, text);
    return fits ? q->bind_int64(s, at, number) : SQLITE_TOOBIG;
  }
  const uint8_t *bytes = bytesOf(c, value, &n);
  return bytes ? q->bind_blob(s, at, bytes, (int)n, SQLITE_TRANSIENT) : -1;
}

/* Result: 0 with an exception. */
static int bindAll(JSContext *c, Statement *s, int n, JSValueConst *v) {
  int expected = s->database->sqlite->bind_parameter_count(s->handle), at = 0;
  for (int i = 0; i < n; i++) {
    while (s->database->sqlite->bind_parameter_name(s->handle, ++at)) {}
    switch (bindValue(c, s->database->sqlite, s->handle, at, v[i])) {
      case SQLITE_OK:
        continue;
      case -1:
        THROW(TypeError, "SQLite3 can only bind numbers, strings, bigints, buffers, and null");
        return 0;
      case SQLITE_TOOBIG:
        THROW(RangeError, "The bound string, buffer, or bigint is too big");
        return 0;
      case SQLITE_RANGE:
        THROW(RangeError, "Too many parameter values were provided");
        return 0;
      default:
        giveUp("a value could not be bound", strerror(ENOMEM));
    }
  }
  if (n == expected) return 1;
  THROW(RangeError, n < expected ? "Too few parameter values were provided" : "Too many parameter values were provided");
  return 0;
}

/* The statement, with its parameters bound; NULL with an exception. */
static Statement *begin(JSContext *c, JSValueConst this, int returnsData, int n, JSValueConst *v) {
  Statement *s = JS_GetOpaque2(c, this, statementClass);
  if (!s) return NULL;
  if (returnsData && !s->returnsData) {
    THROW(TypeError, "This statement does not return data. Use run() instead");
    return NULL;
  }
  if (!s->handle) {
    THROW(TypeError, "The database connection is not open");
    return NULL;
  }
  if (bindAll(c, s, n, v)) return s;
  s->database->sqlite->clear_bindings(s->handle);
  return NULL;
}

static JSValue valueOf(JSContext *c, const Sqlite *q, sqlite3_stmt *s, int i) {
  switch (q->column_type(s, i)) {
    case SQLITE_INTEGER: case SQLITE_FLOAT: {
      double number = q->column_double(s, i);
      int32_t small = number >= INT32_MIN && number <= INT32_MAX ? (int32_t)number : 0;
      return small && small == number ? JS_NewInt32(c, small) : JS_NewFloat64(c, number);
    }
    case SQLITE_TEXT: {
      const char *text = (const char *)q->column_text(s, i);
      return newText(c, text, (size_t)q->column_bytes(s, i));
    }
    case SQLITE_BLOB: {
      const void *bytes = q->column_blob(s, i);
      return newBytes(c, bytes, (size_t)q->column_bytes(s, i));
    }
    default:
      return JS_NULL;
  }
}

static JSValue rowOf(JSContext *c, const Statement *of) {
  const Sqlite *q = of->database->sqlite;
  sqlite3_stmt *s = of->handle;
  JSValue row = JS_NewObject(c);
  int n = q->column_count(s);
  for (int i = 0; i < n; i++) JS_DefinePropertyValueStr(c, row, q->column_name(s, i), valueOf(c, q, s, i), JS_PROP_C_W_E);
  return row;
}

/* The end of a call, after sqlite3_reset: its result, or what SQLite says. */
static JSValue end(JSContext *c, Statement *s, int rc, JSValue result) {
  if (rc != SQLITE_OK) {
    JS_FreeValue(c, result);
    result = throwDatabase(c, s->database);
  }
  s->database->sqlite->clear_bindings(s->handle);
  return result;
}

CALL(statementRun) {
  Statement *s = begin(c, this, 0, n, v);
  if (!s) return JS_EXCEPTION;
  const Sqlite *q = s->database->sqlite;
  sqlite3 *db = s->database->handle;
  int before = q->total_changes(db);
  q->step(s->handle);
  int rc = q->reset(s->handle);
  if (rc != SQLITE_OK) return end(c, s, rc, JS_UNDEFINED);
  JSValue result = JS_NewObject(c);
  int changes = q->total_changes(db) == before ? 0 : q->changes(db);
  JS_DefinePropertyValueStr(c, result, "changes", JS_NewInt32(c, changes), JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(c, result, "lastInsertRowid", JS_NewInt64(c, q->last_insert_rowid(db)), JS_PROP_C_W_E);
  return end(c, s, rc, result);
}

CALL(statementGet) {
  Statement *s = begin(c, this, 1, n, v);
  if (!s) return JS_EXCEPTION;
  const Sqlite *q = s->database->sqlite;
  int rc = q->step(s->handle);
  JSValue row = rc == SQLITE_ROW ? rowOf(c, s) : JS_UNDEFINED;
  q->reset(s->handle);
  return end(c, s, rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc, row);
}

CALL(statementAll) {
  Statement *s = begin(c, this, 1, n, v);
  if (!s) return JS_EXCEPTION;
  const Sqlite *q = s->database->sqlite;
  JSValue rows = JS_NewArray(c);
  for (uint32_t i = 0; q->step(s->handle) == SQLITE_ROW; i++)
    JS_DefinePropertyValueUint32(c, rows, i, rowOf(c, s), JS_PROP_C_W_E);
  return end(c, s, q->reset(s->handle), rows);
}

static void backupFinalizer(JSRuntime *runtime, JSValue value) {
  Backup *b = JS_GetOpaque(value, backupClass);
  (void)runtime;
  finishBackup(b);
  free(b);
}

/* backup(path): of the main database, into that one */
CALL(databaseBackup) {
  UNUSED;
  Database *d = openDatabaseOf(c, this);
  if (!d) return JS_EXCEPTION;
  const Sqlite *q = d->sqlite;
  sqlite3 *destination = openHandle(c, q, v[0], SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!destination) return JS_EXCEPTION;
  q->limit(destination, SQLITE_LIMIT_LENGTH, INT_MAX);
  sqlite3_backup *handle = q->backup_init(destination, "main", d->handle, "main");
  if (!handle) {
    throwHandle(c, q, destination);
    q->close(destination);
    return JS_EXCEPTION;
  }
  Backup *b = grow(NULL, sizeof *b);
  *b = (Backup){handle, destination, d, d->backups, &d->backups};
  if (b->next) b->next->link = &b->next;
  d->backups = b;
  JSValue object = JS_NewObjectClass(c, (int)backupClass);
  JS_SetOpaque(object, b);
  return object;
}

/* transfer(pages). Result: how many are left, as an object */
CALL(backupTransfer) {
  UNUSED;
  Backup *b = JS_GetOpaque2(c, this, backupClass);
  if (!b) return JS_EXCEPTION;
  if (!b->handle) return THROW(TypeError, "The database connection is not open");
  const Sqlite *q = b->database->sqlite;
  int rc = q->backup_step(b->handle, numberOf(c, v[0])) & 0xff;
  if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_BUSY) return throwSqlite(c, q->errstr(rc), rc);
  JSValue result = JS_NewObject(c);
  JS_DefinePropertyValueStr(c, result, "totalPages", JS_NewInt32(c, q->backup_pagecount(b->handle)), JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(c, result, "remainingPages", JS_NewInt32(c, q->backup_remaining(b->handle)), JS_PROP_C_W_E);
  return result;
}

CALL(backupClose) {
  UNUSED;
  Backup *b = JS_GetOpaque2(c, this, backupClass);
  if (!b) return JS_EXCEPTION;
  finishBackup(b);
  return JS_UNDEFINED;
}
static const JSCFunctionListEntry databaseMethods[] = {
  JS_CFUNC_DEF("exec", 1, databaseExec), JS_CFUNC_DEF("prepare", 1, databasePrepare), JS_CFUNC_DEF("close", 0, databaseClose),
  JS_CFUNC_DEF("backup", 1, databaseBackup), JS_CFUNC_DEF("unsafeMode", 1, databaseUnsafeMode),
  JS_CGETSET_DEF("open", databaseIsOpen, NULL), JS_CGETSET_DEF("inTransaction", databaseInTransaction, NULL),
};
static const JSCFunctionListEntry statementMethods[] = {
  JS_CFUNC_DEF("run", 0, statementRun), JS_CFUNC_DEF("get", 0, statementGet), JS_CFUNC_DEF("all", 0, statementAll),
};
static const JSCFunctionListEntry backupMethods[] = {
  JS_CFUNC_DEF("transfer", 1, backupTransfer), JS_CFUNC_DEF("close", 0, backupClose),
};

/* ---- files, as node:fs calls the system ---- */

#define ERRNOS(X)                                                                                                       \
  X(E2BIG) X(EACCES) X(EAGAIN) X(EBADF) X(EBUSY) X(EDEADLK) X(EDQUOT) X(EEXIST) X(EFAULT) X(EFBIG) X(EINTR) X(EINVAL) X(EIO)      \
  X(EISDIR) X(ELOOP) X(EMFILE) X(EMLINK) X(ENAMETOOLONG) X(ENFILE) X(ENODEV) X(ENOENT) X(ENOLCK) X(ENOMEM) X(ENOSPC)    \
  X(ENOSYS) X(ENOTDIR) X(ENOTEMPTY) X(ENOTSUP) X(ENXIO) X(EPERM) X(EPIPE) X(EROFS) X(ESTALE) X(ETXTBSY) X(EXDEV)

static const struct { const char *name; int number; } errnos[] = {
#define X(NAME) {#NAME, NAME},
  ERRNOS(X)
#undef X
};

/* An error as Node's: code, errno, syscall, path. */
static JSValue throwErrno(JSContext *c, int number, const char *call, const char *path) {
  const char *code = NULL;
  char text[PATH_MAX + 80];
  for (size_t i = 0; i < sizeof errnos / sizeof *errnos; i++) {
    if (errnos[i].number == number) code = errnos[i].name;
  }
  if (!code) code = "UNKNOWN"; /* as libuv has it: no error of the machine */
  snprintf(text, sizeof text, "%s: %s, %s '%s'", code, strerror(number), call, path);
  JSValue error = JS_NewError(c);
  JS_DefinePropertyValueStr(c, error, "message", newText(c, text, strlen(text)), JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(c, error, "code", JS_NewString(c, code), JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(c, error, "errno", JS_NewInt32(c, -number), JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(c, error, "syscall", JS_NewString(c, call), JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(c, error, "path", newText(c, path, strlen(path)), JS_PROP_C_W_E);
  return JS_Throw(c, error);
}

/* The body of a call that takes paths; the rest of it is a result or an errno of a named system call. */
#define WITH_PATHS(SYSCALL, ...)                                              \
  UNUSED;                                                                     \
  Texts t;                                                                    \
  JSValue result = JS_UNDEFINED;                                              \
  int failed = 0;                                                             \
  if (!textsOf(c, n, v, &t)) {                                                \
    freeTexts(c, &t);                                                         \
    return JS_EXCEPTION;                                                      \
  }                                                                           \
  __VA_ARGS__;                                                                \
  if (failed) result = throwErrno(c, failed, SYSCALL, t.text[0]);             \
  freeTexts(c, &t);                                                           \
  return result

#define ERRNO_OF(CALLED) ((CALLED) ? errno : 0)

static int readAll(int fd, char *into, size_t bytes, off_t from, size_t *have) {
  for (*have = 0; *have < bytes;) {
    ssize_t got = pread(fd, into + *have, bytes - *have, from + (off_t)*have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    *have += (size_t)got;
  }
  return 0;
}

/* open(path, flags) */
CALL(fsOpen) {
  UNUSED;
  const char *path = utf8(c, v[0], NULL);
  if (!path) return JS_EXCEPTION;
  int fd = open(path, numberOf(c, v[1]) | O_CLOEXEC, 0666);
  JSValue result = fd < 0 ? throwErrno(c, errno, "open", path) : JS_NewInt32(c, fd);
  JS_FreeCString(c, path);
  return result;
}

CALL(fsClose) {
  UNUSED;
  return close(numberOf(c, v[0])) ? throwErrno(c, errno, "close", "") : JS_UNDEFINED;
}

/* size(descriptor) */
CALL(fsSize) {
  UNUSED;
  struct stat s;
  return fstat(numberOf(c, v[0]), &s) ? throwErrno(c, errno, "fstat", "") : JS_NewInt64(c, s.st_size);
}

/* read(descriptor, bytes, offset) in the file: one read, as readSync is. Result: what was read */
CALL(fsRead) {
  UNUSED;
  if (wholeOf(c, v[1]) < 0) return THROW(RangeError, "The value of \"length\" is out of range.");
  size_t bytes = (size_t)wholeOf(c, v[1]);
  char *into = malloc(bytes + 1);
  if (!into) return throwErrno(c, ENOMEM, "read", "");
  ssize_t got;
  do got = pread(numberOf(c, v[0]), into, bytes, wholeOf(c, v[2]));
  while (got < 0 && errno == EINTR);
  JSValue result = got < 0 ? throwErrno(c, errno, "read", "") : newBytes(c, into, (size_t)got);
  free(into);
  return result;
}

/* write(descriptor, bytes, offset): one write, as writeSync is. Result: how many bytes it took */
CALL(fsWrite) {
  UNUSED;
  size_t bytes;
  const void *data = bytesOf(c, v[1], &bytes);
  if (!data) return THROW(TypeError, "it takes a typed array");
  ssize_t put;
  do put = pwrite(numberOf(c, v[0]), data, bytes, wholeOf(c, v[2]));
  while (put < 0 && errno == EINTR);
  return put < 0 ? throwErrno(c, errno, "write", "") : JS_NewInt64(c, put);
}

/* truncate(descriptor, bytes) */
CALL(fsTruncate) {
  UNUSED;
  return ftruncate(numberOf(c, v[0]), wholeOf(c, v[1])) ? throwErrno(c, errno, "ftruncate", "") : JS_UNDEFINED;
}

/* sync(descriptor) */
CALL(fsSync) {
  UNUSED;
  return fsync(numberOf(c, v[0])) ? throwErrno(c, errno, "fsync", "") : JS_UNDEFINED;
}

static int readWhole(JSContext *c, const char *path, JSValue *bytes) {
  struct stat s;
  size_t have = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  int failed = ERRNO_OF(fstat(fd, &s));
  char *into = failed ? NULL : malloc((size_t)s.st_size + 1);
  if (!failed && !into) failed = ENOMEM;
  if (!failed) failed = readAll(fd, into, (size_t)s.st_size, 0, &have);
  close(fd);
  if (!failed) *bytes = newBytes(c, into, have);
  free(into);
  return failed;
}

static int writeWhole(const char *path, int flags, const void *data, size_t bytes) {
  const char *p = data;
  int failed = 0, fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
  if (fd < 0) return errno;
  while (bytes && !failed) {
    ssize_t put = write(fd, p, bytes);
    if (put < 0 && errno != EINTR) failed = errno;
    if (put < 0) continue;
    p += put;
    bytes -= (size_t)put;
  }
  close(fd);
  return failed;
}

CALL(fsReadFile) { WITH_PATHS("open", failed = readWhole(c, t.text[0], &result)); }

/* writeFile(path, text or bytes, exclusive) */
CALL(fsWriteFile) {
  UNUSED;
  size_t bytes;
  const void *data = bytesOf(c, v[1], &bytes);
  const char *path = utf8(c, v[0], NULL), *text = data ? NULL : utf8(c, v[1], &bytes);
  JSValue result = JS_EXCEPTION;
  if (path && (data || text)) {
    int failed = writeWhole(path, JS_ToBool(c, v[2]) ? O_EXCL : O_TRUNC, data ? data : text, bytes);
    result = failed ? throwErrno(c, failed, "open", path) : JS_UNDEFINED;
  }
  if (path) JS_FreeCString(c, path);
  if (text) JS_FreeCString(c, text);
  return result;
}

/* stat(path): its size, or undefined where there is no such file */
CALL(fsStat) {
  WITH_PATHS("stat", {
    struct stat s;
    failed = ERRNO_OF(stat(t.text[0], &s));
    if (failed == ENOENT || failed == ENOTDIR) failed = 0;
    else if (!failed) result = JS_NewInt64(c, s.st_size);
  });
}

/* lstat(path): what it is, and its size; undefined where there is no such name */
CALL(fsLstat) {
  WITH_PATHS("lstat", {
    struct stat s;
    failed = ERRNO_OF(lstat(t.text[0], &s));
    if (failed == ENOENT || failed == ENOTDIR) failed = 0;
    else if (!failed) {
      const char *kind = S_ISLNK(s.st_mode) ? "link" : S_ISDIR(s.st_mode) ? "folder" : "file";
      result = JS_NewArray(c);
      JS_DefinePropertyValueUint32(c, result, 0, JS_NewString(c, kind), JS_PROP_C_W_E);
      JS_DefinePropertyValueUint32(c, result, 1, JS_NewInt64(c, s.st_size), JS_PROP_C_W_E);
    }
  });
}

CALL(fsExists) { WITH_PATHS("access", result = JS_NewBool(c, access(t.text[0], F_OK) == 0)); }
CALL(fsRename) { WITH_PATHS("rename", failed = ERRNO_OF(rename(t.text[0], t.text[1]))); }
CALL(fsUnlink) { WITH_PATHS("unlink", failed = ERRNO_OF(unlink(t.text[0]))); }
CALL(fsLink) { WITH_PATHS("link", failed = ERRNO_OF(link(t.text[0], t.text[1]))); }
CALL(fsSymlink) { WITH_PATHS("symlink", failed = ERRNO_OF(symlink(t.text[0], t.text[1]))); }
CALL(fsMkdir) { WITH_PATHS("mkdir", failed = ERRNO_OF(mkdir(t.text[0], 0777))); }
CALL(fsRmdir) { WITH_PATHS("rmdir", failed = ERRNO_OF(rmdir(t.text[0]))); }

/* chmod(path, mode) */
CALL(fsChmod) {
  UNUSED;
  const char *path = utf8(c, v[0], NULL);
  if (!path) return JS_EXCEPTION;
  JSValue result = chmod(path, (mode_t)numberOf(c, v[1])) ? throwErrno(c, errno, "chmod", path) : JS_UNDEFINED;
  JS_FreeCString(c, path);
  return result;
}

/* fchmod(descriptor, mode) */
CALL(fsFchmod) {
  UNUSED;
  return fchmod(numberOf(c, v[0]), (mode_t)numberOf(c, v[1])) ? throwErrno(c, errno, "fchmod", "") : JS_UNDEFINED;
}

/* utime(path, seconds): when it was read and changed last */
CALL(fsUtime) {
  UNUSED;
  const char *path = utf8(c, v[0], NULL);
  if (!path) return JS_EXCEPTION;
  struct timespec at[2] = {{.tv_sec = (time_t)wholeOf(c, v[1])}, {.tv_sec = (time_t)wholeOf(c, v[1])}};
  JSValue result = utimensat(AT_FDCWD, path, at, 0) ? throwErrno(c, errno, "utime", path) : JS_UNDEFINED;
  JS_FreeCString(c, path);
  return result;
}

static int readFolder(JSContext *c, const char *path, JSValue *names) {
  DIR *folder = opendir(path);
  if (!folder) return errno;
  *names = JS_NewArray(c);
  uint32_t count = 0;
  for (struct dirent *e; (e = readdir(folder));) {
    if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
      JS_DefinePropertyValueUint32(c, *names, count++, newText(c, e->d_name, strlen(e->d_name)), JS_PROP_C_W_E);
  }
  closedir(folder);
  return 0;
}

CALL(fsReaddir) { WITH_PATHS("scandir", failed = readFolder(c, t.text[0], &result)); }

CALL(fsReadlink) {
  WITH_PATHS("readlink", {
    char target[PATH_MAX];
    ssize_t length = readlink(t.text[0], target, sizeof target);
    if (length >= 0) result = newText(c, target, (size_t)length);
  });
}

CALL(fsRealpath) {
  WITH_PATHS("realpath", {
    char resolved[PATH_MAX];
    if (!realpath(t.text[0], resolved)) failed = errno;
    else result = newText(c, resolved, strlen(resolved));
  });
}

/* Is there nothing in a name that fileNameComplaint (model/names.ts) would have to look at? Folders may be in it. */
static int isPlainName(const char *name) {
  int inSegment = 0, all = 0;
  for (; *name; name++, all++) {
    if (*name == '/' && inSegment) inSegment = 0;
    else if (isalnum((uint8_t)*name) || *name == '-' || *name == '_' || (*name == '.' && inSegment)) inSegment++;
    else return 0;
  }
  return inSegment && all <= 100;
}

/* Does a path lead where it says: is no folder in it below the root a link, nor the last name where that would be followed? */
static int isStraight(char *path, size_t rootBytes, int follow) {
  struct stat s;
  for (char *slash = path + rootBytes; (slash = strchr(slash + 1, '/'));) {
    *slash = 0;
    int failed = ERRNO_OF(lstat(path, &s));
    *slash = '/';
    if (failed == ENOENT) return 1; /* whatever is tried there fails */
    if (failed || !S_ISDIR(s.st_mode)) return 0;
  }
  return !follow || lstat(path, &s) || !S_ISLNK(s.st_mode);
}

/* worldPath(root, name, whether a link in the last segment is followed): where a name leads; null where that is no quick answer */
CALL(fsWorldPath) {
  UNUSED;
  char path[PATH_MAX];
  size_t rootBytes, nameBytes;
  JSValue result = JS_NULL;
  const char *root = utf8(c, v[0], &rootBytes), *name = root ? utf8(c, v[1], &nameBytes) : NULL;
  if (!name) result = JS_EXCEPTION;
  else if (strlen(name) == nameBytes && isPlainName(name) && rootBytes + nameBytes + 2 <= sizeof path) {
    snprintf(path, sizeof path, "%s/%s", root, name);
    if (isStraight(path, rootBytes, JS_ToBool(c, v[2]))) result = JS_NewStringLen(c, path, rootBytes + 1 + nameBytes);
  }
  if (root) JS_FreeCString(c, root);
  if (name) JS_FreeCString(c, name);
  return result;
}

/* flock(descriptor, operation), without waiting. Result: 0 or the errno */
CALL(fsFlock) {
  UNUSED;
  int failed;
  do failed = ERRNO_OF(flock(numberOf(c, v[0]), numberOf(c, v[1])));
  while (failed == EINTR);
  return JS_NewInt32(c, failed);
}

/* ---- what else a program in Node has ---- */

/* Of a byte with so many zero bytes behind it: eight are looked up at once. */
static uint32_t crcTable[8][256];

static void fillCrcTable(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t x = i;
    for (int bit = 0; bit < 8; bit++) x = x & 1 ? 0xEDB88320u ^ (x >> 1) : x >> 1;
    crcTable[0][i] = x;
  }
  for (int zeros = 1; zeros < 8; zeros++)
    for (int i = 0; i < 256; i++) {
      uint32_t x = crcTable[zeros - 1][i];
      crcTable[zeros][i] = crcTable[0][x & 255] ^ (x >> 8);
    }
}

static uint32_t crcOf(const uint8_t *p, size_t bytes) {
  uint32_t sum = ~0u;
  for (; bytes >= 8; bytes -= 8, p += 8) {
    for (int i = 0; i < 4; i++) sum ^= (uint32_t)p[i] << (8 * i);
    uint32_t next = 0;
    for (int i = 0; i < 4; i++) next ^= crcTable[7 - i][(sum >> (8 * i)) & 255] ^ crcTable[3 - i][p[4 + i]];
    sum = next;
  }
  while (bytes--) sum = crcTable[0][(sum ^ *p++) & 255] ^ (sum >> 8);
  return ~sum;
}

/* crc32(text or bytes), as zlib's */
CALL(hostCrc32) {
  UNUSED;
  size_t bytes;
  const uint8_t *data = bytesOf(c, v[0], &bytes);
  const char *text = data ? NULL : utf8(c, v[0], &bytes);
  if (!data && !text) return JS_EXCEPTION;
  uint32_t sum = crcOf(data ? data : (const uint8_t *)text, bytes);
  if (text) JS_FreeCString(c, text);
  return JS_NewInt64(c, sum);
}

/* encode(text): its UTF-8 */
CALL(hostEncode) {
  UNUSED;
  size_t bytes;
  const char *text = utf8(c, v[0], &bytes);
  if (!text) return JS_EXCEPTION;
  JSValue result = newBytes(c, text, bytes);
  JS_FreeCString(c, text);
  return result;
}

/* decode(bytes): the text of UTF-8 */
CALL(hostDecode) {
  UNUSED;
  size_t bytes;
  const uint8_t *data = bytesOf(c, v[0], &bytes);
  return data ? newText(c, (const char *)data, bytes) : THROW(TypeError, "it takes a typed array");
}

/* exit(code): of the whole process */
CALL(hostExit) {
  UNUSED;
  _exit(numberOf(c, v[0]));
}

/* say(text): to the log */
CALL(hostSay) {
  UNUSED;
  size_t bytes;
  const char *text = utf8(c, v[0], &bytes);
  if (!text) return JS_EXCEPTION;
  if (write(STDERR_FILENO, text, bytes) < 0) _exit(71);
  JS_FreeCString(c, text);
  return JS_UNDEFINED;
}

/* needsNode(what): the end of a process whose program does what only Node does */
CALL(hostNeedsNode) {
  UNUSED;
  const char *what = utf8(c, v[0], NULL);
  needsNode(what ? what : "no memory");
  return JS_UNDEFINED;
}

/* tellAll(): from now on errors of QuickJS have its own words: this process ends by one */
CALL(hostTellAll) {
  UNUSED;
  inOwnWords++;
  return JS_UNDEFINED;
}

/* serveBy(function): what serves the jobs of this lane */
CALL(hostServeBy) {
  UNUSED;
  engineOf(c)->serve = JS_DupValue(c, v[0]);
  return JS_UNDEFINED;
}

CALL(hostSqliteError) {
  UNUSED;
  engineOf(c)->sqliteError = JS_DupValue(c, v[0]);
  return JS_UNDEFINED;
}

static Call hostStartThread, hostFork;

static const JSCFunctionListEntry gateCalls[] = {
  JS_CFUNC_DEF("job", 0, laneJob), JS_CFUNC_DEF("enter", 3, laneEnter), JS_CFUNC_DEF("leave", 1, laneLeave),
  JS_CFUNC_DEF("reseed", 0, laneReseed), JS_CFUNC_DEF("step", 3, laneStep), JS_CFUNC_DEF("done", 3, laneDone),
  JS_CFUNC_DEF("on", 4, laneOn), JS_CFUNC_DEF("opens", 2, laneOpens), JS_CFUNC_DEF("poke", 3, lanePoke), JS_CFUNC_DEF("opened", 1, laneOpened), JS_CFUNC_DEF("scan", 1, laneScan), JS_CFUNC_DEF("range", 4, laneRange), JS_CFUNC_DEF("sleep", 2, laneSleep), JS_CFUNC_DEF("refuse", 1, laneRefuse), JS_CFUNC_DEF("observe", 1, laneObserve),
  JS_CFUNC_DEF("ask", 1, laneAsk), JS_CFUNC_DEF("get", 1, laneGet), JS_CFUNC_DEF("set", 2, laneSet),
  JS_CFUNC_DEF("lock", 1, laneLock), JS_CFUNC_DEF("unlock", 1, laneUnlock), JS_CFUNC_DEF("answer", 0, laneAnswer),
  JS_CFUNC_DEF("now", 0, laneNow), JS_CFUNC_DEF("random", 0, laneRandom), JS_CFUNC_DEF("stopping", 0, laneStopping),
};

static const JSCFunctionListEntry hostCalls[] = {
  JS_CFUNC_DEF("openDatabase", 5, sqliteOpen), JS_CFUNC_DEF("throwAs", 1, hostSqliteError),
  JS_CFUNC_DEF("open", 2, fsOpen), JS_CFUNC_DEF("close", 1, fsClose), JS_CFUNC_DEF("size", 1, fsSize),
  JS_CFUNC_DEF("read", 3, fsRead), JS_CFUNC_DEF("readFile", 1, fsReadFile), JS_CFUNC_DEF("writeFile", 3, fsWriteFile),
  JS_CFUNC_DEF("stat", 1, fsStat), JS_CFUNC_DEF("exists", 1, fsExists), JS_CFUNC_DEF("rename", 2, fsRename),
  JS_CFUNC_DEF("unlink", 1, fsUnlink), JS_CFUNC_DEF("link", 2, fsLink), JS_CFUNC_DEF("symlink", 2, fsSymlink),
  JS_CFUNC_DEF("mkdir", 1, fsMkdir), JS_CFUNC_DEF("rmdir", 1, fsRmdir), JS_CFUNC_DEF("chmod", 2, fsChmod),
  JS_CFUNC_DEF("utime", 2, fsUtime), JS_CFUNC_DEF("fchmod", 2, fsFchmod), JS_CFUNC_DEF("lstat", 1, fsLstat), JS_CFUNC_DEF("write", 3, fsWrite),
  JS_CFUNC_DEF("truncate", 2, fsTruncate), JS_CFUNC_DEF("sync", 1, fsSync), JS_CFUNC_DEF("readdir", 1, fsReaddir), JS_CFUNC_DEF("readlink", 1, fsReadlink),
  JS_CFUNC_DEF("realpath", 1, fsRealpath), JS_CFUNC_DEF("worldPath", 3, fsWorldPath), JS_CFUNC_DEF("flock", 2, fsFlock), JS_CFUNC_DEF("crc32", 1, hostCrc32),
  JS_CFUNC_DEF("encode", 1, hostEncode), JS_CFUNC_DEF("decode", 1, hostDecode), JS_CFUNC_DEF("exit", 1, hostExit),
  JS_CFUNC_DEF("say", 1, hostSay), JS_CFUNC_DEF("startThread", 2, hostStartThread),
  JS_CFUNC_DEF("needsNode", 1, hostNeedsNode), JS_CFUNC_DEF("tellAll", 0, hostTellAll),
  JS_CFUNC_DEF("serveBy", 1, hostServeBy), JS_CFUNC_DEF("fork", 2, hostFork),
};

static const struct { const char *name; int value; } constants[] = {
  {"O_RDONLY", O_RDONLY}, {"O_RDWR", O_RDWR}, {"O_WRONLY", O_WRONLY}, {"O_CREAT", O_CREAT}, {"O_TRUNC", O_TRUNC},
  {"O_EXCL", O_EXCL}, {"O_APPEND", O_APPEND},
  {"LOCK_SH", LOCK_SH | LOCK_NB}, {"LOCK_EX", LOCK_EX | LOCK_NB}, {"LOCK_UN", LOCK_UN},
};

/* ---- runtimes ---- */

static uint8_t *script; /* compiled */
static size_t scriptBytes;
static Engine *ready[RUNTIMES_MAX]; /* with the script in them, for lanes to come */
static int readyCount;
static int takenCount;
static int *takenMost; /* by one process: in memory that the zygote shares with all of them */
static pthread_mutex_t readyMutex = PTHREAD_MUTEX_INITIALIZER;

/* An exception nobody is there to catch. */
static void giveUpOn(JSContext *c, const char *what) {
  inOwnWords++;
  JSValue error = JS_GetException(c);
  JSValue stack = JS_GetPropertyStr(c, error, "stack");
  const char *text = JS_ToCString(c, error), *where = JS_ToCString(c, stack);
  char all[2048];
  snprintf(all, sizeof all, "%s\n%s", text ? text : "an exception that has no text", where ? where : "");
  giveUp(what, all);
}

static void addCalls(JSContext *c, JSValue global) {
  JSValue host = JS_NewObject(c), gate = JS_NewObject(c), numbers = JS_NewObject(c), flags = JS_NewObject(c);
  JS_SetPropertyFunctionList(c, host, hostCalls, sizeof hostCalls / sizeof *hostCalls);
  JS_SetPropertyFunctionList(c, gate, gateCalls, sizeof gateCalls / sizeof *gateCalls);
  for (size_t i = 0; i < sizeof errnos / sizeof *errnos; i++)
    JS_DefinePropertyValueStr(c, numbers, errnos[i].name, JS_NewInt32(c, errnos[i].number), JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(c, numbers, "EWOULDBLOCK", JS_NewInt32(c, EWOULDBLOCK), JS_PROP_C_W_E);
  for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
    JS_DefinePropertyValueStr(c, flags, constants[i].name, JS_NewInt32(c, constants[i].value), JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(c, host, "gate", gate, JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(c, host, "errno", numbers, JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(c, host, "constants", flags, JS_PROP_C_W_E);
  JS_DefinePropertyValueStr(c, global, "host", host, JS_PROP_C_W_E);
}

static void addClass(JSContext *c, JSClassID id, const JSClassDef *class, const JSCFunctionListEntry *methods, int n) {
  JSValue prototype = JS_NewObject(c);
  JS_NewClass(JS_GetRuntime(c), id, class);
  JS_SetPropertyFunctionList(c, prototype, methods, n);
  JS_SetClassProto(c, id, prototype);
}

static size_t jsStackBytes = JS_STACK_BYTES;

/* The main thread's stack grows as far as a limit says, which most systems set lower, and which may be raised to a second one. */
static void raiseStackLimit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur >= STACK_BYTES) return;
  limit.rlim_cur = limit.rlim_max < STACK_BYTES ? limit.rlim_max : STACK_BYTES;
  if (setrlimit(RLIMIT_STACK, &limit)) giveUp("setrlimit", strerror(errno));
  if (limit.rlim_cur < STACK_BYTES) jsStackBytes = limit.rlim_cur / 2;
}

/* A runtime without the script. */
static Engine *newEngine(void) {
  static const JSClassDef database = {.class_name = "Database", .finalizer = databaseFinalizer};
  static const JSClassDef statement = {.class_name = "Statement", .finalizer = statementFinalizer};
  Engine *e = memset(grow(NULL, sizeof *e), 0, sizeof *e);
  e->runtime = JS_NewRuntime2(&memoryCalls, &e->memory);
  e->context = e->runtime ? JS_NewContext(e->runtime) : NULL;
  if (!e->context) giveUp("no JavaScript runtime", strerror(ENOMEM));
  JSContext *c = e->context;
  JS_SetMaxStackSize(e->runtime, jsStackBytes);
  JS_SetCanBlock(e->runtime, 1);
  JS_SetGCThreshold(e->runtime, GC_BYTES);
  e->readStack = JS_UNDEFINED;
  JS_SetContextOpaque(c, e);
  addClass(c, databaseClass, &database, databaseMethods, sizeof databaseMethods / sizeof *databaseMethods);
  static const JSClassDef backup = {.class_name = "Backup", .finalizer = backupFinalizer};
  addClass(c, backupClass, &backup, backupMethods, sizeof backupMethods / sizeof *backupMethods);
  addClass(c, statementClass, &statement, statementMethods, sizeof statementMethods / sizeof *statementMethods);
  JSValue global = JS_GetGlobalObject(c);
  e->uint8Array = JS_GetPropertyStr(c, global, "Uint8Array");
  addCalls(c, global);
  JS_FreeValue(c, global);
  return e;
}

static Engine *loadedEngine(void) {
  inOwnWords++;
  Engine *e = newEngine();
  JSValue code = JS_ReadObject(e->context, script, scriptBytes, JS_READ_OBJ_BYTECODE);
  JSValue result = JS_IsException(code) ? code : JS_EvalFunction(e->context, code);
  if (JS_IsException(result)) giveUpOn(e->context, "the bundled programs cannot be loaded");
  JS_FreeValue(e->context, result);
  inOwnWords--;
  beginFresh(&e->memory);
  return e;
}

static Engine *takeEngine(void) {
  pthread_mutex_lock(&readyMutex);
  Engine *e = readyCount ? ready[--readyCount] : NULL;
  if (++takenCount > *takenMost) *takenMost = takenCount; /* processes may do so at once, and one count be lost: till the next */
  pthread_mutex_unlock(&readyMutex);
  if (!e) return loadedEngine();
  JS_UpdateStackTop(e->runtime);
  return e;
}

static void compileScript(const char *path) {
  inOwnWords++;
  Engine *e = newEngine();
  JSContext *c = e->context;
  struct stat s;
  size_t have = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &s)) giveUp(path, strerror(errno));
  char *text = grow(NULL, (size_t)s.st_size + 1);
  int failed = readAll(fd, text, (size_t)s.st_size, 0, &have);
  if (failed) giveUp(path, strerror(failed));
  close(fd);
  text[have] = 0;
  JSValue code = JS_Eval(c, text, have, "programs.js", JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
  if (JS_IsException(code)) giveUpOn(c, "the bundled programs cannot be compiled");
  uint8_t *compiled = JS_WriteObject(c, &scriptBytes, code, JS_WRITE_OBJ_BYTECODE);
  if (!compiled) giveUpOn(c, "the bundled programs cannot be compiled");
  script = memcpy(grow(NULL, scriptBytes), compiled, scriptBytes);
  js_free(c, compiled);
  JS_FreeValue(c, code);
  free(text);
  JS_FreeValue(c, e->uint8Array);
  JS_FreeContext(c);
  JS_FreeRuntime(e->runtime);
  freeMemory(&e->memory);
  free(e);
  inOwnWords--;
}

/* ---- lanes ---- */

/* Serves one job after another, for ever (main.ts): the gate ends this process when the coordinator is gone. */
static void serve(Engine *e) {
  JS_Call(e->context, e->serve, JS_UNDEFINED, 0, NULL);
  giveUpOn(e->context, "the host of this lane failed");
}

typedef struct { char *in, *out; } Fifos;

static void *threadMain(void *given) {
  Fifos *fifos = given;
  Engine *e = takeEngine();
  const char *error = attach(fifos->in, fifos->out);
  if (error) giveUp("this thread cannot begin", error);
  serve(e);
  return NULL;
}

/* Result: 0 or the errno. */
static int startThread(const char *in, const char *out) {
  pthread_t thread;
  pthread_attr_t attributes;
  Fifos *fifos = grow(NULL, sizeof *fifos);
  *fifos = (Fifos){copyOf(in), copyOf(out)};
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  int failed = pthread_create(&thread, &attributes, threadMain, fifos);
  pthread_attr_destroy(&attributes);
  return failed;
}

/* startThread(in, out): a failure is none of the program's: the system makes no thread. */
CALL(hostStartThread) {
  UNUSED;
  Texts t;
  if (!textsOf(c, n, v, &t)) return JS_EXCEPTION;
  int failed = startThread(t.text[0], t.text[1]);
  if (failed) giveUp("pthread_create", strerror(failed));
  freeTexts(c, &t);
  return JS_UNDEFINED;
}

/*
** fork(in, out): a copy of this process, with what it has open, which goes on as another one of the run behind these FIFOs. Result: whether
** this is the copy, in its only thread. Nobody here collects it: the coordinator sees its end (run/pool.ts).
*/
CALL(hostFork) {
  UNUSED;
  Texts t;
  if (!textsOf(c, n, v, &t)) return JS_EXCEPTION;
  signal(SIGCHLD, SIG_IGN);
  pid_t pid = fork();
  if (pid < 0) giveUp("fork", strerror(errno));
  if (pid == 0) {
    const char *error = forkedInto(t.text[0], t.text[1]);
    if (error) giveUp("this process cannot begin", error);
    goesOnWithInherited = 1;
  }
  freeTexts(c, &t);
  return JS_NewBool(c, pid == 0);
}

/* ---- the zygote ----
**
** A request is a grant whose text holds NUL-separated words: `detached` or `child`, the log, how many threads beside the main
** one, for each thread (the main one first) the FIFOs in and out, then the folders below which the process may write. The answer
** is a hello with the process's number in `steps`, or with 0 and an errno in `points`.
*/

typedef struct {
  const char *at, *end;
} Words;

static const char *nextWord(Words *w) {
  if (w->at >= w->end) protocolError("a request to the zygote is cut off");
  const char *word = w->at;
  w->at += strlen(word) + 1;
  return word;
}

/* In the new process, from here on. */
static void becomeProcess(Words w, pid_t launcher) {
  const char *log = nextWord(&w);
  int threads = atoi(nextWord(&w)), fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  const char *in = nextWord(&w), *out = nextWord(&w);
  Lane *zygote = lane;
  close(zygote->in);
  close(zygote->out);
  lane = NULL; /* its reply holds the request */
  if (!launcher) setsid(); /* a Ctrl-C at the terminal is for the coordinator alone */
  if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0) giveUp(log, strerror(errno));
  close(fd);
  /* The gate dies with the parent that it attaches under: not with the launcher of an orphan. */
  while (launcher && getppid() == launcher) usleep(100);
  Words folders = w;
  for (int i = 0; i < 2 * threads; i++) nextWord(&folders);
  const char *writable[16];
  int count = 0;
  while (folders.at < folders.end && count < 16) writable[count++] = nextWord(&folders);
  Engine *e = takeEngine();
  const char *error = attach(in, out);
  if (error) giveUp("this process cannot begin", error);
  if (confine(count, writable, 0) < 0) giveUp("this process cannot be confined", strerror(errno));
  for (int i = 0; i < threads; i++) {
    const char *threadIn = nextWord(&w), *threadOut = nextWord(&w);
    int failed = startThread(threadIn, threadOut);
    if (failed) giveUp("pthread_create", strerror(failed));
  }
  serve(e);
}

/* A child of the coordinator, as if that had forked it itself (CLONE_PARENT, clone(2)): it waits for it and reaps it. */
static pid_t startChild(Words w) {
  pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) becomeProcess(w, 0);
  return pid;
}

/* A real orphan: its parent, the launcher, exits. It goes to the nearest subreaper, or to PID 1. */
static pid_t startOrphan(Words w) {
  int told[2];
  pid_t pid = -1;
  if (pipe(told)) return -1;
  pid_t launcher = fork();
  if (launcher == 0) {
    pid_t self = setsid();
    pid_t orphan = fork();
    if (orphan == 0) becomeProcess(w, self);
    _exit(write(told[1], &orphan, sizeof orphan) == sizeof orphan ? 0 : 1);
  }
  int why = errno;
  close(told[1]);
  if (launcher > 0) {
    if (read(told[0], &pid, sizeof pid) != sizeof pid) pid = -1;
    waitpid(launcher, NULL, 0);
  }
  close(told[0]);
  errno = launcher > 0 ? EAGAIN : why;
  return pid;
}

static void serveRequest(const char *request, size_t bytes) {
  Words w = {request, request + bytes};
  int detached = !strcmp(nextWord(&w), "detached");
  Words peek = w;
  nextWord(&peek);
  int lanes = atoi(nextWord(&peek)) + 1;
  /* A process that is to have few threads may begin more by itself, and loading takes longer than many a run of theirs. */
  if (lanes < *takenMost) lanes = *takenMost;
  while (readyCount < lanes && readyCount < RUNTIMES_MAX) ready[readyCount++] = loadedEngine();
  pid_t pid = detached ? startOrphan(w) : startChild(w);
  lane->steps = pid > 0 ? (uint32_t)pid : 0;
  lane->points = pid > 0 ? 0 : (uint32_t)errno;
  sendFrame(lane, FRAME_HELLO);
}

/* The arguments are the zygote's FIFOs in and out, and the script; or a script alone, which is tried. */
int main(int argc, char **argv) {
  if (argc != 4 && argc != 2) protocolError("the native host takes two FIFOs and a script");
  raiseStackLimit();
  mallopt(M_ARENA_MAX, 1); /* one lane runs at a time: an arena for each would be memory for nothing */
  sqlite3_initialize();
  registerGate();
  fillCrcTable();
  takenMost = mmap(NULL, sizeof *takenMost, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (takenMost == MAP_FAILED) giveUp("mmap", strerror(errno));
  JS_NewClassID(&databaseClass);
  JS_NewClassID(&statementClass);
  JS_NewClassID(&backupClass);
  compileScript(argv[argc - 1]);
  ready[readyCount++] = loadedEngine();
  if (argc == 2) return 0;
  const char *error = attach(argv[1], argv[2]);
  if (error) giveUp("the zygote cannot begin", error);
  for (;;) {
    const char *request = job();
    serveRequest(request, lane->grant.replyBytes);
  }
}
