"""Functions of the module os on files of the world: each is a step, then the real system call in this process (lane/files.ts has the
same for programs over World). What lies outside of the world is read as it is, and is no step; to write there is refused.

What stays out: file objects (opened), locks on files (flocks).
"""

import errno
import fcntl
import os
import stat as modes
import zlib

from . import clock, gate, loading, pipes, refuse, replacing, setting, world

_FULL = 13  # SQLITE_FULL
_BLOCK = 4096

# By descriptor: which file of the world it is of.
names = {}

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# What may be written to outside, since it keeps nothing: by a descriptor, as the kernel refuses it by name (gate.c, confine).
_sinks = {"/dev/stdout": 1, "/dev/stderr": 2}

# The descriptor of /dev/null is out of the way of those that a program gets.
_FAR = 900

_real = {
    name: getattr(os, name)
    for name in (
        "access",
        "chmod",
        "chown",
        "close",
        "dup",
        "dup2",
        "fchmod",
        "fchown",
        "fstat",
        "fsync",
        "ftruncate",
        "lchown",
        "link",
        "listdir",
        "listxattr",
        "lseek",
        "lstat",
        "mkdir",
        "open",
        "posix_fallocate",
        "pread",
        "pwrite",
        "read",
        "readlink",
        "rename",
        "rmdir",
        "scandir",
        "stat",
        "symlink",
        "truncate",
        "unlink",
        "utime",
        "write",
    )
}


def _injected(code, name):
    number = errno.ENOSPC if code == _FULL else errno.EIO
    return OSError(number, os.strerror(number), world.shown(name))


def _act(act, name, content=None):
    """The action after a step has begun. An error of the system is the program's, with the name as it knows it."""
    try:
        result = act()
    except OSError as error:
        gate.done(error.errno or errno.EIO, 0, 0)
        raise OSError(error.errno, error.strerror, world.shown(name)) from None
    said = result if content is None else content(result)
    if isinstance(said, (bytes, bytearray, memoryview)):
        gate.done(0, len(said), zlib.crc32(said))
    else:
        gate.done(0, 0, 0)
    return result


def _step(kind, name, act, detail=None, content=None):
    code = gate.step(kind, name, detail)
    if code:
        raise _injected(code, name)
    return _act(act, name, content)


def _on(kind, fd, length, offset, act, content=None):
    name = names[fd]
    code = gate.on(kind, fd, length, offset)
    if code:
        raise _injected(code, name)
    return _act(act, name, content)


def whole(name, act):
    """A file of the world is read as a whole, in one step. act: takes the real path, and gives the bytes"""
    return _step("read", name, lambda: act(world.real(name)), content=lambda data: data)


def _no_folder_descriptors(given):
    if any(value is not None for value in given):
        refuse.not_followed("names a folder by its descriptor (dir_fd), which its host cannot follow: give whole paths")


# ---- by path ----


def open_file(path, flags, mode=0o777, *, dir_fd=None):
    """Replaces os.open."""
    name = world.name_of(path)
    if name is None:
        if flags & _WRITES and setting.root:
            sink = _sinks.get(os.fsdecode(path))
            if sink is None:
                raise world.refused(path)
            return _real["dup"](sink)
        return _real["open"](path, flags, mode, dir_fd=dir_fd)
    _no_folder_descriptors((dir_fd,))
    code = gate.step("open", name, str(flags & ~os.O_CLOEXEC))
    if code:
        raise _injected(code, name)
    try:
        fd = _real["open"](world.real(name, not flags & os.O_NOFOLLOW), flags, mode)
    except OSError as error:
        gate.done(error.errno, 0, 0)
        raise OSError(error.errno, error.strerror, path) from None
    gate.opened(fd)
    names[fd] = name
    return fd


