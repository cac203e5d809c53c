"""Modules that lie in the world: found and loaded as the program's own, under names as the program sees them.

To read one is a step; to look for one is none, since what is loaded already is not looked for: in a process that a zygote has forked that
is more than in another. What stays out: modules elsewhere, which the interpreter's own finders find.
"""

import importlib.machinery
import importlib.util
import os
import stat
import sys

from . import files, setting, world

_stat = os.stat
_open = open


def _real(path):
    """Where a file of the world lies, None for one that leads out of it or lies elsewhere."""
    name = world.name_of(path)
    if name is None or not setting.root:
        return None
    try:
        return world.real(name)
    except OSError:
        return None


def _mode(path):
    try:
        return _stat(_real(path) or path).st_mode
    except OSError:
        return 0


def _read(path):
    with _open(path, "rb") as file:
        return file.read()


class _Loader(importlib.machinery.SourceFileLoader):
    def get_data(self, path):
        name = world.name_of(path)
        return _read(path) if name is None else files.whole(name, _read)

    def path_stats(self, path):
        raise OSError  # nothing is compiled into the world, nor looked for there

    def set_data(self, path, data, *, _mode=0o666):
        pass


class _Finder:
    """Of one folder of the world, as sys.path has it."""

    def __init__(self, folder):
        self._folder = folder

    def find_spec(self, fullname, target=None):
        path = f"{self._folder}/{fullname.rpartition('.')[2]}"
        for file, inside in ((f"{path}/__init__.py", [path]), (f"{path}.py", None)):
            if stat.S_ISREG(_mode(file)):
                loader = _Loader(fullname, file)
                return importlib.util.spec_from_file_location(fullname, file, loader=loader, submodule_search_locations=inside)
        if not stat.S_ISDIR(_mode(path)):
            return None
        spec = importlib.machinery.ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = [path]
        return spec

    def invalidate_caches(self):
        """Nothing is kept."""


def _hook(entry):
    name = world.name_of(entry)
    if name is None or not setting.root:
        raise ImportError
    return _Finder(world.shown(name))


def install():
    """Stands before the finders of folders."""
    sys.path_hooks.insert(0, _hook)
