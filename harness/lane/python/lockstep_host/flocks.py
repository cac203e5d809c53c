"""Locks on files of the world: fcntl.flock, fcntl.lockf, fcntl.fcntl and os.lockf. Each try is a step; who must wait stands at the
coordinator until anybody has given a lock back, and never in the kernel, where another lane could not go on.

SQLite's own locks are the gate's.
"""

import errno
import fcntl
import os
import struct

from . import files, gate, pipes, refuse, replacing

_flock = fcntl.flock
_lockf = fcntl.lockf
_fcntl = fcntl.fcntl
_ioctl = fcntl.ioctl
_HELD = (errno.EAGAIN, errno.EACCES)

# <linux/fs.h>: a clone of a file would be no reads and writes.
_CLONES = (0x40049409, 0x4020940D)

# struct flock as C has it, on 64 bits: type, whence, start, length.
_RECORD = struct.Struct("hhqq")


def _number(fd):
    return fd if isinstance(fd, int) else fd.fileno()


def _until_had(step, act, waits, frees):
    """Tries, each time by a step.

    frees: whether others may have what they wait for when it has been done, which no operation of its own tells the coordinator
    """
    while True:
        step()
        try:
            result = act()
        except OSError as error:
            gate.done(error.errno, 0, 0)
            if error.errno not in _HELD or not waits:
                raise
        else:
            gate.done(0, 0, 0)
            if frees:
                pipes.moved()
            return result
        gate.ask("await", pipes.KERNEL, "")
        gate.collect_if_told()


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

    # A shared one may have been an exclusive one.
    _until_had(step, lambda: _flock(number, operation | fcntl.LOCK_NB), not operation & fcntl.LOCK_NB, mode == "shared")
    return None


def _of_record(name, frees, kind):
    def step():
        gate.step(f"lockf {'unlock' if frees else kind} {name}", None, None)

    return step


def lockf(fd, cmd, len=0, start=0, whence=0):
    """Replaces fcntl.lockf: POSIX locks, which SQLite's share their fate with."""
    number = _number(fd)
    name = files.names.get(number)
    if name is None:
        return _lockf(fd, cmd, len, start, whence)
    frees = bool(cmd & fcntl.LOCK_UN)
    given = cmd if frees else cmd | fcntl.LOCK_NB
    act = lambda: _lockf(number, given, len, start, whence)  # noqa: E731
    _until_had(_of_record(name, frees, "lock"), act, not cmd & fcntl.LOCK_NB, frees or cmd & fcntl.LOCK_SH)
    return None


def _os_lockf(fd, command, length):
    if command == os.F_TEST or fd not in files.names:
        return _real_os_lockf(fd, command, length)
    cmd = {os.F_ULOCK: fcntl.LOCK_UN, os.F_LOCK: fcntl.LOCK_EX, os.F_TLOCK: fcntl.LOCK_EX | fcntl.LOCK_NB}[command]
    return lockf(fd, cmd, length, 0, os.SEEK_CUR)


_real_os_lockf = os.lockf

# How a lock is waited for, and how it is tried.
_TRIES = {fcntl.F_SETLK: fcntl.F_SETLK, fcntl.F_SETLKW: fcntl.F_SETLK}
for _waits, _tries in (("F_OFD_SETLKW", "F_OFD_SETLK"), ("F_OFD_SETLK", "F_OFD_SETLK")):
    if hasattr(fcntl, _waits):
        _TRIES[getattr(fcntl, _waits)] = getattr(fcntl, _tries)


def control(fd, cmd, arg=0):
    """Replaces fcntl.fcntl."""
    number = _number(fd)
    name = files.names.get(number)
    if cmd in (fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC) and (name is not None or number in pipes.ends):
        return files.duplicated(number, lambda: _fcntl(number, cmd, arg))
    if name is None or cmd not in _TRIES:
        return _fcntl(fd, cmd, arg)
    if not isinstance(arg, (bytes, bytearray)) or len(arg) < _RECORD.size:
        refuse.not_followed("locks a file by fcntl.fcntl without a struct flock: let it use fcntl.lockf")
    (kind,) = struct.unpack_from("h", arg)
    act = lambda: _fcntl(number, _TRIES[cmd], bytes(arg))  # noqa: E731
    return _until_had(_of_record(name, kind == fcntl.F_UNLCK, "lock"), act, _TRIES[cmd] != cmd, kind != fcntl.F_WRLCK)


def _device(fd, request, *args):
    if request & 0xFFFFFFFF in _CLONES:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))  # as on a file system that has none
    return _ioctl(fd, request, *args)


def install():
    """Replaces locks on files."""
    replacing.put(fcntl, flock=flock, lockf=lockf, fcntl=control, ioctl=_device)
    replacing.put(os, lockf=_os_lockf)