def _result_of(found):
    """What a step said of a file (model/request.ts, parseStat), with the kernel's size and mode."""
    number, mtime = gate.answer().split(" ")
    ns = setting.epoch_ms * 1_000_000 + int(float(mtime))
    time = ns / 1e9
    whole = ns // 1_000_000_000
    # Each file system counts folders and blocks in its own way.
    size, links = (_BLOCK, 2) if modes.S_ISDIR(found.st_mode) else (found.st_size, found.st_nlink)
    basic = (found.st_mode, int(number), 1, links, found.st_uid, found.st_gid, size, whole, whole, whole)
    return os.stat_result(
        basic,
        {
            **{f"st_{which}time": time for which in "amc"},
            **{f"st_{which}time_ns": ns for which in "amc"},
            "st_blksize": _BLOCK,
            "st_blocks": -(-size // 512),
            "st_rdev": 0,
        },
    )


def _stat(path, *, dir_fd=None, follow_symlinks=True):
    if isinstance(path, int):
        return _fstat(path)
    name = world.name_of(path)
    if name is None:
        return _real["stat"](path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
    _no_folder_descriptors((dir_fd,))
    kind = "stat" if follow_symlinks else "lstat"

    def act():
        found = _real["stat"](world.real(name, follow_symlinks), follow_symlinks=follow_symlinks)
        return _result_of(found)

    return _step(kind, name, act)


def _lstat(path, *, dir_fd=None):
    return _stat(path, dir_fd=dir_fd, follow_symlinks=False)


def _access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True):
    name = None if isinstance(path, int) else world.name_of(path)
    if name is None:
        return _real["access"](path, mode, dir_fd=dir_fd, effective_ids=effective_ids, follow_symlinks=follow_symlinks)
    return _step("exists", name, lambda: _real["access"](world.real(name), mode))


def _outside_or(kind, real, writes=True):
    """A function of one path, or of a descriptor; its further arguments are the real one's."""

    def call(path, *args, **kwargs):
        if isinstance(path, int):
            return _on_open(kind, path, lambda: real(path, *args, **kwargs), kind == "chmod" and args)
        name = world.name_of(path)
        if name is None:
            if writes and setting.root:
                raise world.refused(path)
            return real(path, *args, **kwargs)
        _no_folder_descriptors((kwargs.pop("dir_fd", None),))
        follow = kind in ("chmod", "chown") and kwargs.get("follow_symlinks", True)
        detail = format(args[0], "o") if kind == "chmod" else None
        return _step(kind, name, lambda: real(world.real(name, follow), *args, **kwargs), detail)

    return call


def _on_open(kind, fd, act, mode=()):
    """A step on what a descriptor is open on, of a kind that the gate may have no operation for."""
    if fd not in names:
        return act()
    if mode:
        return _on("chmod", fd, 0, mode[0], act)
    return _step(kind, names[fd], act)


def _of_descriptor(kind, real):
    """A function of one descriptor; its further arguments are the real one's."""

    def call(fd, *args):
        number = fd if isinstance(fd, int) else fd.fileno()
        return _on_open(kind, number, lambda: real(number, *args), kind == "chmod" and args)

    return call


def _of_two(kind, real):
    """Rename, replace, link."""

    def call(src, dst, *, src_dir_fd=None, dst_dir_fd=None, **kwargs):
        _no_folder_descriptors((src_dir_fd, dst_dir_fd))
        name, to = world.name_of(src), world.name_of(dst)
        if name is None and to is None and not setting.root:
            return real(src, dst, **kwargs)
        if name is None or to is None:
            raise world.refused(src if name is None else dst)
        return _step(kind, name, lambda: real(world.real(name, False), world.real(to, False), **kwargs), to)

    return call


def _symlink(src, dst, target_is_directory=False, *, dir_fd=None):
    _no_folder_descriptors((dir_fd,))
    name = world.name_of(dst)
    if name is None:
        raise world.refused(dst)
    given = os.fsdecode(src)
    at = os.path.dirname(world.shown(name))
    target = world.name_of(given if given.startswith("/") else f"{at}/{given}")
    if target is None:
        raise world.refused(src)
    # Relative, so that the world can be copied; what it leads to may not be there yet.
    leads = os.path.relpath(world.shown(target), at)
    return _step("symlink", name, lambda: _real["symlink"](leads, world.real(name, False)), target)


def _readlink(path, *, dir_fd=None):
    name = world.name_of(path)
    if name is None:
        return _real["readlink"](path, dir_fd=dir_fd)
    found = _step("lstat", name, lambda: _real["readlink"](world.real(name, False)))
    return os.fsencode(found) if isinstance(path, bytes) else found


def _utime(path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True):
    name = names.get(path) if isinstance(path, int) else world.name_of(path)
    if name is None:
        raise world.refused(str(path))
    if ns is None:
        ns = (0, clock.nanoseconds()) if times is None else (0, int(times[1] * 1e9))
    since = ns[1] - setting.epoch_ms * 1_000_000
    return _step("utime", name, lambda: _real["utime"](world.real(name, follow_symlinks), ns=ns), str(since))


def _truncate(path, length):
    if isinstance(path, int):
        return _ftruncate(path, length)
    fd = open_file(path, os.O_WRONLY)
    try:
        return _ftruncate(fd, length)
    finally:
        close(fd)


def _sorted_names(path):
    name = world.name_of(path)
    if name is None:
        return None
    return _step(
        "list",
        name,
        lambda: sorted(_real["listdir"](world.real(name))),
        content=lambda found: "\n".join(found).encode("utf-8", "surrogateescape"),
    )


def _listdir(path="."):
    if isinstance(path, int):
        return _real["listdir"](path)
    found = _sorted_names("." if path is None else path)
    if found is None:
        return _real["listdir"](path)
    return [os.fsencode(one) for one in found] if isinstance(path, bytes) else found


class _Entry:
    """Of a folder of the world, as os.DirEntry: what kind it is the kernel has said with its name."""

    __slots__ = ("name", "path", "_mode")

    def __init__(self, name, path, mode):
        self.name, self.path, self._mode = name, path, mode

    def _target(self, follow_symlinks):
        if not follow_symlinks or not modes.S_ISLNK(self._mode):
            return self._mode
        try:
            return _stat(self.path).st_mode
        except FileNotFoundError:
            return 0

    def is_dir(self, *, follow_symlinks=True):
        return modes.S_ISDIR(self._target(follow_symlinks))

    def is_file(self, *, follow_symlinks=True):
        return modes.S_ISREG(self._target(follow_symlinks))

    def is_symlink(self):
        return modes.S_ISLNK(self._mode)

    def is_junction(self):
        return False

    def stat(self, *, follow_symlinks=True):
        return _stat(self.path, follow_symlinks=follow_symlinks)

    def inode(self):
        return _lstat(self.path).st_ino

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return f"<DirEntry {self.name!r}>"


class _Entries:
    """As what os.scandir gives: an iterator that can be closed."""

    def __init__(self, entries):
        self._entries = iter(entries)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._entries)

    def close(self):
        self._entries = iter(())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _scandir(path="."):
    given = "." if path is None else path
    if isinstance(given, int) or world.name_of(given) is None:
        return _real["scandir"](given)
    folder = os.fspath(given)
    found = []
    for name in _sorted_names(given):
        try:
            mode = _real["lstat"](f"{world.real(world.name_of(given))}/{name}").st_mode
        except OSError:
            continue
        shown = os.fsencode(name) if isinstance(folder, bytes) else name
        found.append(_Entry(shown, os.path.join(folder, shown), mode))
    return _Entries(found)


