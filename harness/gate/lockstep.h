/*
** The gate's calls for a host in C, or in a language that calls C: a preload library, ctypes, an addon. They are the SQL functions
** of the same names without a connection, and so without a lock of SQLite's: where threads share what calls the gate, take these.
** The compiled gate (gate.so) exports them; load it, then find them with dlsym(3).
**
** A thread attaches to two FIFOs that the coordinator has made, waits for a job (JSON, lane/run-job.ts), enters the run that it
** names, works, leaves, and waits for the next. In between each call here but the questions is a step, before which the thread
** may stand still as long as the coordinator likes.
**
** Texts are UTF-8. Files are named below the world's directory. Times are virtual milliseconds. A text that is given back is good
** until the thread's next call.
*/
#ifndef LOCKSTEP_H
#define LOCKSTEP_H
#include <stdint.h>

/* ---- a thread's part in a run ---- */

/* For sqlite3_auto_extension, where a program loads no extensions: the gate serves the SQLite library whose connection is opened next,
** and what that connection opened before is none of its files. Loading the gate as an extension does the same. */
struct sqlite3;
struct sqlite3_api_routines;
int lockstep_init(struct sqlite3 *db, char **error, const struct sqlite3_api_routines *api);

/* Opens the two FIFOs of this thread and says hello. Result: NULL, or what is wrong. */
const char *lockstep_attach(const char *in, const char *out);
/* From here on this thread, and those that it starts, may write below these folders only, run no program (unless `runsPrograms`), open no
** TCP connection and signal no process outside. Result: the version of Landlock that holds it, 0 where the kernel cannot, -1 with errno. */
int lockstep_confine(int n, const char *const *folders, int runsPrograms);
/* Waits for work. Result: the job; NULL in a thread that is not attached, or in a run. */
const char *lockstep_job(void);
/* Enters a run. Result: 0 in a thread that is not attached, or in a run already. */
int lockstep_enter(int lane, uint64_t seed, const char *root);
/* Ends this thread's part in the run; the text says how, as JSON (lane/end.ts). */
void lockstep_leave(const char *text);
/* From here on the end of the process is the end of this thread's part, by on_exit(3); the text says how, unless it ends with 0: then
** lockstep_leave is not called. Result: NULL, or what is wrong. */
const char *lockstep_ends(const char *text);
/* The SQLite that answers must be of this version. Result: NULL, or a sentence. */
const char *lockstep_engine(const char *wanted);
/* Is this thread in a run? Where it is not, all below does nothing, and gives back 0 or NULL. */
int lockstep_inside(void);

/* ---- steps ---- */

/* Stops before an operation on a file (model/operations.ts, stepKinds) or, without a file, at a label. `detail` is what World has (lane/
** files.ts), or NULL: of `open` how (`r`, `r+`, `w`, `wx`, `w+`, `a`, `a+`), of `flock` `shared` or `exclusive`, of two names the other.
** Result: 0, or the result code of SQLite that it must fail with. The caller acts, then calls lockstep_done. */
int lockstep_step(const char *kind, const char *file, const char *detail);
/* The same before one on a descriptor (descriptorKinds) that lockstep_opened was told of; on any other, no step. sendfile(2) and
** copy_file_range(2) are a read from one and a write to another; what dup(2) gives is told as opened anew. */
int lockstep_on(const char *kind, int fd, uint32_t length, int64_t offset);
/* The action has happened: with 0 or an errno, and it read or wrote so many bytes of this checksum. */
void lockstep_done(int code, int64_t length, uint32_t sum);
/* In place of lockstep_done after a step `open` that gave this descriptor. */
void lockstep_opened(int fd);
/* After a step `scan`: the descriptors that SQLite has in this process of the file of this path, a JSON array to be freed; NULL: none. */
char *lockstep_scan(const char *path);
/* After a step `lock` on one of them: see lockRange (gate-found.c). Result: 0 or the errno. */
int lockstep_range(int fd, int how, uint32_t length, int64_t offset);
/* How this thread opens the next database: by another VFS of SQLite's own (NULL: the usual one), and with `alone` so that nobody else sees
** what it writes into the wal-index. No step. Result: 0 where SQLite has no such VFS. */
int lockstep_opens(const char *vfs, int alone);
/* In a step with a label: stores bytes where this process has this place of a file, by its real path, in its memory. Result: 0; EFAULT
** where it may only be read, ENOENT where it is not in memory. */
int lockstep_poke(const char *path, int64_t offset, const void *bytes, size_t n);
/* A name leads out of the world: says so in the trace. */
void lockstep_refuse(const char *name);
/* Stands still. `quietUntilMs`: NULL, or World.sleep's promise (lane/world.ts). */
void lockstep_sleep(int64_t ms, const char *quietUntilMs);
/* Leaves an observation, JSON {"kind", "data"}. */
void lockstep_observe(const char *text);
/* Asks the coordinator (model/request.ts). Result: its answer, JSON. */
const char *lockstep_ask(const char *text);

