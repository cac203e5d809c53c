/* What programs in C do, one thing a call: says on standard error what came of it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <dlfcn.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAY(...) fprintf(stderr, __VA_ARGS__)

static long long ms_of(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct timespec in_ms(clockid_t clock, int ms) {
  long long at = ms_of(clock) + ms;
  return (struct timespec){at / 1000, at % 1000 * 1000000};
}

/* ---- time and chance ---- */

static void times(void) {
  long long wall = ms_of(CLOCK_REALTIME), steady = ms_of(CLOCK_MONOTONIC);
  usleep(1500);
  SAY("usleep %lld\n", ms_of(CLOCK_REALTIME) - wall);
  sleep(2);
  SAY("sleep %lld %lld %lld\n", ms_of(CLOCK_REALTIME) - wall, ms_of(CLOCK_MONOTONIC) - steady, (long long)time(NULL) * 1000 - wall);
  struct timespec until = in_ms(CLOCK_MONOTONIC, 500);
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
  SAY("until %lld\n", ms_of(CLOCK_MONOTONIC) - steady);
  while (ms_of(CLOCK_REALTIME) < wall + 2510) continue; /* busy */
  SAY("busy %lld\n", ms_of(CLOCK_REALTIME) - wall);
}

static void chance(void) {
  unsigned a, b;
  FILE *f = fopen("/dev/urandom", "r");
  getentropy(&a, sizeof a);
  if (!f || fread(&b, sizeof b, 1, f) != 1) abort();
  fclose(f);
  char name[] = "draw-XXXXXX";
  close(mkstemp(name));
  SAY("%u %u %d %d %s\n", a, b, getpid(), getppid(), name);
}

/* ---- threads ---- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t semaphore;
static volatile int shared; /* not by accident: each access is one */
static int guarded, turns;

static void *adds(void *name) {
  (void)name;
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < 5; i++) {
    int seen = shared; /* not guarded */
    pthread_mutex_lock(&mutex);
    guarded++;
    pthread_mutex_unlock(&mutex);
    shared = seen + 1;
    sem_post(&semaphore);
  }
  pthread_rwlock_wrlock(&rwlock);
  usleep(1000);
  pthread_rwlock_unlock(&rwlock);
  pthread_mutex_lock(&mutex);
  turns++;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&mutex);
  return "done";
}

static void threads(void) {
  pthread_t two[2];
  void *result;
  pthread_barrier_init(&barrier, NULL, 2);
  sem_init(&semaphore, 0, 0);
  for (int i = 0; i < 2; i++) pthread_create(&two[i], NULL, adds, NULL);
  pthread_mutex_lock(&mutex);
  while (turns < 2) pthread_cond_wait(&changed, &mutex);
  struct timespec until = in_ms(CLOCK_REALTIME, 100);
  int rc = pthread_cond_timedwait(&changed, &mutex, &until);
  pthread_mutex_unlock(&mutex);
  for (int i = 0; i < 10; i++) sem_wait(&semaphore);
  until = in_ms(CLOCK_REALTIME, 50);
  int timed = sem_timedwait(&semaphore, &until);
  for (int i = 0; i < 2; i++) pthread_join(two[i], &result);
  SAY("guarded %d, lost %d, %s %s %d %s\n", guarded, 10 - shared, rc == ETIMEDOUT ? "timed out" : "?", (char *)result, timed,
      errno == ETIMEDOUT ? "timed out" : "?");
}

/* As languages make their own mutexes of it. */
static volatile uint32_t word;

static void *wakes(void *nothing) {
  (void)nothing;
  sleep(1);
  word = 1;
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
  return NULL;
}

static void futexes(void) {
  pthread_t other;
  long long began = ms_of(CLOCK_MONOTONIC);
  pthread_create(&other, NULL, wakes, NULL);
  while (!word) syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL);
  struct timespec brief = {0, 50000000};
  long rc = syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 1, &brief);
  SAY("%ld %s %lld\n", rc, errno == ETIMEDOUT ? "timed out" : "?", ms_of(CLOCK_MONOTONIC) - began);
  pthread_join(other, NULL);
}

static sqlite3 *one_db;