# ---- by descriptor ----


def _place(fd):
    return _real["lseek"](fd, 0, os.SEEK_CUR)


def read(fd, length):
    """Replaces os.read."""
    if fd in pipes.ends:
        return pipes.read(fd, length)
    if fd == 0 and pipes.input_of is not None:
        return pipes.read_input(length)
    if fd not in names:
        return _real["read"](fd, length)
    return _on("read", fd, length, _place(fd), lambda: _real["read"](fd, length))


def write(fd, data):
    """Replaces os.write."""
    if fd in pipes.ends:
        return pipes.write(fd, data)
    if fd not in names:
        return _real["write"](fd, data)
    view = memoryview(data).cast("B")
    return _on("write", fd, len(view), _place(fd), lambda: _real["write"](fd, view), lambda n: view[:n])


def _pread(fd, length, offset):
    if fd not in names:
        return _real["pread"](fd, length, offset)
    return _on("read", fd, length, offset, lambda: _real["pread"](fd, length, offset))


def _pwrite(fd, data, offset):
    if fd not in names:
        return _real["pwrite"](fd, data, offset)
    view = memoryview(data).cast("B")
    return _on("write", fd, len(view), offset, lambda: _real["pwrite"](fd, view, offset), lambda n: view[:n])


def _readv(fd, buffers):
    done = 0
    for buffer in buffers:
        view = memoryview(buffer).cast("B")
        got = read(fd, len(view))
        view[: len(got)] = got
        done += len(got)
        if len(got) < len(view):
            break
    return done


