"""The module subprocess on processes of the run (processes): run, call, check_output and all else of it go by Popen.

A child's standard input is given to it when it starts, so what is written to it is kept until somebody waits, reads or closes; what it
prints is read as it comes. What stays out: pipes between two children, files that a child writes to in its parent's place.
"""

import io
import os

from . import clock, loading, processes, refuse, replacing

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
        popen._begin()
        while True:
            ended = popen.poll() is not None
            data = popen._printed(self._which)[self._at :][: len(buffer)]
            if data or ended:
                buffer[: len(data)] = data
                self._at += len(data)
                return len(data)
            popen._wait_ms(_LOOK_MS)


class _Input(io.BytesIO):
    """What a child is to find on its standard input: it starts when that is complete."""

    def __init__(self, popen):
        super().__init__()
        self._popen = popen

    def close(self):
        if not self.closed:
            self._popen._given = self.getvalue()
            super().close()
            self._popen._begin()


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
            self._start = (words, env, cwd)
            self._given = b""
            self._merged = stderr == STDOUT
            self.pid = None
            self.returncode = None
            self._communication_started = False
            self._input = None
            self.encoding, self.errors = encoding, errors
            self.text_mode = bool(encoding or errors or text or universal_newlines)
            self.universal_newlines = self.text_mode
            self.pipesize = pipesize
            self.stdin = self._file(_Input(self), "w", bufsize) if stdin == PIPE else None
            self.stdout = self._file(_Printed(self, 0), "r", bufsize) if stdout == PIPE else None
            self.stderr = self._file(_Printed(self, 1), "r", bufsize) if stderr == PIPE else None
            if stdin != PIPE:
                self._begin()

        def _file(self, raw, mode, bufsize):
            if mode == "r":
                raw = io.BufferedReader(raw)
            if not self.text_mode:
                return raw
            return io.TextIOWrapper(raw, self.encoding or "utf-8", self.errors, write_through=mode == "w")

        def _begin(self):
            """Starts the child, where it has not been."""
            if self.pid is not None:
                return
            if self.stdin is not None and not self.stdin.closed:
                self.stdin.close()  # which begins
                return
            words, env, cwd = self._start
            try:
                self.pid = processes.start(words, env, self._given, cwd)
            finally:
                self._child_created = self.pid is not None

        def _printed(self, which):
            out, err = processes.output(self.pid)
            return out + err if self._merged and which == 0 else (out, err)[which]

        def _wait_ms(self, ms):
            status = processes.wait_for(self.pid, ms)
            if status is not None:
                self.returncode = os.waitstatus_to_exitcode(status)

        def poll(self):
            if self.returncode is None:
                self._begin()
                self._wait_ms(0)
            return self.returncode

        def _internal_poll(self, *_args, **_kwargs):
            return self.returncode  # of one that nobody holds any more

        def wait(self, timeout=None):
            if self.returncode is None:
                self._begin()
                self._wait_ms(None if timeout is None else clock.milliseconds(timeout))
                if self.returncode is None:
                    raise subprocess.TimeoutExpired(self.args, timeout)
            return self.returncode

        def communicate(self, input=None, timeout=None):
            if self._communication_started and input:
                raise ValueError("Cannot send input after starting communication")
            if input is not None and self.stdin is not None and not self.stdin.closed:
                self.stdin.write(input)
            self._communication_started = True
            self.wait(timeout)
            return tuple(None if file is None else file.read() for file in (self.stdout, self.stderr))

        def send_signal(self, sig):
            if self.poll() is None:
                processes.kill(self.pid, sig)

        def __exit__(self, *_):
            for file in (self.stdin, self.stdout, self.stderr):
                if file is not None and not file.closed:
                    file.close()
            self.wait()

        def __del__(self, *_args, **_kwargs):
            pass  # the coordinator collects it

    return Popen


def _install(subprocess):
    replacing.put(subprocess, Popen=_popen_class(subprocess))


def install():
    """Replaces subprocess.Popen, where the module is loaded."""
    loading.after("subprocess", _install)
