"""Memory that processes of multiprocessing share: Value, Array, shared_memory. It is a file beside the world's (shared), mapped by each process.

As of what threads share: one lane runs at a time, and others go first at steps only, such as those of the locks around it. What stays out:
files of the world that are mapped (mappings).
"""

import mmap
import os
import types

from . import gate, loading, pipes, replacing, shared

_ftruncate = os.ftruncate


def _named(name):
    """What a program calls it, as the name of a file."""
    return "memory." + name.strip("/").replace("/", "_")


def _shm_open(path, flags, mode=0o777):
    """Replaces _posixshmem.shm_open: a name is the run's own."""
    gate.label(f"shm_open {path}")
    return shared.open_file(_named(path), flags, mode)


def _shm_unlink(path):
    """Replaces _posixshmem.shm_unlink."""
    gate.label(f"shm_unlink {path}")
    shared.remove(_named(path))


def _heap(module):
    from multiprocessing import reduction

    class Arena:
        """Replaces Arena: a child by spawn maps it by its name."""

        def __init__(self, size, name=None):
            self.size = size
            self.name = name or pipes.new_name("memory")
            fd = shared.open_file(self.name)
            if name is None:
                _ftruncate(fd, size)
            self.buffer = mmap.mmap(fd, size)
            shared.let_go([fd])

    def rebuild(size, name):
        return Arena(size, name)

    rebuild.__qualname__, rebuild.__module__ = "_rebuild", module.__name__
    module._rebuild = rebuild
    reduction.register(Arena, lambda arena: (rebuild, (arena.size, arena.name)))
    replacing.put(module, Arena=Arena)


def _posix(module):
    module._posixshmem = types.SimpleNamespace(shm_open=_shm_open, shm_unlink=_shm_unlink)


def install():
    """Replaces shared memory, where the modules are loaded."""
    loading.after("multiprocessing.heap", _heap)
    loading.after("multiprocessing.shared_memory", _posix)
