"""Locks that wait through the coordinator instead of the kernel: what `_thread` makes, so that all that is built on it follows
(threading, queue, concurrent.futures, logging).

Only one lane runs at a time, so whether a lock is free is plain data. As soon as the process has several lanes, each use of a lock is
a step: a place where another lane may go first. What stays out: threads themselves (threads).
"""

import _frozen_importlib
import _thread
import gc
import math
import os

from . import gate, library, loading, replacing, setting, steady

# As long as a lane that waits for ever: more virtual ms than any plan has.
FOR_EVER_MS = 10**12

_real_ident = _thread.get_ident

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
        return FOR_EVER_MS
    if timeout < 0:
        raise ValueError("timeout value must be a non-negative number")
    if timeout > _thread.TIMEOUT_MAX:
        raise OverflowError("timeout value is too large")
    return math.ceil(timeout * 1000)


class Lock:
    """Replaces _thread.lock.

    Of a process with several lanes it is a semaphore of the coordinator's, which is made for one lane by its first use.
    """

    __slots__ = ("_held", "_name", "_shown", "_number", "_waiting", "__weakref__")

    def __init__(self):
        self._begin(not library.is_loading())

    def _begin(self, shown):
        self._held = False
        self._name = None
        # Whether it is a step to take it while it is free.
        self._shown = shown
        self._number = 0
        self._waiting = 0

    def __hash__(self):
        if self._shown and not self._number:
            self._number = steady.next_number()
        return self._number

    def tell(self):
        """Makes it known as held, while no other lane can use it."""
        self._name = f"lock.{_take_number()}"
        gate.semaphore(self._name, 0, 1)

    def acquire(self, blocking=True, timeout=-1):
        ms = _timeout_ms(blocking, timeout)
        if not self._held and not (self._shown and several):
            self._held = True
            return True
        if ms == 0 and not (self._shown and several):
            return False
        if not self._shown:
            return self._acquire_quietly(ms)
        until = gate.now_ms() + ms
        while True:
            if self.acquire_until_signal(until - gate.now_ms()):
                return True
            # The handler of a signal that ended the wait has run by now.
            if gate.now_ms() >= until:
                return False

    acquire_lock = acquire

    def acquire_until_signal(self, ms):
        """Waits so much virtual time for it, or until a signal comes; 0 tries. Result: whether it is had."""
        if self._name is None and self._held:
            self.tell()  # of a process with one lane, which waits for itself, or for a signal
        if self._name is None:
            self._name = f"lock.{_take_number()}"
        taken = gate.acquire(self._name, ms)
        self._held = self._held or taken
        return taken

    def _key(self):
        if self._name is None:
            self._name = f"{setting.process}.lock.{_take_number()}"
        return self._name

    def _acquire_quietly(self, ms):
        until = gate.now_ms() + ms
        while self._held:
            left = until - gate.now_ms()
            if left <= 0:
                return False
            self._waiting += 1
            gate.ask("await", self._key(), str(left))
            self._waiting -= 1
        self._held = True
        return True

    def release(self):
        if not self._held:
            raise RuntimeError("release unlocked lock")
        self._held = False
        if self._waiting:
            gate.ask("notify", self._key())
        elif self._shown and self._name is not None:
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

    def __del__(self):
        # Its number goes to another lock, which finds it free.
        if self._name is None or not gate.inside():
            return
        if self._held and self._shown:
            gate.release(self._name)
        _free.append(int(self._name.rpartition(".")[2]))

    def __repr__(self):
        return f"<{'locked' if self._held else 'unlocked'} _thread.lock object>"


def several_lanes():
    """The process is to have a second lane: from now on locks are the coordinator's."""
    global several
    if several:
        return
    held = [one for one in gc.get_objects() if type(one) is Lock and one._shown and one._held and one._name is None]
    for lock in held:
        lock.tell()
    several = True


def _forked():
    """In the child of a fork, which has one lane, and of whose locks the coordinator knows nothing yet. Those that other threads held are
    held for ever, as they really are."""
    global several
    several = False
    for lock in [one for one in gc.get_objects() if isinstance(one, Lock)]:
        lock._name, lock._waiting = None, 0
    _free.clear()


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
    """A step only where somebody must wait for it: one of the import system's."""

    __slots__ = ()

    def __init__(self):
        self._begin(False)


class QuietRLock(RLock):
    """The same, that its holder may take again."""

    __slots__ = ()
    _lock = _QuietLock


class _OfImport:
    """What importlib takes for the module _thread."""

    allocate_lock = _QuietLock
    RLock = QuietRLock
    get_ident = staticmethod(_real_ident)  # it is in the middle of its work: it knows this thread by that number

    def __getattr__(self, name):
        return getattr(_thread, name)


def _queue_of_python(queue):
    # The one in C waits in the kernel.
    replacing.put(queue, SimpleQueue=queue._PySimpleQueue)


def install():
    """Replaces locks. Before the module threading is loaded: it takes them by name, and makes its own anew in the child of a fork."""
    os.register_at_fork(after_in_child=_forked)
    replacing.put(_thread, **{name: Lock for name in ("allocate_lock", "allocate", "LockType", "lock")}, RLock=RLock)
    _frozen_importlib._thread = _OfImport()
    loading.after("queue", _queue_of_python)
