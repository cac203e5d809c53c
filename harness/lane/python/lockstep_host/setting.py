"""What this process has been told of the run: by its environment, or by the zygote (begin), and by the coordinator (run/lane-job.ts)."""

import os
import sys

from . import replacing

WORLD = "/lockstep"

# The world's folder as it really is; empty outside of a run.
root = ""
# Where virtual time begins, in ms since the Unix epoch.
epoch_ms = 0
# The name of this process, that of its program, and its number: what it takes for its process id.
process = ""
program = ""
pid = 0
parent_pid = 1
# How many threads of this process are lanes.
lanes = 1
# The plan's settings for every connection (model/plan.ts, SqliteParameters).
sqlite = {}
# What the scenario told it.
args = None
# The folder of its scenario, which no trace tells; empty for a command of the system.
files = ""
# Of the environment: what every command has (run/command-env.ts), and so a child of this process too.
usual = {}

_FIRST_PID = 100  # as in lane/preload/processes.c

# Of our environment: not the program's to see, and different from run to run.
_OURS = (
    "LOCKSTEP_GATE",
    "LOCKSTEP_IN",
    "LOCKSTEP_OUT",
    "LOCKSTEP_SQLITE",
    "LOCKSTEP_WRITABLE",
    "LOCKSTEP_LAUNCHER",
    "LOCKSTEP_PARENT",
    "LOCKSTEP_CWD",
    "LOCKSTEP_INPUT",
    "LOCKSTEP_GIVEN",
    "LOCKSTEP_LIBRARY",
    "LOCKSTEP_LANE",
)


# Lists of which the first entry is ours (run/command-env.ts), where there is such a thing: what says so.
_LISTS = {"LD_LIBRARY_PATH": os.pathsep, "LD_PRELOAD": " ", "PYTHONPATH": os.pathsep}
_SAID_BY = {"LD_LIBRARY_PATH": "LOCKSTEP_LIBRARY"}

# What came before an interpreter's own environment, by which the next one comes under this host (exec).
ours = {}

_getpid = os.getpid
real_parent = os.getppid


def take(environ):
    """Takes what is ours out of an environment, and gives it by name."""
    for name, between in _LISTS.items():
        if _SAID_BY.get(name, name) not in environ:
            ours[name] = ""
            continue
        first, _, rest = environ.pop(name, "").partition(between)
        ours[name] = first
        if rest:
            environ[name] = rest
    found = {name: environ.pop(name) for name in _OURS if name in environ}
    ours.update({name: found[name] for name in ("LOCKSTEP_GATE", "LOCKSTEP_SQLITE", "LOCKSTEP_LIBRARY") if name in found})
    return found


def with_ours(environ):
    """An environment by which the next interpreter comes under this host."""
    lists = {name: between.join(filter(None, (ours[name], environ.get(name)))) for name, between in _LISTS.items()}
    return {**environ, **ours, **lists}


# What the next interpreter in this process must know.
_HANDED = ("root", "process", "program", "pid", "parent_pid", "sqlite", "args", "epoch_ms", "files", "usual")


def to_hand_over():
    """What go_on takes."""
    return {name: globals()[name] for name in _HANDED}


def go_on(handed):
    """This interpreter has taken the place of another."""
    globals().update(handed)


def began_with(environ, given):
    """What the environment was when the program began. given: names of what its scenario has put there"""
    usual.update({name: value for name, value in environ.items() if name not in given.split(",")})


def told(job, parent):
    """What the coordinator has told the main lane.

    parent: the number that its parent takes for its process id
    """
    global root, process, program, pid, parent_pid, sqlite, args, epoch_ms, files
    root = job["root"]
    process = job["process"]
    program = job["program"]
    pid = _FIRST_PID + job["number"]
    parent_pid = parent
    sqlite = job["sqlite"]
    args = job["args"]
    files = job["places"].get("files") or ""
    epoch_ms = job["epochMs"]


def visible(text):
    """A text without the real path of the world, which differs from run to run."""
    text = text.replace(root, WORLD) if root else text
    return text.replace(files + "/", "") if files else text


# What stands for where a program, and its interpreter, lie (model/program-places.ts).
_FILES = "{lockstep:files}"
_INTERPRETER = "{lockstep:interpreter}"
_PREFIX = "{lockstep:prefix}"


def without_places(text):
    """A text that goes into a trace."""
    if text == sys.executable:
        return _INTERPRETER
    return text.replace(files, _FILES) if files else text


def data_without_places(data):
    """What a child of the same interpreter is told, as it goes into a trace: all texts in dicts and lists."""
    if isinstance(data, str):
        return without_places(data).replace(sys.base_prefix, _PREFIX)
    if isinstance(data, dict):
        return {key: data_without_places(value) for key, value in data.items()}
    return [data_without_places(one) for one in data] if isinstance(data, list) else data


def data_with_places(data):
    """The same in the child, as it is meant."""
    if isinstance(data, str):
        if data == _INTERPRETER:
            return sys.executable
        return data.replace(_PREFIX, sys.base_prefix).replace(_FILES, files)
    if isinstance(data, dict):
        return {key: data_with_places(value) for key, value in data.items()}
    return [data_with_places(one) for one in data] if isinstance(data, list) else data


def _logical_pid():
    return pid if root else _getpid()


def _logical_parent():
    return parent_pid if root else real_parent()


def install():
    """Replaces the numbers of processes by such as are the same in every replay."""
    replacing.put(os, getpid=_logical_pid, getppid=_logical_parent)
