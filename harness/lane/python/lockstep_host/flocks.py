"""Locks on files of the world: fcntl.flock, fcntl.lockf and fcntl.fcntl. Each try is a step; who must wait stands still in virtual time,
and never in the kernel, where another lane could not go on.

SQLite's own locks are the gate's.
"""

import errno
import fcntl
import os

from . import clock, files, gate, replacing

# Virtual seconds between two tries, as in World.flock (lane/world.ts).
_POLL = 0.05

_flock = fcntl.flock
_lockf = fcntl.lockf
_HELD = (errno.EAGAIN, errno.EACCES)


def _number(fd):
    return fd if isinstance(fd, int) else fd.fileno()


def _try(step, act):
    """One try. Result: whether it is had; None: never by trying again, which raises."""
    step()
    try:
        act()
    except OSError as error:
        gate.done(error.errno, 0, 0)
        if error.errno in _HELD:
            return error
        raise
    gate.done(0, 0, 0)
    return None


def _until_had(step, act, waits):
    while True:
        error = _try(step, act)
        if error is None:
            return
        if not waits:
            raise error
        clock.sleep(_POLL)


def flock(fd, operation):
    """Replaces fcntl.flock."""
    number = _number(fd)
    name = files.names.get(number)
    if name is None:
        return _flock(fd, operation)
    if operation & fcntl.LOCK_UN:
        gate.step("funlock", name, None)
        _flock(number, fcntl.LOCK_UN)
        gate.done(0, 0, 0)
        return None
    mode = "exclusive" if operation & fcntl.LOCK_EX else "shared"

    def step():
        if gate.step("flock", name, mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    waits = not operation & fcntl.LOCK_NB
    _until_had(step, lambda: _flock(number, operation | fcntl.LOCK_NB), waits)
    return None


def lockf(fd, cmd, len=0, start=0, whence=0):
    """Replaces fcntl.lockf: POSIX locks, which SQLite's share their fate with."""
    number = _number(fd)
    name = files.names.get(number)
    if name is None:
        return _lockf(fd, cmd, len, start, whence)
    word = "unlock" if cmd & fcntl.LOCK_UN else "lock"

    def step():
        gate.step(f"lockf {word} {name}", None, None)

    given = cmd if cmd & fcntl.LOCK_UN else cmd | fcntl.LOCK_NB
    _until_had(step, lambda: _lockf(number, given, len, start, whence), not cmd & fcntl.LOCK_NB)
    return None


def install():
    """Replaces locks on files."""
    replacing.put(fcntl, flock=flock, lockf=lockf)
