"""Names of files: the program sees the world as /lockstep, wherever it really lies, and all else as it is.

A name of the world is relative to its folder, as the gate has it; `.` is that folder. What stays out: what is done to files.
"""

import errno
import os
import posixpath

from . import gate, replacing, setting

_getcwd = os.getcwd
_chdir = os.chdir
_readlink = os.readlink
_stat = os.stat

_LINKS_MOST = 40  # as the kernel's own limit, path_resolution(7)

# The folder that the program works in, as it sees it.
_cwd = setting.WORLD


def begin(folder=None):
    """Where the program begins: in the world's folder, or where its parent says."""
    global _cwd
    _cwd = setting.WORLD
    _chdir(setting.root)
    if folder is not None:
        chdir(folder)


def _below(folder, path):
    if path == folder:
        return "."
    return path[len(folder) + 1 :] if path.startswith(folder + "/") else None


def name_of(path):
    """The name in the world of what a path means; None for what lies elsewhere.

    path: str, bytes or os.PathLike
    """
    if not setting.root:
        return None
    given = os.fsdecode(path)
    if not given:
        return None
    full = posixpath.normpath(given if given[0] == "/" else f"{_cwd}/{given}")
    found = _below(setting.WORLD, full)
    return _below(setting.root, full) if found is None else found


def _is_inside(path):
    return path == setting.root or path.startswith(setting.root + "/")


def real(name, follow=True):
    """Where a name of the world really lies, as worldPath has it (host/world-path.ts).

    follow: whether a link in the last segment counts as what it leads to
    Raises PermissionError where a link leads out of the world.
    """
    rest = [] if name == "." else name.split("/")[::-1]
    at = setting.root
    links = 0
    while rest:
        segment = rest.pop()
        if segment in ("", "."):
            continue
        if segment == "..":
            at = posixpath.dirname(at)
        else:
            here = f"{at}/{segment}"
            try:
                target = _readlink(here) if follow or rest else None
            except OSError:
                target = None
            if target is None:
                at = here
                continue
            links += 1
            if links > _LINKS_MOST:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), shown(name))
            if target[0] == "/":
                at = ""
            rest.extend(target.split("/")[::-1])
        if not rest and not _is_inside(at):
            raise refused(name)
    if not _is_inside(at):
        raise refused(name)
    return at


def shown(name):
    """A name of the world as the program sees it."""
    return setting.WORLD if name == "." else f"{setting.WORLD}/{name}"


def refused(path):
    """The error for a name that leads out of the world, which is said in the trace."""
    gate.refuse_name(os.fsdecode(path))
    return PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)


def getcwd():
    """Replaces os.getcwd."""
    return _cwd if setting.root else _getcwd()


def _getcwdb():
    return os.fsencode(getcwd())


def chdir(path):
    """Replaces os.chdir."""
    global _cwd
    if isinstance(path, int):
        raise NotImplementedError("Lockstep cannot follow os.chdir to a folder's descriptor: give its path")
    name = name_of(path)
    if name is None:
        _chdir(path)
        _cwd = _getcwd()
        return
    _chdir(real(name))
    _cwd = shown(name)


def install():
    """Replaces the working folder."""
    replacing.put(os, getcwd=getcwd, getcwdb=_getcwdb, chdir=chdir)