def _writev(fd, buffers):
    return write(fd, b"".join(bytes(buffer) for buffer in buffers))


def close(fd, by=None):
    """Replaces os.close: closed is closed, also where a fault has it fail (close(2)).

    by: what closes it, where that is not the system call alone
    """
    name = names.pop(fd, None)
    act = by or (lambda: _real["close"](fd))
    if fd in pipes.ends:
        return pipes.close(fd, act)
    if name is None:
        return act()
    code = gate.on("close", fd, 0, 0)
    act()
    if code:
        raise _injected(code, name)
    gate.done(0, 0, 0)
    return None


def _is_of_host(fd):
    """A descriptor of this host: of a FIFO that has a name, or of what it writes to."""
    try:
        return fd in _sinks.values() or _real["readlink"](f"/proc/self/fd/{fd}").endswith((".in", ".out"))
    except OSError:
        return False


def _closerange(low, high):
    for fd in sorted(map(int, _real["listdir"]("/proc/self/fd"))):
        if low <= fd < high and not _is_of_host(fd):
            try:
                close(fd)
            except OSError:
                pass  # as the real one


def duplicated(fd, act):
    """A further descriptor of the same file: to close it drops the process's locks on it as well. act: makes it"""
    name = names.get(fd)
    if name is None:
        return pipes.duplicated(fd, act())
    code = gate.step("open", name, "dup")
    if code:
        raise _injected(code, name)
    copy = act()
    gate.opened(copy)
    names[copy] = name
    return copy


def _dup(fd):
    return duplicated(fd, lambda: _real["dup"](fd))


def _dup2(fd, fd2, inheritable=True):
    if fd not in names and fd2 not in names and fd2 not in pipes.ends:
        return pipes.duplicated(fd, _real["dup2"](fd, fd2, inheritable))
    if (fd2 in names or fd2 in pipes.ends) and fd2 != fd:
        close(fd2)
    name = names.get(fd)
    if name is None:
        return pipes.duplicated(fd, _real["dup2"](fd, fd2, inheritable))
    code = gate.step("open", name, "dup")
    if code:
        raise _injected(code, name)
    _real["dup2"](fd, fd2, inheritable)
    gate.opened(fd2)
    names[fd2] = name
    return fd2


def _fstat(fd):
    if fd not in names:
        return _real["fstat"](fd)
    return _on("stat", fd, 0, 0, lambda: _result_of(_real["fstat"](fd)))


def _fsync(fd):
    number = fd if isinstance(fd, int) else fd.fileno()
    if number not in names:
        return _real["fsync"](number)
    return _on("sync", number, 0, 0, lambda: _real["fsync"](number))


def _ftruncate(fd, length):
    if fd not in names:
        return _real["ftruncate"](fd, length)
    return _on("truncate", fd, 0, length, lambda: _real["ftruncate"](fd, length))


