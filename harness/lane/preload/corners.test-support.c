/*
** A program of the tests: what is asked of the C library more seldom than in the tour. Prints what came of it on standard error.
*/
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define SAY(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr))

static void endless(void) {
  struct timespec longest = {(time_t)1 << 62, 0};
  SAY("ended %d", nanosleep(&longest, NULL));
}

static void folders(void) {
  struct dirent **names;
  glob_t found;
  close(open("b.txt", O_CREAT | O_WRONLY, 0644));
  close(open("a.txt", O_CREAT | O_WRONLY, 0644));
  int n = scandir("/lockstep", &names, NULL, alphasort);
  for (int i = 0; i < n; i++) fprintf(stderr, "%s ", names[i]->d_name);
  int rc = glob("/lockstep/*.txt", 0, NULL, &found);
  SAY("%d %zu %s", rc, found.gl_pathc, found.gl_pathv[1]);
}

static void machine(void) {
  char name[64];
  cpu_set_t set;
  gethostname(name, sizeof name);
  sched_getaffinity(0, sizeof set, &set);
  SAY("%s %ld %d %d %o", name, sysconf(_SC_NPROCESSORS_ONLN), get_nprocs(), CPU_COUNT(&set), (unsigned)umask(0));
}

static void temporary(void) {
  FILE *file = tmpfile();
  SAY("%d", file ? fprintf(file, "hello") : -1);
}

static void spawning(void) {
  posix_spawn_file_actions_t actions;
  pid_t pid;
  int status;
  char *words[] = {"cat", NULL};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "missing.txt", O_RDONLY, 0);
  int rc = posix_spawnp(&pid, "cat", &actions, NULL, words, environ);
  int again = posix_spawnp(&pid, "true", NULL, NULL, words, environ);
  waitpid(pid, &status, 0);
  SAY("%s, then %d %d", strerror(rc), again, status);
}

static void events(void) {
  int fd = eventfd(0, 0);
  eventfd_t value;
  if (!fork()) {
    sleep(1);
    eventfd_write(fd, 5);
    _exit(0);
  }
  int rc = eventfd_read(fd, &value);
  SAY("%d %llu", rc, (unsigned long long)value);
  rc = inotify_init1(0);
  SAY("%d %s", rc, strerror(errno));
}

/* A lock that becomes a shared one lets others in. */
static void downgrade(void) {
  int fd = open("lock", O_RDWR | O_CREAT, 0644);
  flock(fd, LOCK_EX);
  struct flock record = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
  fcntl(fd, F_SETLKW, &record);
  if (!fork()) {
    int other = open("lock", O_RDWR);
    record.l_type = F_RDLCK;
    SAY("has it %d", flock(other, LOCK_SH));
    SAY("has it %d", fcntl(other, F_SETLKW, &record));
    _exit(0);
  }
  sleep(1);
  flock(fd, LOCK_SH);
  sleep(1);
  record.l_type = F_RDLCK;
  fcntl(fd, F_SETLK, &record);
  wait(NULL);
}

static void rings(int signal) { SAY("rings in %s", getenv("WHO")), (void)signal; }

/* A child of fork has no alarm, another program has that of the one before. */
static void alarms(char *self) {
  int status;
  setenv("WHO", "parent", 1);
  signal(SIGALRM, rings);
  alarm(1);
  if (!fork()) {
    setenv("WHO", "child", 1);
    sleep(3);
    _exit(0);
  }
  waitpid(-1, &status, 0);
  if (!fork()) {
    alarm(2);
    execl(self, self, "sleeps", NULL);
  }
  while (waitpid(-1, &status, 0) < 0) continue;
  SAY("%s", strsignal(WTERMSIG(status)));
}

/* Of a child, which comes when it is waited for, and of an alarm. */
static void sigwaits(void) {
  sigset_t set;
  int taken = 0, rung = 0;
  struct timespec brief = {1, 0};
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  if (!fork()) {
    sleep(2);
    kill(getppid(), SIGUSR1);
    _exit(0);
  }
  int early = sigtimedwait(&set, NULL, &brief);
  int why = errno;
  sigwait(&set, &taken);
  time_t now = time(NULL);
  wait(NULL);
  sigaddset(&set, SIGALRM);
  alarm(3);
  sigwait(&set, &rung);
  SAY("%d %s, %s, %s after %d", early, strerror(why), strsignal(taken), strsignal(rung), (int)(time(NULL) - now));
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void *signals(void *nothing) {
  sleep(1);
  pthread_mutex_lock(&mutex);
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&mutex);
  return nothing;
}

/* A wait until a date is neither over at once nor for ever. */
static void dates(void) {
  pthread_t thread;
  struct timespec date;
  pthread_create(&thread, NULL, signals, NULL);
  clock_gettime(CLOCK_REALTIME, &date);
  date.tv_sec += 30;
  pthread_mutex_lock(&mutex);
  int rc = pthread_cond_timedwait(&changed, &mutex, &date);
  SAY("%d then %s", rc, strerror(pthread_cond_timedwait(&changed, &mutex, &date)));
  pthread_mutex_unlock(&mutex);
  pthread_join(thread, NULL);
}

static int visit(const char *path, const struct stat *s, int kind, struct FTW *at) { return (void)path, (void)s, (void)kind, (void)at, 0; }

static void changesFolder(void) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, "..");
}

int main(int argc, char **argv) {
  sqlite3 *db;
  const char *what = argc > 1 ? argv[1] : "";
  if (!strcmp(what, "sleeps")) return (int)sleep(9);
  if (sqlite3_open("lab.db", &db) != SQLITE_OK) return 2;
  if (!strcmp(what, "endless")) endless();
  if (!strcmp(what, "folders")) folders();
  if (!strcmp(what, "machine")) machine();
  if (!strcmp(what, "temporary")) temporary();
  if (!strcmp(what, "spawning")) spawning();
  if (!strcmp(what, "events")) events();
  if (!strcmp(what, "downgrade")) downgrade();
  if (!strcmp(what, "alarms")) alarms(argv[0]);
  if (!strcmp(what, "dates")) dates();
  if (!strcmp(what, "sigwaits")) sigwaits();
  if (!strcmp(what, "tree")) nftw(".", visit, 4, 0);
  if (!strcmp(what, "timer")) timerfd_create(CLOCK_MONOTONIC, 0);
  if (!strcmp(what, "folder of a child")) changesFolder();
  return sqlite3_close(db);
}
