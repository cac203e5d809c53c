"""What differs from one machine to another, and programs go by: its name, and how many threads are worth while (lane/preload/machine.c)."""

import _socket
import os
import platform

from . import replacing

_NAME = "lockstep"
_PROCESSORS = 4

_uname = os.uname


def _named():
    found = _uname()
    return os.uname_result((found.sysname, _NAME, found.release, found.version, found.machine))


def _processors():
    return _PROCESSORS


def begin():
    """In the run: whoever starts Lockstep may have another umask."""
    os.umask(0o022)


def install():
    """Replaces what says so."""
    replacing.put(os, uname=_named, cpu_count=_processors, sched_getaffinity=lambda pid: set(range(_PROCESSORS)))
    if hasattr(os, "process_cpu_count"):
        replacing.put(os, process_cpu_count=_processors)
    replacing.put(_socket, gethostname=lambda: _NAME)
    platform._uname_cache = None  # this host has asked
