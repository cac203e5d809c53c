"""The zygote of an interpreter: a process that has the host, SQLite and the usual modules loaded, and forks one process of a run for
each request. They are children of the coordinator all the same (clone(2), CLONE_PARENT), or orphans.

Requests come by one FIFO, a line of JSON each; answers go by another, as a frame `hello` (gate.c, FRAME) with the number of the process
in `steps`, or with 0 and an errno in `points`. What stays out: what such a process does (start, program).
"""

import ctypes
import gc
import importlib
import json
import os
import platform
import struct

from . import clock, ends, processes, program, setting, start, steady

# What programs load most: a process of a run finds it loaded.
_USUAL = (
    "argparse",
    "asyncio",
    "collections.abc",
    "concurrent.futures.thread",
    "contextlib",
    "csv",
    "dataclasses",
    "enum",
    "functools",
    "glob",
    "hashlib",
    "itertools",
    "json",
    "logging.handlers",
    "multiprocessing.context",
    "pathlib",
    "queue",
    "secrets",
    "shutil",
    "signal",
    "subprocess",
    "tempfile",
    "textwrap",
    "threading",
    "traceback",
    "typing",
    "uuid",
)

_HELLO = 2
_CLONE_PARENT = 0x8000
_SIGCHLD = 17
_PR_SET_PDEATHSIG = 1
_SIGKILL = 9
_SYS_CLONE = {"x86_64": 56, "aarch64": 220}.get(platform.machine())

_libc = ctypes.PyDLL(None, use_errno=True)
_python = ctypes.pythonapi
_fork, _setsid = os.fork, os.setsid


def _clone():
    """A child of this process's parent, as fork(2) makes one of its own. Result: 0 there."""
    if _SYS_CLONE is None:
        return _orphan()
    _python.PyOS_BeforeFork()
    number = _libc.syscall(ctypes.c_long(_SYS_CLONE), ctypes.c_long(_CLONE_PARENT | _SIGCHLD), 0, 0, 0, 0)
    if number == 0:
        _python.PyOS_AfterFork_Child()
        return 0
    _python.PyOS_AfterFork_Parent()
    if number < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return number


def _orphan():
    """A real orphan: its parent, the launcher, exits. It goes to the nearest subreaper. Result: 0 there."""
    read, write = os.pipe()
    launcher = _fork()
    if launcher == 0:
        _setsid()
        self = os.getpid()
        child = _fork()
        if child == 0:
            os.close(read)
            os.close(write)
            while os.getppid() == self:
                clock.real_sleep(0.0001)
            return 0
        os.write(write, struct.pack("<i", child))
        os._exit(0)
    os.close(write)
    (number,) = struct.unpack("<i", os.read(read, 4))
    os.close(read)
    os.waitpid(launcher, 0)
    return number


def _become(request, inherited):
    """In the new process. Does not return."""
    for fd in inherited:
        os.close(fd)
    if not request["detached"]:
        _setsid()  # a Ctrl-C at the terminal is for the coordinator alone
    for fd, (path, flags) in enumerate(
        ((request["stdin"], os.O_RDONLY), (request["stdout"], os.O_WRONLY), (request["stderr"], os.O_WRONLY))
    ):
        opened = os.open(path, flags | os.O_CREAT | os.O_APPEND if fd else flags, 0o666)
        os.dup2(opened, fd)
        os.close(opened)
    environ = request["env"]
    ours = setting.take(environ)
    os.environ.clear()
    os.environ.update(environ)
    start.enter(ours)
    ends.finish(program.run(request["words"]), processes.really_leave)


def _answer(out, number, error):
    os.write(out, struct.pack("<IIIHH", 0, number, error, _HELLO, 0))


def _requests(fd):
    pending = b""
    while True:
        line, newline, rest = pending.partition(b"\n")
        if newline:
            pending = rest
            yield json.loads(line)
            continue
        more = os.read(fd, 1 << 16)
        if not more:
            return  # the coordinator is gone
        pending += more


def main(gate, in_path, out_path):
    """Serves requests for ever, here and in no other process.

    gate: the compiled gate, absolute path
    in_path, out_path: the FIFOs
    """
    steady.at_the_same_places()
    _libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    out = os.open(out_path, os.O_WRONLY | os.O_CLOEXEC)
    requests = os.open(in_path, os.O_RDONLY | os.O_CLOEXEC)
    start.prepare(gate)
    for name in _USUAL:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    _answer(out, 0, 0)
    for request in _requests(requests):
        program.compile_ahead(request["words"])
        try:
            number = _orphan() if request["detached"] else _clone()
        except OSError as error:
            _answer(out, 0, error.errno)
            continue
        if number == 0:
            _become(request, (out, requests))
        _answer(out, number, 0)
    os._exit(0)
