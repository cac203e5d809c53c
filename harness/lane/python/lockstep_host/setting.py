"""What this process has been told of the run: by its environment, or by the zygote (begin), and by the coordinator (run/lane-job.ts)."""

import os

WORLD = "/lockstep"

# The world's folder as it really is; empty outside of a run.
root = ""
# The name of this process, and its number: what it takes for its process id.
process = ""
pid = 0
parent_pid = 1
# The plan's settings for every connection (model/plan.ts, SqliteParameters).
sqlite = {}
# What the scenario told it.
args = None

_FIRST_PID = 1000

# Of our environment: not the program's to see, and different from run to run.
_OURS = (
    "LOCKSTEP_GATE",
    "LOCKSTEP_IN",
    "LOCKSTEP_OUT",
    "LOCKSTEP_SQLITE",
    "LOCKSTEP_WRITABLE",
    "LOCKSTEP_LAUNCHER",
    "LOCKSTEP_PARENT",
)


# Lists of which the first entry is ours (run/command-starter.ts).
_LISTS = ("LD_LIBRARY_PATH", "PYTHONPATH")

_getpid = os.getpid


def take(environ):
    """Takes what is ours out of an environment, and gives it by name."""
    for name in _LISTS:
        _, _, rest = environ.pop(name, "").partition(os.pathsep)
        if rest:
            environ[name] = rest
    return {name: environ.pop(name) for name in _OURS if name in environ}


def told(job):
    """What the coordinator has told the main lane."""
    global root, process, pid, sqlite, args
    root = job["root"]
    process = job["process"]
    pid = _FIRST_PID + job["number"]
    sqlite = job["sqlite"]
    args = job["args"]


def visible(text):
    """A text without the real path of the world, which differs from run to run."""
    return text.replace(root, WORLD) if root else text


def getpid():
    """Replaces os.getpid: a number that is the same in every replay."""
    return pid if root else _getpid()
