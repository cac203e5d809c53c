"""The module multiprocessing: its processes, by fork and by spawn, are processes of the run.

What stays out, and ends the run with a sentence: what such processes share (queues, pipes, locks, pools), which is the kernel's.
"""

import io
import os
import pickle
import sys

from . import clock, loading, processes, refuse, replacing, setting

_CHILD = "from lockstep_host import workers; workers.main()"


def _refused(*_args, **_kwargs):
    refuse.not_followed(
        "shares queues, pipes, locks or pools between processes of the module multiprocessing, which its host cannot follow: let them "
        "share a file of the run, or take threads"
    )


def _wait(self, timeout=None):
    """Replaces Popen.wait of both ways."""
    if self.returncode is None:
        status = processes.wait_for(self.pid, None if timeout is None else clock.milliseconds(timeout))
        if status is None:
            return None
        self.returncode = os.waitstatus_to_exitcode(status)
    return self.returncode


def _poll(self, flag=os.WNOHANG):
    return _wait(self, 0 if flag else None)


def _by_fork(popen_fork):
    popen_fork.Popen.wait = _wait
    popen_fork.Popen.poll = _poll


def _by_spawn(popen_spawn):
    from multiprocessing import context, spawn

    def launch(self, process):
        told = io.BytesIO()
        context.set_spawning_popen(self)
        try:
            pickle.dump(spawn.get_preparation_data(process._name), told)
            pickle.dump(process, told)
        finally:
            context.set_spawning_popen(None)
        self.sentinel = self.finalizer = None
        self.pid = processes.start([sys.executable, "-c", _CHILD], stdin=told.getvalue())

    popen_spawn.Popen._launch = launch


def main():
    """In a process that was spawned: does what its parent has told it. Does not return."""
    from multiprocessing import process, spawn

    told = io.BytesIO(sys.stdin.buffer.read())
    process.current_process()._inheriting = True
    try:
        spawn.prepare(pickle.load(told))
        worker = pickle.load(told)
    finally:
        del process.current_process()._inheriting
    sys.exit(worker._bootstrap())


def _alike(process):
    """What the module has taken from the machine as it was loaded."""
    process.current_process()._config["authkey"] = process.AuthenticationString(bytes(32))
    process.ORIGINAL_DIR = setting.WORLD


def install():
    """Replaces what starts processes there, where the modules are loaded, and refuses what they would share."""
    loading.after("multiprocessing.process", _alike)
    loading.after("multiprocessing.popen_fork", _by_fork)
    loading.after("multiprocessing.popen_spawn_posix", _by_spawn)
    loading.after("multiprocessing.connection", lambda module: replacing.put(module, Pipe=_refused, Listener=_refused, Client=_refused))
    loading.after("multiprocessing.synchronize", lambda module: replacing.put(module, SemLock=_refused))
    loading.after("multiprocessing.resource_tracker", lambda module: setattr(module.ResourceTracker, "ensure_running", _refused))
    loading.after("multiprocessing.util", lambda module: replacing.put(module, spawnv_passfds=_refused))
