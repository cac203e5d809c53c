"""What processes of the module multiprocessing share: pipes, and the semaphores of which its locks, conditions, events and queues are made.

They lie in a folder beside the world's, each under a name that every replay gives it: a child by fork inherits them, one by spawn opens them
by name. A semaphore is a number in a file; only one lane runs at a time, and who must wait stands at the coordinator. As with real ones,
what a killed process held stays held. What stays out: processes (workers).
"""

import _thread
import os
import struct

from . import clock, gate, pipes, setting

RECURSIVE, _COUNTING = 0, 1  # _multiprocessing.SemLock's kinds
_MOST = 2**31 - 1

_open, _mkfifo = os.open, os.mkfifo
_pread, _pwrite, _dup, _close, _unlink = os.pread, os.pwrite, os.dup, os.close, os.unlink
_FORM = struct.Struct("<qq")


def open_pipe(name, writes):
    """One end of a pipe that has been made. Result: its descriptor."""
    way = os.O_WRONLY if writes else os.O_RDONLY
    return pipes.comes(_open(pipes.path(name), way | os.O_NONBLOCK | os.O_CLOEXEC), name)


def make_fifo(name):
    """A pipe that others find by its name. Raises FileExistsError."""
    _mkfifo(pipes.path(name), 0o600)


def open_file(name, flags=os.O_RDWR | os.O_CREAT, mode=0o600):
    """A file, which is made where there is none. Result: its descriptor."""
    try:
        return _open(pipes.path(name), flags | os.O_CLOEXEC, mode)
    except OSError as error:
        raise OSError(error.errno, error.strerror, name) from None


def remove(name):
    """Nobody finds it any more."""
    _unlink(pipes.path(name))


def make_pipe():
    """Result: the descriptors of a new pipe's two ends, to read and to write."""
    name = pipes.new_name("pipe")
    make_fifo(name)
    return open_pipe(name, False), open_pipe(name, True)


def keep(fd):
    """A further descriptor, of which nobody knows: while it is open, its pipe is."""
    return _dup(fd)


def let_go(kept):
    """Closes what keep has given."""
    for fd in kept:
        _close(fd)


class SemLock:
    """Replaces _multiprocessing.SemLock."""

    SEM_VALUE_MAX = _MOST

    def __init__(self, kind, value, maxvalue, name, unlink):
        self._begin(pipes.new_name("semaphore"), kind, maxvalue, None if unlink else name)
        self._fd = open_file(self.handle)
        self._set(value, 0)

    def _begin(self, handle, kind, maxvalue, name):
        self.handle, self.kind, self.maxvalue, self.name = handle, kind, maxvalue, name
        self._depth = 0
        self._holder = None

    @classmethod
    def _rebuild(cls, handle, kind, maxvalue, name):
        self = cls.__new__(cls)
        self._begin(handle, kind, maxvalue, name)
        self._fd = _open(pipes.path(handle), os.O_RDWR | os.O_CLOEXEC)
        return self

    def _get(self):
        return _FORM.unpack(_pread(self._fd, _FORM.size, 0))

    def _set(self, value, waiting):
        _pwrite(self._fd, _FORM.pack(value, waiting), 0)

    def _take(self):
        value, waiting = self._get()
        if value == 0:
            return False
        self._set(value - 1, waiting)
        self._depth += 1
        self._holder = _thread.get_ident()
        return True

    def acquire(self, block=True, timeout=None):
        """Takes one, as the real one does. timeout: in virtual seconds, None for ever"""
        if self.kind == RECURSIVE and self._is_mine():
            self._depth += 1
            return True
        gate.label(f"acquire {self.handle}")
        until = None if timeout is None else gate.now_ms() + clock.milliseconds(max(0, timeout))
        while not self._take():
            left = None if until is None else until - gate.now_ms()
            if not block or (left is not None and left <= 0):
                return False
            self._wait("" if left is None else str(left))
        return True

    def _wait(self, ms):
        value, waiting = self._get()
        self._set(value, waiting + 1)
        gate.ask("await", self.handle, ms)
        value, waiting = self._get()
        self._set(value, waiting - 1)
        gate.collect_if_told()

    def release(self):
        """Gives one back."""
        value, waiting = self._get()
        if self.kind == RECURSIVE:
            if not self._is_mine():
                raise AssertionError("attempt to release recursive lock not owned by thread")
            if self._depth > 1:
                self._depth -= 1
                return
        elif value >= self.maxvalue:
            raise ValueError("semaphore or lock released too many times")
        self._set(value + 1, waiting)
        self._depth -= 1
        if waiting:
            gate.ask("notify", self.handle)

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_):
        self.release()

    def __del__(self):
        _close(self._fd)

    def _count(self):
        return self._depth

    def _is_mine(self):
        return self._depth > 0 and self._holder == _thread.get_ident()

    def _get_value(self):
        return self._get()[0]

    def _is_zero(self):
        return self._get_value() == 0

    def _after_fork(self):
        self._depth = 0
