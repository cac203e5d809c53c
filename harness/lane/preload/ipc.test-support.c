/*
** A program of the tests: what processes have of each other, files that are mapped, and system calls by their number. Prints what came of it
** on standard error.
*/
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAY(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr))

static void writeFile(const char *name, const char *text) {
  int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0644);
  if (write(fd, text, strlen(text)) < 0) abort();
  close(fd);
}

/* What is mapped privately is what the file was, and what is written there is nobody else's. */
static void private(void) {
  char byte;
  writeFile("m.txt", "hello");
  int fd = open("m.txt", O_RDONLY);
  char *p = mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  writeFile("m.txt", "other");
  p[0] = 'J';
  pread(fd, &byte, 1, 0);
  SAY("%.5s %c", p, byte);
  munmap(p, 5);
  void *none = mmap(NULL, 5, PROT_READ, MAP_PRIVATE, fd, 17);
  SAY("%d %s", none == MAP_FAILED, strerror(errno));
}

static void shared(void) { mmap(NULL, 4096, PROT_READ, MAP_SHARED, open("lab.db", O_RDONLY), 0); }

/* By their number, as by their name. */
static void raw(void) {
  char text[6] = "";
  struct stat s;
  struct timespec t;
  int fd = (int)syscall(SYS_openat, AT_FDCWD, "r.txt", O_CREAT | O_RDWR, 0644);
  syscall(SYS_write, fd, "hello", 5);
  syscall(SYS_pread64, fd, text, 5, 0);
  syscall(SYS_fsync, fd);
  long rc = syscall(SYS_newfstatat, AT_FDCWD, "r.txt", &s, 0);
  syscall(SYS_close, fd);
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &t);
  SAY("%s %ld %d %d %ld %d", text, rc, (int)s.st_ino, (int)s.st_size, (long)t.tv_sec, syscall(SYS_getpid) == getpid());
}

/* What is done to files by name and by descriptor. */
static void held(void) {
  struct stat s;
  struct statx x;
  off_t at = 0;
  struct timespec times[2] = {{0, 0}, {1779494401, 0}};
  int fd = open("x", O_RDWR | O_CREAT, 0644), out = open("y", O_RDWR | O_CREAT, 0644);
  if (write(fd, "hello", 5) != 5) abort();
  fchmod(fd, 0600);
  chmod("x", 0640);
  fstat(fd, &s);
  fsync(fd);
  fdatasync(fd);
  futimens(fd, times);
  utimensat(AT_FDCWD, "x", times, 0);
  stat("x", &s);
  fchown(fd, (uid_t)-1, (gid_t)-1);
  chown("x", (uid_t)-1, (gid_t)-1);
  posix_fallocate(fd, 0, 10);
  ftruncate(fd, 5);
  ssize_t sent = sendfile(out, fd, &at, 5);
  symlink("x", "link");
  lstat("link", &s);
  statx(AT_FDCWD, "x", 0, STATX_SIZE, &x);
  mkdir("d", 0755);
  rename("y", "d/y");
  link("x", "z");
  unlink("x"); /* which is open all the same */
  int copy = dup(fd);
  lseek(fd, 0, SEEK_SET);
  char text[6] = "";
  if (read(copy, text, 5) != 5) abort();
  fstat(fd, &s);
  SAY("%zd %d %s %d %d", sent, (int)x.stx_size, text, (int)s.st_nlink, close(fd) + close(copy) + close(out));
}

static void *memory(void) { return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0); }

typedef struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  pthread_rwlock_t lock;
  sem_t semaphore;
  int value;
} Shared;

