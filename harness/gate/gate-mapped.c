/*
** A stray write into memory that stands for a file: what a wild pointer does where a process has a file of the run mapped, as SQLite has
** its wal-index (howtocorrupt.html, section 5; mmap.html, "Disadvantages"). No system call is made, so nobody is asked. Part of gate.c,
** which includes it. What stays out: the step before it, which is the caller's (step with a label).
*/

/*
** Writes bytes where this process has this place of a file mapped. Result: 0; EFAULT where it has it mapped to read only, as SQLite maps
** databases (the real program would die of SIGSEGV); ENOENT where it has not.
*/
static int poke(const char *path, int64_t offset, const void *bytes, size_t n) {
  char line[PATH_MAX + 128];
  int result = ENOENT;
  FILE *maps = fopen("/proc/self/maps", "re");
  while (maps && result && fgets(line, sizeof line, maps)) {
    uintptr_t from, to;
    unsigned long long begins;
    char mode[8];
    int name = 0;
    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s %llx %*s %*s %n", &from, &to, mode, &begins, &name) < 4 || !name) continue;
    if (strcmp(line + name, path) || offset < (int64_t)begins || offset + (int64_t)n > (int64_t)(begins + (to - from))) continue;
    result = mode[1] == 'w' ? 0 : EFAULT;
    if (!result) memcpy((char *)from + (offset - (int64_t)begins), bytes, n);
  }
  if (maps) fclose(maps);
  return result;
}
