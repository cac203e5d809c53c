/*
** What processes have of each other without a file: sockets, and what has a key or a name that is one for the whole machine. Two sockets
** that belong together (socketpair(2)) are as pipes are. All else would be none of the run's alone, or comes from elsewhere: refused.
*/
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>

/* ---- sockets ---- */

int socket(int domain, int type, int protocol) {
  if (CALLER() && domain != AF_UNIX && domain != AF_NETLINK)
    notFollowed("opens a socket (socket): what comes from a network is not of the run. Let it speak by pipes, by two sockets that belong together "
                "(socketpair), or by files of the run; or put a stand-in in its place");
  return NEXT(socket)(domain, type, protocol);
}

/* As where no service of the machine runs: a logger, a name cache. */
int connect(int fd, const struct sockaddr *to, socklen_t bytes) {
  Lane *l = CALLER();
  Place p;
  if (!l) return NEXT(connect)(fd, to, bytes);
  char path[sizeof(struct sockaddr_un)] = "";
  if (to && to->sa_family == AF_UNIX && bytes > sizeof to->sa_family)
    snprintf(path, sizeof path, "%.*s", (int)(bytes - sizeof to->sa_family), ((const struct sockaddr_un *)to)->sun_path);
  if (*path && placeOf(l, AT_FDCWD, path, &p) && p.inWorld)
    notFollowed("connects a socket to a file of the run (connect), which its host cannot follow: let it speak by pipes, or by two sockets that "
                "belong together (socketpair)");
  return errno = ECONNREFUSED, -1;
}

#define REFUSED(type, call, parameters, given, sentence)              \
  type call parameters {                                              \
    if (CALLER()) notFollowed(sentence);                              \
    return NEXT(call) given;                                          \
  }
#define SERVES "waits for others to connect (" 
#define LIKE_PIPES "), whom nobody would see: let it speak by pipes, or by two sockets that belong together (socketpair)"
REFUSED(int, bind, (int fd, const struct sockaddr *name, socklen_t bytes), (fd, name, bytes), SERVES "bind" LIKE_PIPES)
REFUSED(int, listen, (int fd, int most), (fd, most), SERVES "listen" LIKE_PIPES)
REFUSED(int, accept, (int fd, struct sockaddr *restrict who, socklen_t *restrict bytes), (fd, who, bytes), SERVES "accept" LIKE_PIPES)
REFUSED(int, accept4, (int fd, struct sockaddr *restrict who, socklen_t *restrict bytes, int flags), (fd, who, bytes, flags),
        SERVES "accept4" LIKE_PIPES)

static int isQuiet(int fd, int flags) { return flags & MSG_DONTWAIT || !mayWait(fd); }

/* Something has been taken, so that another may send. */
static ssize_t moved(Lane *l, ssize_t n) {
  int e = errno;
  notifies(l, KERNEL);
  errno = e;
  return n;
}

static ssize_t receivesMessage(Lane *l, int fd, struct msghdr *m, int flags) {
  if (!isQuiet(fd, flags) && untilReady(l, fd, POLLIN)) return -1;
  return moved(l, NEXT(recvmsg)(fd, m, (flags & ~MSG_WAITALL) | MSG_DONTWAIT));
}

/* What a call asks for in one piece comes in as many as there are. */
static ssize_t receives(Lane *l, int fd, void *to, size_t bytes, int flags, struct sockaddr *who, socklen_t *room) {
  size_t had = 0;
  for (;;) {
    struct iovec part = {(char *)to + had, bytes - had};
    struct msghdr m = {.msg_name = who, .msg_namelen = room ? *room : 0, .msg_iov = &part, .msg_iovlen = 1};
    ssize_t n = receivesMessage(l, fd, &m, flags);
    if (n < 0) return had ? (ssize_t)had : -1;
    if (room) *room = m.msg_namelen;
    had += (size_t)n;
    if (!n || had >= bytes || !(flags & MSG_WAITALL) || flags & MSG_PEEK || isQuiet(fd, flags)) return (ssize_t)had;
  }
}

static void passesNoFile(const struct msghdr *m) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR((struct msghdr *)m, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
      notFollowed("hands a descriptor to another process (sendmsg with SCM_RIGHTS), which its host cannot follow: let the other open the file, or "
                  "inherit it by fork");
}

