"""Pipes: real ones, which no lane waits for in the kernel. Whoever finds one empty, or full, stands at the coordinator until another lane
has moved one, as the preload host has it (lane/preload/files.c).

Each read and write is a place where another lane may go first. What stays out: pipes to children (children), and of asyncio (loops).
"""

import errno
import io
import os
import select
import stat
import sys

from . import clock, gate, replacing, setting

KERNEL = "kernel"  # as in lane/preload/calls.c
_PART = 65536

_real = {name: getattr(os, name) for name in ("access", "close", "fstat", "get_blocking", "mkdir", "open", "pipe", "read", "set_blocking", "write")}
_select = select.select

# By descriptor: what the trace calls the pipe; and those that the program itself will not wait for.
ends = {}
_eager = set()
_made = 0

# Whose standard input this process has, where another of the run writes to it while this one runs.
input_of = None

# What the interpreter closes when the program has come to its end is the kernel's to close: the end of a process wakes who waits, and in a
# process that a zygote has forked nobody clears the standard library away.
_is_over = False


def new_name(kind):
    """A name for what processes share, the same in every replay."""
    global _made
    _made += 1
    return f"{setting.process}.{kind}.{_made}"


def path(name):
    """Where what processes share lies that has this name."""
    folder = f"{setting.root}.shared"  # run/coordinator.ts removes it
    try:
        _real["mkdir"](folder)
    except FileExistsError:
        pass
    return f"{folder}/{name}"


def tell(name):
    """Leaves a word, for was_told."""
    _real["close"](_real["open"](path(name), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))


def was_told(name):
    """Whether any process has left that word."""
    return _real["access"](f"{setting.root}.shared/{name}", os.F_OK)


def wait_until(look, timeout_ms=None):
    """Looks again whenever a pipe has been moved or a process has ended. Result: what it found.

    look: gives what is true, or not yet, and takes a step at most before all else: what comes after that is told; timeout_ms: virtual, None for ever
    """
    until = None if timeout_ms is None else gate.now_ms() + timeout_ms
    while True:
        found = look()
        left = None if until is None else until - gate.now_ms()
        if found or (left is not None and left <= 0):
            return found
        gate.ask("await", KERNEL, "" if left is None else str(left))
        gate.collect_if_told()


def moved():
    """Tells all who wait for a pipe."""
    gate.ask("notify", KERNEL)


def comes(fd, name):
    """A descriptor is one end of a pipe."""
    _real["set_blocking"](fd, False)
    ends[fd] = name
    return fd


def _waiting(fd, act, word=None):
    """Tries until it does not have to wait. word: left for others before it waits"""
    while True:
        try:
            return act()
        except BlockingIOError:
            if fd in _eager:
                raise
        if word is not None:
            tell(word)
        gate.ask("await", KERNEL, "")
        gate.collect_if_told()


def read_input(length):
    """os.read of the standard input: at what is its end now, waits until there is more."""
    data = b""

    def look():
        nonlocal data
        data = _real["read"](0, length)
        if data or not length:
            return True
        is_open = gate.ask("input", input_of)
        data = _real["read"](0, length)  # while it asked, more may have come
        return data or not is_open

    wait_until(look)
    return data


class Input(io.RawIOBase):
    """The standard input, for sys.stdin."""

    def readable(self):
        return True

    def fileno(self):
        return 0

    def readinto(self, room):
        data = read_input(len(room))
        room[: len(data)] = data
        return len(data)


def begin(name):
    """name: whose standard input it is, and behind it which file, where it is inherited; None where nobody writes to it any more"""
    global input_of
    name, *file = (name or "").split() or [None]
    found = _real["fstat"](0)
    if name is not None and file in ([], [str(found.st_dev), str(found.st_ino)]):
        input_of = name
        was = sys.stdin
        sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(Input()), was.encoding, was.errors)


def _full(fd):
    """The word that somebody has waited to write there: from then on he is told of each read. How much that takes is the kernel's affair,
    which gives small writes a page each."""
    return f"{ends[fd]}.full"


def read(fd, length):
    """os.read of a pipe."""
    gate.label(f"read {ends[fd]}")
    data = _waiting(fd, lambda: _real["read"](fd, length))
    if was_told(_full(fd)):
        moved()
    return data


def write(fd, data):
    """os.write to a pipe: all of it, unless the program itself will not wait (pipe(7))."""
    gate.label(f"write {ends[fd]}")
    view = memoryview(data).cast("B")
    written = 0
    while True:
        part = view[written : written + _PART] if len(view) > _PART and fd not in _eager else view[written:]
        written += _waiting(fd, lambda: _real["write"](fd, part), _full(fd))
        moved()
        if written == len(view) or fd in _eager:
            return written


def close(fd, act):
    """os.close of a pipe: at its other end that may be the end of all."""
    del ends[fd]
    _eager.discard(fd)
    act()
    if not _is_over:
        moved()


def is_over():
    """The program has come to its end, and all that it had is cleared away."""
    global _is_over
    _is_over = True


def duplicated(fd, copy):
    """A further descriptor of the same end."""
    if fd in ends:
        ends[copy] = ends[fd]
    return copy


def has_reader(fd):
    """Of an end to write to: whether anybody could read there."""
    look = select.poll()
    look.register(fd, select.POLLOUT)
    return not any(event & select.POLLERR for _, event in look.poll(0))


def is_ready(fd):
    """Whether a read would not wait."""
    return bool(_select([fd], [], [], 0)[0])


def _pipe():
    name = new_name("pipe")
    return tuple(comes(fd, name) for fd in _real["pipe"]())


def _pipe2(flags):
    both = _pipe()
    if flags & os.O_NONBLOCK:
        _eager.update(both)
    return both


def _set_blocking(fd, blocking):
    if fd not in ends:
        _real["set_blocking"](fd, blocking)
    elif blocking:
        _eager.discard(fd)
    else:
        _eager.add(fd)


def _get_blocking(fd):
    return fd not in _eager if fd in ends else _real["get_blocking"](fd)


def _wait_for_any(readers, writers, others, timeout=None):
    """Replaces select.select."""
    ms = None if timeout is None else clock.milliseconds(timeout)
    nothing = ([], [], [])

    def look():
        found = _select(readers, writers, others, 0)
        return found if found != nothing else None

    return wait_until(look, ms) or nothing


def _mkfifo(path, mode=0o666, *, dir_fd=None):
    raise OSError(errno.EPERM, "Lockstep follows no FIFOs that have a name: let it use os.pipe", path)


def is_pipe(fd):
    """Whether the kernel has it for a pipe."""
    return stat.S_ISFIFO(_real["fstat"](fd).st_mode)


def install():
    """Replaces what makes pipes and waits for them; reads, writes and closes come by files."""
    replacing.put(os, pipe=_pipe, pipe2=_pipe2, set_blocking=_set_blocking, get_blocking=_get_blocking, mkfifo=_mkfifo)
    replacing.put(select, select=_wait_for_any)
