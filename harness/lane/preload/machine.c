/*
** What differs from one machine to another, and programs go by: its name, and how many threads are worth while.
*/
#include <sched.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

/* As in lane/python/lockstep_host/machine.py. */
static const char MACHINE[] = "lockstep";
enum { PROCESSORS = 4 };

int uname(struct utsname *u) {
  int rc = NEXT(uname)(u);
  if (CALLER() && !rc) strcpy(u->nodename, MACHINE);
  return rc;
}

int gethostname(char *name, size_t bytes) {
  if (!CALLER()) return NEXT(gethostname)(name, bytes);
  if (bytes < sizeof MACHINE) return errno = ENAMETOOLONG, -1;
  memcpy(name, MACHINE, sizeof MACHINE);
  return 0;
}

int get_nprocs(void) { return CALLER() ? PROCESSORS : NEXT(get_nprocs)(); }
int get_nprocs_conf(void) { return CALLER() ? PROCESSORS : NEXT(get_nprocs_conf)(); }

long sysconf(int name) {
  if (CALLER() && (name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF)) return PROCESSORS;
  return NEXT(sysconf)(name);
}

/* A lane of a run keeps to one processor, and its program is to go by as many as there are. */
int sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set) {
  if (!CALLER()) return NEXT(sched_getaffinity)(pid, bytes, set);
  memset(set, 0, bytes);
  for (int i = 0; i < PROCESSORS; i++) CPU_SET_S(i, bytes, set);
  return 0;
}
