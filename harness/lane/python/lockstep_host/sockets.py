"""Sockets: refused, with a sentence; a pair of them within the process is none of the network's, and works (asyncio wakes itself by one)."""

import _socket

from . import loading, refuse, replacing

_what = "opens a socket, which its host cannot follow: let it speak to what it needs by files of the run, or put a stand-in in its place"


def _refused(*_args, **_kwargs):
    refuse.not_followed(_what)


def _install(socket):
    class Socket(socket.socket):
        """Replaces socket.socket."""

        def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
            if fileno is None:
                _refused()
            super().__init__(family, type, proto, fileno)

    Socket.__name__ = Socket.__qualname__ = "socket"
    Socket.__module__ = "socket"
    replacing.put(socket, socket=Socket, SocketType=Socket, getaddrinfo=_refused, gethostbyname=_refused)


def install():
    """Replaces sockets, where the module is loaded."""
    replacing.put(_socket, getaddrinfo=_refused, gethostbyname=_refused)
    loading.after("socket", _install)
