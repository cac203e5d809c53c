"""Puts this process under the gate. What stays out: what is replaced (one module each), and where settings come from (setting)."""

import json
import os
import sys

from . import chance, clock, collector, databases, ends, gate, setting

_getppid = os.getppid
_sleep = clock.time.sleep


def prepare(gate_path):
    """What can be done before anybody knows which process this becomes.

    gate_path: absolute
    """
    gate.load(gate_path)
    gate.open_control()
    for module in (ends, collector, clock, chance, databases):
        module.install()
    os.getpid = setting.getpid


def enter(ours):
    """Attaches this process, and enters the run; returns when the coordinator has granted the first step.

    ours: setting.take
    """
    # The gate dies with the parent that it attaches under: not with the launcher of an orphan (run/launch.ts).
    while str(_getppid()) == ours.get("LOCKSTEP_LAUNCHER"):
        _sleep(0.001)
    setting.parent_pid = int(ours.get("LOCKSTEP_PARENT", "1"))
    gate.check_engine(ours["LOCKSTEP_SQLITE"])
    gate.attach(ours["LOCKSTEP_IN"], ours["LOCKSTEP_OUT"])
    gate.confine(ours["LOCKSTEP_WRITABLE"].split(os.pathsep))
    job = json.loads(gate.job())
    setting.told(job)
    os.chdir(setting.root)
    gate.enter(job["number"], int(job["seed"]), setting.root)
    gate.ends(None)
    chance.begin()


def begin_by_environment():
    """Of a process that has been started by itself."""
    ours = setting.take(os.environ)
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != here]
    prepare(ours["LOCKSTEP_GATE"])
    enter(ours)
