"""For tests: what is done to a file by its descriptor, as steps."""

import fcntl
import os

fd = os.open("x", os.O_RDWR | os.O_CREAT, 0o644)
os.write(fd, b"hello")
os.fchmod(fd, 0o600)
os.chmod(fd, 0o640)
assert os.fstat(fd).st_mode & 0o777 == 0o640
os.fsync(fd)
os.fdatasync(fd)
os.utime(fd, ns=(0, 1_779_494_401_000_000_000))
assert os.stat("x").st_mtime == 1_779_494_401
os.fchown(fd, -1, -1)
os.posix_fallocate(fd, 0, 10)
assert os.fstat(fd).st_size == 10
os.ftruncate(fd, 5)
copy = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 50)
assert copy >= 50
other = os.open("y", os.O_RDWR | os.O_CREAT)
assert os.sendfile(other, fd, 0, 5) == 5
assert os.copy_file_range(fd, other, 2, 0) == 2
os.symlink("x", "link")
assert os.lstat("link").st_size and os.stat("link").st_size == 5
os.mkdir("d")
os.chmod("x", 0o600)
os.chown("x", -1, -1)
os.lchown("link", -1, -1)
os.utime("x")
os.lockf(fd, os.F_LOCK, 0)
os.close(copy)
