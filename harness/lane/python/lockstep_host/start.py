"""Puts this process under the gate. What stays out: what is replaced (one module each), and where settings come from (setting)."""

import os
import sys

# Before all else: modules of the standard library take locks, clocks and functions on files by name when they are loaded, be it as
# defaults of their own functions. None of these does anything but what is real before this process is in a run.
from . import loading, locks, threads

loading.install()
locks.install()
threads.install()

from . import clock, files, flocks, imports, opened, setting, shared, world  # noqa: E402, F401

for _module in (setting, world, clock, files, opened, flocks, imports):
    _module.install()

from . import chance, children, collector, databases, ends, gate, loops, machine, mappings, memory, pipes, processes, replacing, servers, sockets, steady, timers, workers  # noqa: E402


def prepare(gate_path):
    """What can be done before anybody knows which process this becomes.

    gate_path: absolute
    """
    gate.load(gate_path)
    for module in (steady, ends, collector, chance, databases, pipes, processes, children, timers, sockets, mappings, memory, servers, machine, loops, workers):
        module.install()
    replacing.everywhere()


def enter(ours):
    """Attaches this process, and enters the run; returns when the coordinator has granted the first step.

    ours: setting.take
    """
    # The gate dies with the parent that it attaches under: not with the launcher of an orphan (run/launch.ts).
    while str(setting.real_parent()) == ours.get("LOCKSTEP_LAUNCHER"):
        clock.real_sleep(0.001)
    gate.check_engine(ours["LOCKSTEP_SQLITE"])
    gate.attach(ours["LOCKSTEP_IN"], ours["LOCKSTEP_OUT"])
    gate.confine(ours["LOCKSTEP_WRITABLE"].split(os.pathsep))
    job = gate.job()
    setting.told(job, int(ours.get("LOCKSTEP_PARENT", "1")))
    setting.began_with(os.environ, ours.get("LOCKSTEP_GIVEN", ""))
    world.begin(ours.get("LOCKSTEP_CWD"))
    gate.enter(job["number"], int(job["seed"]), setting.root)
    gate.ends(None)
    for module in (clock, chance, steady, machine):
        module.begin()
    pipes.begin(ours.get("LOCKSTEP_INPUT"))


def go_on(ours):
    """Goes on as the lane of the program whose place this one has taken (successors)."""
    gate.check_engine(ours["LOCKSTEP_SQLITE"])
    handed = gate.take_over(int(ours["LOCKSTEP_LANE"]))
    setting.go_on(handed["setting"])
    world.begin(handed["cwd"])
    processes.go_on(handed["processes"])
    timers.go_on(handed["timers"])
    gate.ends(None)
    for module in (clock, chance, steady):
        module.begin()


def begin_by_environment():
    """Of a process that has been started by itself."""
    steady.at_the_same_places()
    ours = setting.take(os.environ)
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != here]
    prepare(ours["LOCKSTEP_GATE"])
    (go_on if "LOCKSTEP_LANE" in ours else enter)(ours)
