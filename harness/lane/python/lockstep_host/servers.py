"""Listener and Client of multiprocessing.connection, and so its managers: whoever listens has a FIFO, and a client leaves there the names of
two pipes, of which it is given an end of each.

An address, whatever family it is of, means a listener of this run. What stays out: connections of other modules (sockets).
"""

import errno
import os
import struct
import weakref

from . import gate, loading, pipes, shared, steady

_LENGTH = struct.Struct("<H")


def _fifo(address):
    if isinstance(address, (tuple, list)):
        host, port = address
        address = f"{'localhost' if host in ('', '0.0.0.0', '127.0.0.1', '::', '::1') else host}:{port}"
    return "listener." + os.fsdecode(address).strip("/").replace("/", "_")


class Rendezvous:
    """What listens."""

    def __init__(self, address):
        self.address = address or pipes.new_name("listener")
        self._name = _fifo(self.address)
        gate.label(f"listen {self._name}")
        try:
            shared.make_fifo(self._name)
        except FileExistsError:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE)) from None
        self._reads = shared.open_pipe(self._name, False)
        self._keeps = shared.open_pipe(self._name, True)  # without a writer it would be at its end

    def accept(self):
        """Waits for a client. Result: descriptors to read and to write."""
        (length,) = _LENGTH.unpack(os.read(self._reads, _LENGTH.size))
        to_here, from_here = os.read(self._reads, length).decode().split("\0")
        ends = shared.open_pipe(to_here, False), shared.open_pipe(from_here, True)
        pipes.tell(f"{to_here}.begun")
        pipes.moved()
        return ends

    def close(self):
        """Nobody can connect any more."""
        if self._name is None:
            return
        gate.label(f"close {self._name}")
        shared.remove(self._name)
        self._name = None
        os.close(self._reads)
        os.close(self._keeps)


def connect(address):
    """Connects to a listener. Result: descriptors to read and to write."""
    name = _fifo(address)
    gate.label(f"connect {name}")
    try:
        door = shared.open_pipe(name, True)
    except OSError:  # there is none, or nobody behind it any more
        raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED)) from None
    to_there, from_there = shared.make_pipe(), shared.make_pipe()
    names = [pipes.ends[end] for end in (to_there[1], from_there[0])]
    told = "\0".join(names).encode()
    os.write(door, _LENGTH.pack(len(told)) + told)
    begun = f"{names[0]}.begun"
    pipes.wait_until(lambda: pipes.was_told(begun) or not pipes.has_reader(door))
    os.close(door)
    for end in (to_there[0], from_there[1]):
        os.close(end)
    if not pipes.was_told(begun):
        raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
    return from_there[0], to_there[1]


# By address: what a manager has given a number, or a weak reference to it, and the number.
_numbered = {}


def _number_of(one):
    """In place of id, by which a manager names what it holds: addresses are not the same in every process."""
    place = id(one)
    held, number = _numbered.get(place, (None, 0))
    if held is one or (isinstance(held, weakref.ref) and held() is one):
        return number
    try:
        held = weakref.ref(one)
    except TypeError:
        held = one  # a dict or a list: it is kept
    number = steady.next_number()
    _numbered[place] = (held, number)
    return number


def _managers(module):
    module.id = _number_of


def install():
    """Names what managers hold alike in every replay, where the module is loaded."""
    loading.after("multiprocessing.managers", _managers)
