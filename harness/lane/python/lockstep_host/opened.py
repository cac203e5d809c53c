"""File objects on files of the world: what open() gives, with each read, write and close below the buffer a step (files).

Mirrors Lib/_pyio.py, open(): the built-in one makes its raw file in C, past everything. What stays out: files outside of the world,
which the built-in open reads.
"""

import _io
import builtins
import io
import os

from . import files, locks, pipes, replacing, world

_open = io.open
_FileIO = io.FileIO

# What the kernel says of every file system that programs have been measured on; io.open takes it for the size of its buffers.
_BUFFER = 4096


def _open_raw(path, flags):
    # With the mode of io.open, which os.open does not have.
    return files.open_file(path, flags, 0o666)


class FileIO(_FileIO):
    """Replaces io.FileIO."""

    def __init__(self, file, mode="r", closefd=True, opener=None):
        if opener is None and not isinstance(file, int) and world.name_of(file) is not None:
            opener = _open_raw
        super().__init__(file, mode, closefd, opener)
        self._lockstep_closefd = closefd

    def _is_of_world(self):
        return not self.closed and (self.fileno() in files.names or self._is_pipe())

    def _is_pipe(self):
        return self.fileno() in pipes.ends

    def readinto(self, buffer):
        if not self._is_of_world():
            return super().readinto(buffer)
        self._check("readable")
        view = memoryview(buffer).cast("B")
        data = files.read(self.fileno(), len(view))
        view[: len(data)] = data
        return len(data)

    def read(self, size=-1):
        if not self._is_of_world():
            return super().read(size)
        self._check("readable")
        return self.readall() if size is None or size < 0 else files.read(self.fileno(), size)

    def readall(self):
        if not self._is_of_world():
            return super().readall()
        self._check("readable")
        fd = self.fileno()
        # As the real one: what the kernel says is left, and one read that finds the end.
        left = _BUFFER if self._is_pipe() else max(0, files._real["fstat"](fd).st_size - self.tell())
        parts = []
        while True:
            part = files.read(fd, left + 1)
            if not part:
                return b"".join(parts)
            parts.append(part)
            left = _BUFFER if self._is_pipe() else max(0, left - len(part))

    def write(self, data):
        if not self._is_of_world():
            return super().write(data)
        self._check("writable")
        return files.write(self.fileno(), data)

    def truncate(self, size=None):
        if not self._is_of_world():
            return super().truncate(size)
        self._check("writable")
        size = self.tell() if size is None else size
        os.ftruncate(self.fileno(), size)
        return size

    def close(self):
        if self._is_of_world() and self._lockstep_closefd:
            files.close(self.fileno(), super().close)
        else:
            super().close()

    def _check(self, able):
        if not getattr(self, able)():
            raise io.UnsupportedOperation(f"File not open for {'reading' if able == 'readable' else 'writing'}")


_USES_BUFFER = (
    "__next__",
    "close",
    "flush",
    "peek",
    "read",
    "read1",
    "readinto",
    "readinto1",
    "readline",
    "readlines",
    "seek",
    "tell",
    "truncate",
    "write",
    "writelines",
)


def _alone(name, real):
    """A method that one lane at a time is in: by itself a buffer would have the others wait in the kernel."""

    def call(self, *args):
        if not locks.several:
            return real(self, *args)
        with self._lockstep_lock:
            return real(self, *args)

    call.__name__ = name
    return call


def _shared_by_lanes(cls):
    def begin(self, raw, size):
        self._lockstep_lock = locks.QuietRLock()
        cls.__init__(self, raw, size)

    methods = {name: _alone(name, getattr(cls, name)) for name in _USES_BUFFER if hasattr(cls, name)}
    return type(cls.__name__, (cls,), {"__module__": "_io", "__init__": begin, **methods})


_Reader, _Writer, _Random = map(_shared_by_lanes, (io.BufferedReader, io.BufferedWriter, io.BufferedRandom))


def _buffered(raw, buffering):
    size = _BUFFER if buffering in (-1, 1) else buffering
    if raw.readable() and raw.writable():
        return _Random(raw, size)
    return _Writer(raw, size) if raw.writable() else _Reader(raw, size)


def _is_ours(file):
    if isinstance(file, int):
        return file in files.names or file in pipes.ends
    return world.name_of(file) is not None


def open_world(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    """Replaces open()."""
    if not isinstance(file, int):
        file = os.fspath(file)
    if not _is_ours(file) and opener is None:
        if isinstance(mode, str) and not isinstance(file, int) and set(mode) & set("wax+"):
            opener = _open_raw  # which refuses it outside of the world
        else:
            return _open(file, mode, buffering, encoding, errors, newline, closefd)
    binary = "b" in mode
    plain = mode.replace("b", "").replace("t", "").replace("U", "")
    if binary and (encoding is not None or errors is not None or newline is not None):
        raise ValueError("binary mode doesn't take an encoding, errors or newline argument")
    if binary and "t" in mode:
        raise ValueError("can't have text and binary mode at once")
    if not binary and buffering == 0:
        raise ValueError("can't have unbuffered text I/O")
    raw = FileIO(file, plain, closefd, opener)
    try:
        if buffering == 0:
            return raw
        line_buffering = buffering == 1 or (buffering == -1 and raw.isatty())
        buffer = _buffered(raw, buffering)
        if binary:
            return buffer
        text = io.TextIOWrapper(buffer, io.text_encoding(encoding) if hasattr(io, "text_encoding") else encoding, errors, newline, line_buffering)
        text.mode = mode
        return text
    except BaseException:
        raw.close()
        raise


def install():
    """Replaces open() and io.FileIO."""
    FileIO.__name__ = FileIO.__qualname__ = "FileIO"
    FileIO.__module__ = "_io"
    replacing.put(io, FileIO=FileIO, open=open_world)
    builtins.open = _io.open = open_world