static ssize_t sendsMessage(Lane *l, int fd, const struct msghdr *m, int flags) {
  passesNoFile(m);
  for (;;) {
    if (!isQuiet(fd, flags) && untilReady(l, fd, POLLOUT)) return -1;
    ssize_t n = NEXT(sendmsg)(fd, m, flags | MSG_DONTWAIT);
    if (n >= 0 || errno != EAGAIN || isQuiet(fd, flags)) return moved(l, n);
    if (awaits(l, KERNEL, -1) & INTERRUPTS) return errno = EINTR, -1; /* there is room, for a shorter one */
  }
}

/* All of it, as a call that may wait sends all. */
static ssize_t sends(Lane *l, int fd, const void *from, size_t bytes, int flags) {
  size_t sent = 0;
  do {
    struct iovec part = {(char *)from + sent, bytes - sent};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t n = sendsMessage(l, fd, &m, flags);
    if (n < 0) return sent ? (ssize_t)sent : -1;
    sent += (size_t)n;
  } while (sent < bytes && !isQuiet(fd, flags));
  return (ssize_t)sent;
}

ssize_t recv(int fd, void *to, size_t bytes, int flags) {
  Lane *l = CALLER();
  return l ? receives(l, fd, to, bytes, flags, NULL, NULL) : NEXT(recv)(fd, to, bytes, flags);
}

ssize_t __recv_chk(int fd, void *to, size_t bytes, size_t room, int flags);
ssize_t __recv_chk(int fd, void *to, size_t bytes, size_t room, int flags) {
  Lane *l = CALLER();
  if (bytes > room) abort();
  return l ? receives(l, fd, to, bytes, flags, NULL, NULL) : NEXT(recv)(fd, to, bytes, flags);
}

ssize_t recvfrom(int fd, void *restrict to, size_t bytes, int flags, struct sockaddr *restrict who, socklen_t *restrict room) {
  Lane *l = CALLER();
  return l ? receives(l, fd, to, bytes, flags, who, room) : NEXT(recvfrom)(fd, to, bytes, flags, who, room);
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags) {
  Lane *l = CALLER();
  return l ? receivesMessage(l, fd, m, flags) : NEXT(recvmsg)(fd, m, flags);
}

ssize_t send(int fd, const void *from, size_t bytes, int flags) {
  Lane *l = CALLER();
  return l ? sends(l, fd, from, bytes, flags) : NEXT(send)(fd, from, bytes, flags);
}

/* Elsewhere there is nobody. */
ssize_t sendto(int fd, const void *from, size_t bytes, int flags, const struct sockaddr *to, socklen_t room) {
  Lane *l = CALLER();
  if (l && to) return errno = ECONNREFUSED, -1;
  return l ? sends(l, fd, from, bytes, flags) : NEXT(sendto)(fd, from, bytes, flags, to, room);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags) {
  Lane *l = CALLER();
  if (l && m->msg_name) return errno = ECONNREFUSED, -1;
  return l ? sendsMessage(l, fd, m, flags) : NEXT(sendmsg)(fd, m, flags);
}

/* ---- what has a key or a name that is one for all runs of a machine, and outlives them (sysvipc(7), shm_overview(7), mq_overview(7)) ---- */

#define ONE_FOR_ALL "), which is one for all runs of this machine, and outlives them: let its processes share "
#define BY_FORK "memory that they inherit (mmap with MAP_SHARED and MAP_ANONYMOUS before fork), or a file of the run"
REFUSED(int, shmget, (key_t key, size_t bytes, int flags), (key, bytes, flags), "asks for memory by a key (shmget" ONE_FOR_ALL BY_FORK)
REFUSED(int, semget, (key_t key, int n, int flags), (key, n, flags),
        "asks for semaphores by a key (semget" ONE_FOR_ALL "one of their own (sem_init in memory that they inherit), or lock a file of the run")
REFUSED(int, msgget, (key_t key, int flags), (key, flags), "asks for a queue by a key (msgget" ONE_FOR_ALL "a pipe")
REFUSED(int, shm_open, (const char *name, int flags, mode_t mode), (name, flags, mode), "opens memory by a name (shm_open" ONE_FOR_ALL BY_FORK)

mqd_t mq_open(const char *name, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = va_arg(more, mode_t);
  struct mq_attr *attributes = va_arg(more, struct mq_attr *);
  va_end(more);
  if (CALLER()) notFollowed("opens a queue by a name (mq_open" ONE_FOR_ALL "a pipe");
  return NEXT(mq_open)(name, flags, mode, attributes);
}