/* ---- questions, which are no steps ---- */

/* Virtual time since the Unix epoch. */
int64_t lockstep_now(void);
/* 53 random bits of this lane's stream. */
int64_t lockstep_random(void);
/* Has the plan's end been reached, or this process been asked to stop? */
int lockstep_stopping(void);
/* Is this lane to run the collector of its runtime now (a fault of the plan)? Once. */
int lockstep_collects(void);
/* The text of the last grant: after a step `stat`, `lstat` or `fdStat` the inode's number and the mtime (parseStat). */
const char *lockstep_answer(void);

/* ---- what the threads of a process share ---- */

const char *lockstep_get(const char *key);
void lockstep_set(const char *key, const char *value);
/* A mutex that is re-entrant and belongs to a lane. `ms`: how long to wait for it; 0 tries, -1 waits for ever. Result: 1 when it
** is had; of unlock, 0 when this lane does not hold it. */
int lockstep_lock(const char *name, int64_t ms);
int lockstep_unlock(const char *name);
/* A semaphore: `count` can be had, and there are never more than `most` (0: no limit). One that nobody has made is one that one lane
** can have. Release: whoever took it; 0 when all are there. */
void lockstep_semaphore(const char *name, uint32_t count, uint32_t most);
int lockstep_acquire(const char *name, int64_t ms);
int lockstep_release(const char *name);

/* ---- before the program begins ---- */

/* From now on SQLite's mutexes wait as lanes do, so that lanes may share a connection; called before the first connection, with
** three functions of the SQLite library that the program uses. Result: NULL, or why not. Not for a runtime that lets one thread run at a
** time and calls SQLite holding that lock, as CPython does to bind values: who waits would hold up all others in the kernel. There the
** host takes a mutex (lockstep_lock) around each call on a connection, by which SQLite would part them anyway. */
const char *lockstep_share_connections(int (*config)(int, ...), int (*initialize)(void), int (*shutdown)(void));
/* In the child of a fork: this process goes on as one of the run. Before it forks, the parent asks `fork NAME`, which is answered
** {"value": {"in", "out"}} or {"error"}; the child calls this with those two, waits for its job and enters; the parent asks `forked NAME`
** and, as soon as it likes, collects the child (waitpid(2)) when `wait NAME` has answered. A connection that the child has inherited is not
** to be used in it; a descriptor is its own from then on. Without this call the child may do nothing on files of the run.
** Result: as lockstep_attach. */
const char *lockstep_forked(const char *in, const char *out);
/* A step before exec(2) of this program (the name of its file), in the only thread of a process. The next program, with the same host, goes
** on as this lane when it has called lockstep_take_over with the descriptor that is given here; it gets the text `more`. Result: -1 where
** the plan has it fail. Where exec itself fails, this program goes on by lockstep_keep. */
int lockstep_hand_over(const char *program, const char *more);
void lockstep_keep(int fd);
const char *lockstep_take_over(int fd);

#endif