/* Parent and child wait for each other at whatever lies in memory that they share. */
static void together(void) {
  Shared *m = memory();
  pthread_mutexattr_t mutexes;
  pthread_condattr_t conditions;
  pthread_rwlockattr_t locks;
  struct timespec date;
  pthread_mutexattr_init(&mutexes);
  pthread_mutexattr_setpshared(&mutexes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&m->mutex, &mutexes);
  pthread_condattr_init(&conditions);
  pthread_condattr_setpshared(&conditions, PTHREAD_PROCESS_SHARED);
  pthread_cond_init(&m->changed, &conditions);
  pthread_rwlockattr_init(&locks);
  pthread_rwlockattr_setpshared(&locks, PTHREAD_PROCESS_SHARED);
  pthread_rwlock_init(&m->lock, &locks);
  sem_init(&m->semaphore, 1, 0);
  pthread_mutex_lock(&m->mutex);
  pthread_rwlock_wrlock(&m->lock);
  if (!fork()) {
    pthread_mutex_lock(&m->mutex); /* until its parent waits for the condition */
    m->value = 1;
    pthread_cond_signal(&m->changed);
    pthread_mutex_unlock(&m->mutex);
    sem_wait(&m->semaphore);
    pthread_rwlock_rdlock(&m->lock);
    m->value++;
    _exit(0);
  }
  sleep(1);
  while (!m->value) pthread_cond_wait(&m->changed, &m->mutex);
  int seen = m->value;
  clock_gettime(CLOCK_REALTIME, &date);
  date.tv_sec += 1;
  int rc = pthread_cond_timedwait(&m->changed, &m->mutex, &date);
  sem_post(&m->semaphore);
  sleep(1);
  int before = m->value;
  pthread_rwlock_unlock(&m->lock);
  wait(NULL);
  SAY("%d %s %d %d", seen, strerror(rc), before, m->value);
}

/* More than fits in between, so that both wait. */
static void pair(void) {
  enum { MANY = 1 << 20 };
  int ends[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  char *bytes = calloc(1, MANY), back[3] = "";
  if (!fork()) {
    sleep(1);
    ssize_t n = recv(ends[1], bytes, MANY, MSG_WAITALL);
    send(ends[1], n == MANY && bytes[MANY - 1] == 'x' ? "ok" : "no", 2, 0);
    _exit(0);
  }
  bytes[MANY - 1] = 'x';
  ssize_t sent = send(ends[0], bytes, MANY, 0);
  ssize_t n = recvfrom(ends[0], back, 2, 0, NULL, NULL);
  wait(NULL);
  SAY("%d %d %s", (int)sent, (int)n, back);
}

static void hands(void) {
  int ends[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  char control[CMSG_SPACE(sizeof(int))] = "";
  struct iovec part = {"x", 1};
  struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  *CMSG_FIRSTHDR(&m) = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
  sendmsg(ends[0], &m, 0);
}

static void connects(const char *path) {
  struct sockaddr_un to = {AF_UNIX, ""};
  strcpy(to.sun_path, path);
  int rc = connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof to);
  SAY("%d %s", rc, strerror(errno));
}

static void binds(void) {
  struct sockaddr_un name = {AF_UNIX, "s"};
  bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, sizeof name);
}

int main(int argc, char **argv) {
  sqlite3 *db;
  const char *what = argc > 1 ? argv[1] : "";
  if (sqlite3_open("lab.db", &db) != SQLITE_OK) return 2;
  if (!strcmp(what, "private")) private();
  if (!strcmp(what, "shared")) shared();
  if (!strcmp(what, "raw")) raw();
  if (!strcmp(what, "held")) held();
  if (!strcmp(what, "raw and unknown")) syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
  if (!strcmp(what, "together")) together();
  if (!strcmp(what, "pair")) pair();
  if (!strcmp(what, "hands")) hands();
  if (!strcmp(what, "logger")) connects("/dev/log");
  if (!strcmp(what, "connect")) connects("/lockstep/s");
  if (!strcmp(what, "bind")) binds();
  if (!strcmp(what, "listen")) listen(0, 1);
  if (!strcmp(what, "accept")) accept(0, NULL, NULL);
  if (!strcmp(what, "socket")) socket(AF_INET6, SOCK_DGRAM, 0);
  if (!strcmp(what, "shmget")) shmget(IPC_PRIVATE, 4096, 0600);
  if (!strcmp(what, "semget")) semget(IPC_PRIVATE, 1, 0600);
  if (!strcmp(what, "msgget")) msgget(IPC_PRIVATE, 0600);
  if (!strcmp(what, "shm_open")) shm_open("/lockstep-test", O_CREAT | O_RDWR, 0600);
  if (!strcmp(what, "mq_open")) mq_open("/lockstep-test", O_CREAT | O_RDWR, 0600, NULL);
  if (!strcmp(what, "sem_open")) sem_open("/lockstep-test", O_CREAT, 0600, 1);
  return sqlite3_close(db);
}
