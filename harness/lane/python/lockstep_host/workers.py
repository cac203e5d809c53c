"""The module multiprocessing: its processes, by fork and by spawn, are processes of the run, and what it makes of pipes and semaphores (Queue,
Lock, Condition, Pool, and concurrent.futures' ProcessPoolExecutor) is its own, on those of the run (shared); so are its managers (servers).

What stays out: memory that they share (memory). The method forkserver ends the run with a sentence.
"""

import io
import os
import pickle
import sys
import types

from . import clock, loading, pipes, processes, refuse, replacing, servers, setting, shared

_CHILD = "from lockstep_host import workers; workers.main()"

# Of a child that was spawned: while it is open, the child lives.
_living = None


def _refused(what, instead):
    def call(*_args, **_kwargs):
        refuse.not_followed(f"{what}, which its host cannot follow: {instead}")

    return call


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
    from multiprocessing import context, reduction, spawn, util

    def launch(self, process):
        told = io.BytesIO()
        sentinel, alive = shared.make_pipe()
        name = pipes.ends[alive]
        self._lockstep_kept = [shared.keep(alive)]
        context.set_spawning_popen(self)
        try:
            pickle.dump(name, told)
            reduction.dump(setting.data_without_places(spawn.get_preparation_data(process._name)), told)
            reduction.dump(process, told)
        finally:
            context.set_spawning_popen(None)
        os.close(alive)
        self.sentinel = sentinel
        self.finalizer = util.Finalize(self, os.close, (sentinel,))
        self.pid = processes.start([sys.executable, "-c", _CHILD], stdin=told.getvalue())
        # What it is given is kept open until it has opened it itself.
        pipes.wait_until(lambda: processes.has_ended(self.pid) or pipes.was_told(f"{name}.begun"))
        shared.let_go(self._lockstep_kept)

    popen_spawn.Popen._launch = launch


def main():
    """In a process that was spawned: does what its parent has told it. Does not return."""
    global _living
    from multiprocessing import process, spawn

    told = io.BytesIO(sys.stdin.buffer.read())
    process.current_process()._inheriting = True
    try:
        name = pickle.load(told)
        _living = shared.open_pipe(name, True)
        spawn.prepare(setting.data_with_places(pickle.load(told)))
        worker = pickle.load(told)
    finally:
        del process.current_process()._inheriting
    pipes.tell(f"{name}.begun")
    pipes.moved()
    sys.exit(worker._bootstrap())


def _connections(module):
    from multiprocessing import context, reduction

    class Duplex(module.Connection):
        """One end of two pipes, in place of a pair of sockets."""

        def __init__(self, reads, writes):
            super().__init__(reads)
            self._lockstep_writes = writes

        def _close(self):
            os.close(self._handle)
            os.close(self._lockstep_writes)

        def _send(self, buf):
            while len(buf):
                buf = buf[os.write(self._lockstep_writes, buf) :]

    def pipe(duplex=True):
        """Replaces Pipe."""
        reads, writes = shared.make_pipe()
        if not duplex:
            return module.Connection(reads, writable=False), module.Connection(writes, readable=False)
        others_reads, others_writes = shared.make_pipe()
        return Duplex(reads, others_writes), Duplex(others_reads, writes)

    def hand_over(fd):
        """Of an end that a child by spawn is to have. Result: its name."""
        popen = context.get_spawning_popen()
        if popen is None:
            refuse.not_followed("sends a connection to another process: let it hand it to the process as an argument")
        popen._lockstep_kept.append(shared.keep(fd))
        return pipes.ends[fd]

    def rebuild(name, readable, writable):
        return module.Connection(shared.open_pipe(name, writable), readable, writable)

    def rebuild_duplex(reads, writes):
        return Duplex(shared.open_pipe(reads, False), shared.open_pipe(writes, True))

    def wait(object_list, timeout=None):
        """Replaces wait: of what can be read, or has come to its end."""

        def look():
            return [one for one in object_list if pipes.is_ready(one)]

        return pipes.wait_until(look, None if timeout is None else clock.milliseconds(max(0, timeout)))

    rebuild.__qualname__, rebuild_duplex.__qualname__ = "_rebuild", "_rebuild_duplex"
    rebuild.__module__ = rebuild_duplex.__module__ = module.__name__
    module._rebuild, module._rebuild_duplex = rebuild, rebuild_duplex
    reduction.register(module.Connection, lambda one: (rebuild, (hand_over(one.fileno()), one.readable, one.writable)))
    reduction.register(Duplex, lambda one: (rebuild_duplex, (hand_over(one.fileno()), hand_over(one._lockstep_writes))))

    def check_key(authkey):
        if authkey is not None and not isinstance(authkey, bytes):
            raise TypeError("authkey should be a byte string")

    class Listener:
        """Replaces Listener."""

        last_accepted = None

        def __init__(self, address=None, family=None, backlog=1, authkey=None):
            check_key(authkey)
            self._lockstep, self._authkey = servers.Rendezvous(address), authkey
            self.address = self._lockstep.address

        def accept(self):
            if self._lockstep is None:
                raise OSError("listener is closed")
            connection = Duplex(*self._lockstep.accept())
            if self._authkey:
                module.deliver_challenge(connection, self._authkey)
                module.answer_challenge(connection, self._authkey)
            return connection

        def close(self):
            listens, self._lockstep = self._lockstep, None
            if listens is not None:
                listens.close()

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.close()

    def client(address, family=None, authkey=None):
        """Replaces Client."""
        check_key(authkey)
        connection = Duplex(*servers.connect(address))
        if authkey is not None:
            module.answer_challenge(connection, authkey)
            module.deliver_challenge(connection, authkey)
        return connection

    replacing.put(module, Pipe=pipe, wait=wait, Listener=Listener, Client=client)


def _semaphores(module):
    module._multiprocessing = types.SimpleNamespace(SemLock=shared.SemLock)
    module.sem_unlink = lambda name: None


def _nothing(*_args, **_kwargs):
    pass


def _alike(process):
    """What the module has taken from the machine as it was loaded."""
    process.current_process()._config["authkey"] = process.AuthenticationString(bytes(32))
    process.ORIGINAL_DIR = setting.WORLD


def install():
    """Replaces what starts processes there and what they share, where the modules are loaded."""
    forkserver = _refused("starts processes by the method forkserver", "let it take fork or spawn")
    loading.after("multiprocessing.process", _alike)
    loading.after("multiprocessing.popen_fork", _by_fork)
    loading.after("multiprocessing.popen_spawn_posix", _by_spawn)
    loading.after("multiprocessing.popen_forkserver", lambda module: setattr(module.Popen, "_launch", forkserver))
    loading.after("multiprocessing.connection", _connections)
    loading.after("multiprocessing.synchronize", _semaphores)
    loading.after(
        "multiprocessing.resource_tracker",
        lambda module: replacing.put(module, register=_nothing, unregister=_nothing, ensure_running=_nothing),
    )
    loading.after("multiprocessing.util", lambda module: replacing.put(module, spawnv_passfds=forkserver))