static void *uses(void *name) {
  for (int i = 0; i < 3; i++) {
    char *sql = sqlite3_mprintf("BEGIN IMMEDIATE; INSERT INTO t(k, v) VALUES(NULL, %Q); COMMIT", (char *)name);
    while (sqlite3_exec(one_db, sql, NULL, NULL, NULL) == SQLITE_ERROR) usleep(1000); /* another thread is in a transaction */
    sqlite3_free(sql);
  }
  return NULL;
}

/* Two threads that share one connection, as SQLite lets them in its serialized mode. */
static void connection(void) {
  pthread_t two[2];
  if (sqlite3_open("lab.db", &one_db)) abort();
  sqlite3_busy_timeout(one_db, 5000);
  for (int i = 0; i < 2; i++) pthread_create(&two[i], NULL, uses, i ? "b" : "a");
  for (int i = 0; i < 2; i++) pthread_join(two[i], NULL);
  SAY("closed %d\n", sqlite3_close(one_db));
}

/* ---- hooks of its own ---- */

static int updated, committed, rolled_back, traced;
static void on_update(void *n, int op, const char *db, const char *table, sqlite3_int64 row) { ++*(int *)n; }
static int on_commit(void *n) { return ++*(int *)n == 3; /* it refuses the third */ }
static void on_rollback(void *n) { ++*(int *)n; }
static int on_trace(unsigned event, void *n, void *of, void *more) { return ++*(int *)n, 0; }

static void hooks(void) {
  sqlite3 *db;
  if (sqlite3_open("lab.db", &db)) abort();
  sqlite3_update_hook(db, on_update, &updated);
  sqlite3_commit_hook(db, on_commit, &committed);
  sqlite3_rollback_hook(db, on_rollback, &rolled_back);
  sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_trace, &traced);
  sqlite3_exec(db, "INSERT INTO t VALUES(1, 'x')", NULL, NULL, NULL);
  sqlite3_exec(db, "BEGIN; INSERT INTO t VALUES(2, 'x'); INSERT INTO t VALUES(3, 'x'); COMMIT", NULL, NULL, NULL);
  int refused = sqlite3_exec(db, "INSERT INTO t VALUES(4, 'x')", NULL, NULL, NULL);
  int same = sqlite3_commit_hook(db, NULL, NULL) == &committed;
  sqlite3_exec(db, "INSERT INTO t VALUES(5, 'x')", NULL, NULL, NULL);
  SAY("%d %d %d %d %s %d\n", updated, committed, rolled_back, traced, sqlite3_errstr(refused), same);
  sqlite3_close(db);
}

/* ---- files and names ---- */

static void say_file(const char *path) {
  struct stat s;
  if (stat(path, &s)) SAY("%s: %s\n", path, strerror(errno));
  else SAY("%s: inode %lu size %ld mtime %ld\n", path, s.st_ino, (long)s.st_size, (long)s.st_mtime);
}

static void files(void) {
  char text[PATH_MAX], bytes[16] = "";
  mkdir("folder", 0755);
  int fd = open("folder/a.txt", O_RDWR | O_CREAT, 0644);
  if (write(fd, "hello", 5) != 5 || pwrite(fd, "J", 1, 0) != 1) abort();
  fsync(fd);
  int other = dup(fd);
  lseek(other, 0, SEEK_SET);
  if (read(other, bytes, sizeof bytes - 1) != 5) abort();
  rename("folder/a.txt", "/lockstep/folder/b.txt");
  symlink("/lockstep/folder/b.txt", "link");
  SAY("%s, %s, %s\n", bytes, getcwd(text, sizeof text), realpath("link", NULL));
  say_file("link");
  struct stat before, after;
  fstat(fd, &before);
  unlink("folder/b.txt");
  fstat(fd, &after);
  SAY("%s %s\n", before.st_ino == after.st_ino ? "same" : "another", access("folder/b.txt", F_OK) ? "gone" : "there");
  chdir("folder");
  FILE *f = fopen("c.txt", "w");
  fprintf(f, "%s\n", getcwd(text, sizeof text));
  fclose(f);
  DIR *d = opendir("..");
  for (struct dirent *e; (e = readdir(d));) SAY("%s ", e->d_name);
  closedir(d);
  SAY("\n%d %s\n", open("../../etc/passwd", O_RDONLY) >= 0, open("/lockstep/../lockstep/lab.db", O_RDONLY) >= 0 ? "in" : "out");
  close(other);
}

