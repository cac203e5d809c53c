"""The module subprocess on processes of the run (processes): run, call, check_output and all else of it go by Popen.

A child begins with what is written to it until its parent goes on to anything else, and is given the rest while it runs; what it prints is read as
it comes. What stays out: pipes between two children, files that a child writes to in its parent's place.
"""

import errno
import io
import os

from . import clock, gate, loading, processes, refuse, replacing

# Virtual ms between two looks at what a child has printed while it lives.
_LOOK_MS = 10


class _Printed(io.RawIOBase):
    """What a child prints, from where it has been read to."""

    def __init__(self, popen, which):
        self._popen, self._which, self._at = popen, which, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        popen = self._popen
        while True:
            ended = popen.poll() is not None
            data = popen._printed(self._which)[self._at :][: len(buffer)]
            if data or ended:
                buffer[: len(data)] = data
                self._at += len(data)
                return len(data)
            popen._wait_ms(_LOOK_MS)


class _Input(io.RawIOBase):
    """The standard input of a child: it begins with what is written until its parent goes on to anything else."""

    def __init__(self, popen):
        self._popen = popen
        self._written = []

    def writable(self):
        return True

    def write(self, data):
        data = bytes(data)
        if self._popen._held:
            self._written.append(data)
        elif not processes.feed(self._popen.pid, data, ends=False):
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        return len(data)

    def begin(self):
        if self._popen._held:
            self._popen._held = False
            processes.begin(self._popen.pid, b"".join(self._written), is_open=not self.closed)

    def close(self):
        if self.closed:
            return
        super().close()
        if self._popen._held:
            self.begin()
        elif self._popen.pid is not None:
            processes.feed(self._popen.pid, b"", ends=True)


def _popen_class(subprocess):
    PIPE, STDOUT, DEVNULL = subprocess.PIPE, subprocess.STDOUT, subprocess.DEVNULL

    class Popen(subprocess.Popen):
        """Replaces subprocess.Popen."""

        def __init__(self, args, bufsize=-1, executable=None, stdin=None, stdout=None, stderr=None, preexec_fn=None,
                     close_fds=True, shell=False, cwd=None, env=None, universal_newlines=None, startupinfo=None,
                     creationflags=0, restore_signals=True, start_new_session=False, pass_fds=(), *, user=None,
                     group=None, extra_groups=None, encoding=None, errors=None, text=None, umask=-1, pipesize=-1,
                     process_group=None):
            self._child_created = False
            for name, value in (("stdin", stdin), ("stdout", stdout), ("stderr", stderr)):
                if value not in (None, PIPE, STDOUT, DEVNULL):
                    refuse.not_followed(f"hands a child a file as its {name}: let it take subprocess.PIPE, and write or read it")
            if preexec_fn is not None or pass_fds:
                refuse.not_followed("starts a child with preexec_fn or pass_fds, which its host cannot follow: leave them out")
            self.args = args
            words = [args] if isinstance(args, (str, bytes, os.PathLike)) else list(args)
            if shell:
                words = ["/bin/sh", "-c", *words]
            elif executable is not None:
                words[0] = executable
            self._merged = stderr == STDOUT
            self.pid = None
            self.returncode = None
            self._communication_started = False
            self._input = None
            self.encoding, self.errors = encoding, errors
            self.text_mode = bool(encoding or errors or text or universal_newlines)
            self.universal_newlines = self.text_mode
            self.pipesize = pipesize
            self._held = stdin == PIPE  # it has not been told what it is to read
            fed = _Input(self)
            self.stdin = self._writer(fed, bufsize) if self._held else None
            self.stdout = self._reader(_Printed(self, 0)) if stdout == PIPE else None
            self.stderr = self._reader(_Printed(self, 1)) if stderr == PIPE else None
            try:
                self.pid = processes.start(words, env, None, cwd, self._held)
            finally:
                self._child_created = self.pid is not None
                self._held = self._held and self._child_created
            gate.soon(fed.begin)

        def _reader(self, raw):
            file = io.BufferedReader(raw)
            return io.TextIOWrapper(file, self.encoding or "utf-8", self.errors) if self.text_mode else file

        def _writer(self, raw, bufsize):
            """As in subprocess: a text goes at once to a buffer, which is flushed at a line's end where bufsize is 1."""
            if bufsize == 0:
                file = raw
            else:
                file = io.BufferedWriter(raw, bufsize if bufsize > 1 else io.DEFAULT_BUFFER_SIZE)
            if not self.text_mode:
                return file
            lines = {"line_buffering": bufsize == 1, "write_through": True}
            return io.TextIOWrapper(file, self.encoding or "utf-8", self.errors, **lines)

        def _printed(self, which):
            out, err = processes.output(self.pid)
            return out + err if self._merged and which == 0 else (out, err)[which]

        def _wait_ms(self, ms):
            status = processes.wait_for(self.pid, ms)
            if status is not None:
                self.returncode = os.waitstatus_to_exitcode(status)

        def poll(self):
            if self.returncode is None:
                self._wait_ms(0)
            return self.returncode

        def _internal_poll(self, *_args, **_kwargs):
            return self.returncode  # of one that nobody holds any more

        def wait(self, timeout=None):
            if self.returncode is None:
                self._wait_ms(None if timeout is None else clock.milliseconds(timeout))
                if self.returncode is None:
                    raise subprocess.TimeoutExpired(self.args, timeout)
            return self.returncode

        def communicate(self, input=None, timeout=None):
            if self._communication_started and input:
                raise ValueError("Cannot send input after starting communication")
            if self.stdin is not None and not self.stdin.closed:
                try:
                    if input is not None:
                        self.stdin.write(input)
                    self.stdin.close()
                except BrokenPipeError:
                    pass  # as in subprocess: it did not want to read that
            self._communication_started = True
            self.wait(timeout)
            return tuple(None if file is None else file.read() for file in (self.stdout, self.stderr))

        def send_signal(self, sig):
            if self.poll() is None:
                processes.kill(self.pid, sig)

        def __exit__(self, *_):
            try:
                for file in (self.stdout, self.stderr, self.stdin):
                    if file is not None and not file.closed:
                        file.close()
            finally:
                self.wait()

        def __del__(self, *_args, **_kwargs):
            pass  # the coordinator collects it

    return Popen


def _install(subprocess):
    replacing.put(subprocess, Popen=_popen_class(subprocess))


def install():
    """Replaces subprocess.Popen, where the module is loaded."""
    loading.after("subprocess", _install)
