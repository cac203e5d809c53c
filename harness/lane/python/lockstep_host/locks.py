"""Locks that wait through the coordinator instead of the kernel: what `_thread` makes, so that all that is built on it follows
(threading, queue, concurrent.futures, logging).

Only one lane runs at a time, so whether a lock is free is plain data. As soon as the process has several lanes, each use of a lock is
a step: a place where another lane may go first. What stays out: threads themselves (threads).
"""

import _frozen_importlib
import _thread
import math
import os
import sys

from . import gate, loading, replacing, steady

# As long as a lane that waits for ever: more virtual ms than any plan has.
_FOR_EVER_MS = 10**12

_real_ident = _thread.get_ident

# Where its files lie, and those of this host; "<frozen importlib._bootstrap>".
_LIBRARY = (os.path.dirname(os.__file__) + os.sep, os.path.dirname(__file__) + os.sep, "<frozen ")

# Whether this process has, or had, more than its main lane.
several = False

# Numbers of locks that are gone, and how many there have been at once.
_free = []
_made = 0


def _take_number():
    global _made
    if _free:
        return _free.pop()
    _made += 1
    return _made


def _timeout_ms(blocking, timeout):
    """As the real lock takes its arguments, in virtual ms."""
    if not blocking:
        if timeout != -1:
            raise ValueError("can't specify a timeout for a non-blocking call")
        return 0
    if timeout == -1:
        return _FOR_EVER_MS
    if timeout < 0:
        raise ValueError("timeout value must be a non-negative number")
    if timeout > _thread.TIMEOUT_MAX:
        raise OverflowError("timeout value is too large")
    return math.ceil(timeout * 1000)


def _is_of_library():
    """Whether a module of the standard library makes this lock as it is loaded: which are loaded, and use such locks at the end of the
    process, is no matter of the program's, and not the same in a process that a zygote has forked."""
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if not code.co_filename.startswith(_LIBRARY):
            return False
        if code.co_name == "<module>" or code.co_name.startswith("_after"):  # threading._after_fork makes its locks anew
            return True
        frame = frame.f_back
    return False


class Lock:
    """Replaces _thread.lock."""

    __slots__ = ("_held", "_name", "_shown", "_number", "__weakref__")

    def __init__(self):
        self._held = False
        self._name = None
        # Whether it is a step to take it while it is free.
        self._shown = not _is_of_library()
        self._number = 0

    def __hash__(self):
        if self._shown and not self._number:
            self._number = steady.next_number()
        return self._number

    def _tell(self):
        """Makes it known to the coordinator as it is."""
        self._name = f"lock.{_take_number()}"
        gate.semaphore(self._name, 0 if self._held else 1, 1)

    def acquire(self, blocking=True, timeout=-1):
        ms = _timeout_ms(blocking, timeout)
        if self._name is None:
            shown = self._shown and several
            if not shown and not self._held:
                self._held = True
                return True
            if not shown and ms == 0:
                return False
            self._tell()
        if ms == 0 or not self._held:
            taken = gate.acquire(self._name, 0)
        else:
            taken = False
        until = None
        while not taken and ms > 0:
            # A signal ends the wait early: its handler has run when this line is over.
            now = gate.now_ms()
            until = now + ms if until is None else until
            taken = gate.acquire(self._name, until - now)
            if not taken and gate.now_ms() >= until:
                break
        if taken:
            self._held = True
        return taken

    acquire_lock = acquire

    def release(self):
        if not self._held:
            raise RuntimeError("release unlocked lock")
        self._held = False
        if self._name is not None:
            gate.release(self._name)

    release_lock = release

    def locked(self):
        return self._held

    locked_lock = locked

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_):
        self.release()

    def _at_fork_reinit(self):
        self._held = False
        self._name = None

    def __del__(self):
        if self._name is not None and _free is not None:
            _free.append(int(self._name.partition(".")[2]))

    def __repr__(self):
        return f"<{'locked' if self._held else 'unlocked'} _thread.lock object>"


class RLock:
    """Replaces _thread.RLock."""

    __slots__ = ("_block", "_owner", "_count", "__weakref__")

    _lock = Lock

    def __init__(self):
        self._block = self._lock()
        self._owner = None
        self._count = 0

    def acquire(self, blocking=True, timeout=-1):
        me = _thread.get_ident()
        if self._owner == me:
            self._count += 1
            return True
        taken = self._block.acquire(blocking, timeout)
        if taken:
            self._owner = me
            self._count = 1
        return taken

    def release(self):
        if self._owner != _thread.get_ident():
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if self._count == 0:
            self._owner = None
            self._block.release()

    def locked(self):
        return self._count > 0

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_):
        self.release()

    def _is_owned(self):
        return self._owner == _thread.get_ident()

    def _recursion_count(self):
        return self._count if self._is_owned() else 0

    def _release_save(self):
        if self._count == 0:
            raise RuntimeError("cannot release un-acquired lock")
        state = (self._count, self._owner)
        self._count, self._owner = 0, None
        self._block.release()
        return state

    def _acquire_restore(self, state):
        self._block.acquire()
        self._count, self._owner = state

    def _at_fork_reinit(self):
        self._block._at_fork_reinit()
        self._owner, self._count = None, 0


class _QuietLock(Lock):
    """One of the import system's: a step only where somebody must wait for it."""

    __slots__ = ()

    def __init__(self):
        self._held = False
        self._name = None
        self._shown = False
        self._number = 0


class _QuietRLock(RLock):
    __slots__ = ()
    _lock = _QuietLock


class _OfImport:
    """What importlib takes for the module _thread."""

    allocate_lock = _QuietLock
    RLock = _QuietRLock
    get_ident = staticmethod(_real_ident)  # it is in the middle of its work: it knows this thread by that number

    def __getattr__(self, name):
        return getattr(_thread, name)


def _queue_of_python(queue):
    # The one in C waits in the kernel.
    replacing.put(queue, SimpleQueue=queue._PySimpleQueue)


def install():
    """Replaces locks. Before the module threading is loaded: it takes them by name."""
    replacing.put(_thread, **{name: Lock for name in ("allocate_lock", "allocate", "LockType", "lock")}, RLock=RLock)
    _frozen_importlib._thread = _OfImport()
    loading.after("queue", _queue_of_python)