def _sendfile(out_fd, in_fd, offset, count, *_):
    """By a read and a write, as each is a step of its own."""
    at = _place(in_fd) if offset is None else offset
    data = _pread(in_fd, count, at)
    if offset is None:
        _real["lseek"](in_fd, at + len(data), os.SEEK_SET)
    return write(out_fd, data) if data else 0


def _copy_file_range(src, dst, count, offset_src=None, offset_dst=None):
    at = _place(src) if offset_src is None else offset_src
    data = _pread(src, count, at)
    if offset_src is None:
        _real["lseek"](src, at + len(data), os.SEEK_SET)
    return (write(dst, data) if offset_dst is None else _pwrite(dst, data, offset_dst)) if data else 0


def _listxattr(path=None, *, follow_symlinks=True):
    """The world has no extended attributes: what lies beneath it, a tmpfs or a disk, differs in them."""
    name = None if path is None or isinstance(path, int) else world.name_of(path)
    return [] if name is not None or path in names else _real["listxattr"](path, follow_symlinks=follow_symlinks)


def _cannot(what):
    def call(*_args, **_kwargs):
        refuse.not_followed(f"calls {what}, which its host cannot follow on files of the run")

    return call


def _as_they_are(pathlib):
    """Up to Python 3.10 functions of os lie in a class there, in which ours would be methods."""
    accessor = getattr(pathlib, "_NormalAccessor", None)
    for name, function in list(vars(accessor).items()) if accessor else ():
        if getattr(function, "__module__", "").startswith(__package__):
            setattr(accessor, name, staticmethod(function))


def install():
    """Replaces functions on files. Before the module pathlib is loaded: up to Python 3.10 it takes them by name."""
    null = _real["open"](os.devnull, os.O_RDWR | os.O_CLOEXEC)
    _sinks[os.devnull] = fcntl.fcntl(null, fcntl.F_DUPFD_CLOEXEC, _FAR)
    _real["close"](null)
    replacements = {
        "open": open_file,
        "stat": _stat,
        "lstat": _lstat,
        "access": _access,
        "unlink": _outside_or("unlink", _real["unlink"]),
        "mkdir": _outside_or("mkdir", _real["mkdir"]),
        "rmdir": _outside_or("rmdir", _real["rmdir"]),
        "chmod": _outside_or("chmod", _real["chmod"]),
        "fchmod": _of_descriptor("chmod", _real["fchmod"]),
        "chown": _outside_or("chown", _real["chown"]),
        "lchown": _outside_or("lchown", _real["lchown"]),
        "fchown": _of_descriptor("chown", _real["fchown"]),
        "posix_fallocate": _of_descriptor("allocate", _real["posix_fallocate"]),
        "rename": _of_two("rename", _real["rename"]),
        "replace": _of_two("rename", _real["rename"]),
        "link": _of_two("link", _real["link"]),
        "symlink": _symlink,
        "readlink": _readlink,
        "utime": _utime,
        "truncate": _truncate,
        "listdir": _listdir,
        "listxattr": _listxattr,
        "scandir": _scandir,
        "read": read,
        "write": write,
        "pread": _pread,
        "pwrite": _pwrite,
        "readv": _readv,
        "writev": _writev,
        "close": close,
        "closerange": _closerange,
        "dup": _dup,
        "dup2": _dup2,
        "fstat": _fstat,
        "fsync": _fsync,
        "fdatasync": _fsync,
        "ftruncate": _ftruncate,
        "sendfile": _sendfile,
        "copy_file_range": _copy_file_range,
    }
    replacements["remove"] = replacements["unlink"]
    for name in ("mkfifo", "mknod", "chroot", "splice", "preadv", "pwritev", "setxattr", "getxattr", "removexattr", "fchdir"):
        replacements[name] = _cannot(f"os.{name}")
    replacing.put(os, **replacements)
    for name in ("supports_dir_fd", "supports_fd"):
        getattr(os, name).clear()
    loading.after("shutil", lambda shutil: setattr(shutil, "_use_fd_functions", False))
    loading.after("pathlib", _as_they_are)