/* A flock of the parent, for which the child waits. */
static void locks(void) {
  int fd = open("board.lock", O_RDWR | O_CREAT, 0644);
  flock(fd, LOCK_EX);
  long long began = ms_of(CLOCK_MONOTONIC);
  if (!fork()) {
    int mine = open("board.lock", O_RDWR);
    flock(mine, LOCK_EX);
    _exit((int)(ms_of(CLOCK_MONOTONIC) - began));
  }
  sleep(1);
  flock(fd, LOCK_UN);
  int status;
  wait(&status);
  SAY("waited %d\n", WEXITSTATUS(status) == (1000 & 0xFF));
}

/* ---- processes ---- */

static volatile sig_atomic_t asked;
static void on_signal(int signal) { asked = signal; }

static void processes(void) {
  char text[64] = "";
  int status, ends[2];
  SAY("system %d\n", WEXITSTATUS(system("exit 7")));
  FILE *p = popen("echo from a child; sleep 1", "r");
  if (!fgets(text, sizeof text, p)) abort();
  SAY("popen %.*s %d\n", (int)strcspn(text, "\n"), text, pclose(p));
  pipe(ends);
  pid_t child = fork();
  if (!child) {
    struct sigaction act = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &act, NULL);
    if (write(ends[1], "ready", 5) != 5) abort();
    pause();
    _exit(asked);
  }
  if (read(ends[0], text, 5) != 5) abort();
  kill(child, SIGUSR1);
  waitpid(child, &status, 0);
  SAY("handled %d %d\n", WEXITSTATUS(status) == SIGUSR1, kill(child, 0));
  child = fork();
  if (!child) for (;;) sleep(1000);
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  SAY("killed %d\n", WTERMSIG(status));
}

static void *exits(void *nothing) {
  (void)nothing;
  exit(3);
}

static void says_bye(void) { SAY("bye\n"); }

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  atexit(says_bye);
  if (!strcmp(what, "times")) times();
  else if (!strcmp(what, "chance")) chance();
  else if (!strcmp(what, "threads")) threads();
  else if (!strcmp(what, "futexes")) futexes();
  else if (!strcmp(what, "connection")) connection();
  else if (!strcmp(what, "hooks")) hooks();
  else if (!strcmp(what, "files")) files();
  else if (!strcmp(what, "locks")) locks();
  else if (!strcmp(what, "processes")) processes();
  else if (!strcmp(what, "exit")) exit(4);
  else if (!strcmp(what, "exit-in-thread")) {
    pthread_t one;
    pthread_create(&one, NULL, exits, NULL);
    for (;;) sleep(1);
  } else if (!strcmp(what, "_exit")) _exit(5);
  else if (!strcmp(what, "abort")) abort();
  else if (!strcmp(what, "segv")) raise(SIGSEGV);
  else if (!strcmp(what, "kill")) kill(getpid(), SIGKILL);
  else if (!strcmp(what, "int")) raise(SIGINT);
  else if (!strcmp(what, "sleep")) for (;;) sleep(60);
  else if (!strcmp(what, "socket")) socket(AF_INET, SOCK_STREAM, 0);
  else if (!strcmp(what, "bare")) {
    sqlite3 *db;
    if (sqlite3_open("lab.db", &db) || sqlite3_exec(db, "SELECT * FROM t", NULL, NULL, NULL)) return 1;
    int (*past)(int, const char *, int) = dlsym(dlopen("libc.so.6", RTLD_NOW), "openat"); /* whoever stands before it */
    if (past(AT_FDCWD, "lab.db", O_RDWR) < 0) return 2;
    sleep(1);
  } else if (!strcmp(what, "open")) {
    sqlite3 *db;
    if (sqlite3_open("lab.db", &db) || sqlite3_exec(db, "INSERT INTO t VALUES(1, 'x')", NULL, NULL, NULL)) return 1;
  } else return 2;
  return 0;
}
