"""asyncio in virtual time: its loop waits as a lane does, until its next timer, or until another lane or a signal wakes it.

Its clock is the run's (clock), its executors' threads are lanes (threads), its locks and queues are its own. What stays out: what a loop
could wait for outside of the run, which ends it with a sentence (sockets).
"""

import selectors

from . import clock, loading, locks, refuse, replacing, steady

_Default = selectors.DefaultSelector

# Virtual seconds between two looks whether a child has ended.
_LOOK = 0.01


class _Selector(_Default):
    """Waits for the pair of sockets by which a loop wakes itself, and for nothing else."""

    def __init__(self):
        super().__init__()
        self._woken = locks.Lock()
        self._woken.acquire()

    def wake(self):
        """By any lane."""
        if self._woken.locked():
            self._woken.release()

    def select(self, timeout=None):
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        # Another lane that wakes it leaves a byte in the pair; a signal does, too, and ends the wait.
        self._woken.acquire_until_signal(locks.FOR_EVER_MS if timeout is None else clock.milliseconds(timeout))
        return super().select(0)


def _install(unix_events):
    import asyncio
    from asyncio import base_subprocess, futures, tasks, transports

    class Task(tasks.Task):
        """In a set it has a number of its own."""

        _lockstep_number = None

        def __hash__(self):
            if self._lockstep_number is None:
                self._lockstep_number = steady.next_number()
            return self._lockstep_number

    class Future(futures.Future):
        """In a set it has a number of its own."""

        _lockstep_number = None

        __hash__ = Task.__hash__

    class Pipe(transports.ReadTransport):
        """Of what a child prints, which is all there when it comes."""

        def pause_reading(self):
            pass

        resume_reading = close = pause_reading

    class Transport(base_subprocess.BaseSubprocessTransport):
        """A child: what it prints comes when it has ended."""

        def _start(self, args, shell, stdin, stdout, stderr, bufsize, **kwargs):
            import subprocess

            if stdin == subprocess.PIPE:
                refuse.not_followed("writes to a child of asyncio as it runs: let it use the module subprocess in a thread")
            self._proc = subprocess.Popen(args, shell=shell, stdin=stdin, stdout=stdout, stderr=stderr, bufsize=bufsize, **kwargs)
            self._watch()

        async def _connect_pipes(self, waiter):
            loop = self._loop
            loop.call_soon(self._protocol.connection_made, self)
            for callback, data in self._pending_calls:
                loop.call_soon(callback, *data)
            self._pending_calls = None
            if waiter is not None and not waiter.cancelled():
                waiter.set_result(None)

        def get_pipe_transport(self, fd):
            file = (None, self._proc.stdout, self._proc.stderr)[fd]
            return None if file is None else Pipe()

        def _watch(self):
            if self._proc.poll() is None:
                self._loop.call_later(_LOOK, self._watch)
                return
            for fd, file in ((1, self._proc.stdout), (2, self._proc.stderr)):
                if file is not None:
                    self._call(self._protocol.pipe_data_received, fd, file.read())
                    self._call(self._protocol.pipe_connection_lost, fd, None)
            self._process_exited(self._proc.returncode)

    class Loop(unix_events.SelectorEventLoop):
        """Replaces asyncio's loop."""

        def __init__(self, selector=None):
            super().__init__(_Selector())
            self.set_task_factory(lambda loop, coro, **more: Task(coro, loop=loop, **more))

        def create_future(self):
            return Future(loop=self)

        def _write_to_self(self):
            super()._write_to_self()
            self._selector.wake()

        def _add_reader(self, fd, callback, *args):
            if self._ssock is None or fd != self._ssock.fileno():
                refuse.not_followed("waits for a descriptor in asyncio (add_reader), which its host cannot follow")
            return super()._add_reader(fd, callback, *args)

        async def _make_subprocess_transport(self, protocol, args, shell, stdin, stdout, stderr, bufsize, extra=None, **kwargs):
            waiter = self.create_future()
            transport = Transport(self, protocol, args, shell, stdin, stdout, stderr, bufsize, waiter=waiter, extra=extra, **kwargs)
            await waiter
            return transport

    Loop.__name__ = Loop.__qualname__ = "_UnixSelectorEventLoop"
    replacing.put(unix_events, SelectorEventLoop=Loop, _UnixSelectorEventLoop=Loop)
    for name in ("SelectorEventLoop", "EventLoop"):
        if hasattr(asyncio, name):
            setattr(asyncio, name, Loop)
    policy = getattr(unix_events, "_UnixDefaultEventLoopPolicy", None) or unix_events.DefaultEventLoopPolicy
    policy._loop_factory = Loop


def install():
    """Replaces the loop of asyncio, and refuses to wait for other descriptors."""
    loading.after("asyncio.unix_events", _install)
