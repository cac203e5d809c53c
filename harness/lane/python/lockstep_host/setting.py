"""What this process has been told of the run: by its environment, or by the zygote (begin), and by the coordinator (run/lane-job.ts)."""

import os

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
    "LOCKSTEP_GIVEN",
    "LOCKSTEP_LIBRARY",
)


# Lists of which the first entry is ours (run/command-starter.ts).
_LISTS = {"LD_LIBRARY_PATH": os.pathsep, "LD_PRELOAD": " ", "PYTHONPATH": os.pathsep}

_getpid = os.getpid
real_parent = os.getppid


def take(environ):
    """Takes what is ours out of an environment, and gives it by name."""
    for name, between in _LISTS.items():
        _, _, rest = environ.pop(name, "").partition(between)
        if rest:
            environ[name] = rest
    return {name: environ.pop(name) for name in _OURS if name in environ}


def began_with(environ, given):
    """What the environment was when the program began. given: names of what its scenario has put there"""
    usual.update({name: value for name, value in environ.items() if name not in given.split(",")})


def told(job, parent):
    """What the coordinator has told the main lane.

    parent: the number that its parent takes for its process id
    """
    global root, process, program, pid, parent_pid, sqlite, args, epoch_ms
    root = job["root"]
    process = job["process"]
    program = job["program"]
    pid = _FIRST_PID + job["number"]
    parent_pid = parent
    sqlite = job["sqlite"]
    args = job["args"]
    epoch_ms = job["epochMs"]


def visible(text):
    """A text without the real path of the world, which differs from run to run."""
    return text.replace(root, WORLD) if root else text


def _logical_pid():
    return pid if root else _getpid()


def _logical_parent():
    return parent_pid if root else real_parent()


def install():
    """Replaces the numbers of processes by such as are the same in every replay."""
    replacing.put(os, getpid=_logical_pid, getppid=_logical_parent)
