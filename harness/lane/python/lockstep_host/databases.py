"""Connections of the module sqlite3: names as the program sees the world, the plan's settings, the step before a close.

One lane at a time is in a call on a connection, as SQLite would have it by itself: but it would have the others wait in the kernel,
some of them holding the interpreter's lock. What stays out: SQLite's own work, each call of which on a file is a step by the gate.
"""

import os
import sqlite3
import sys
import urllib.parse

from . import gate, locks, replacing, setting, world

_Connection = sqlite3.Connection
_Cursor = sqlite3.Cursor

# Connections that a fault keeps from being closed: open until the process ends.
_leaked = []


def _set(connection):
    """As LaneConnection does it (lane/connection.ts): only `cache_size` reads the file, and the program meets the reason itself."""
    given = setting.sqlite
    execute = connection.execute
    if "pageBytes" in given:
        execute(f"PRAGMA page_size={given['pageBytes']}").close()
    if "autocheckpointPages" in given:
        execute(f"PRAGMA wal_autocheckpoint={given['autocheckpointPages']}").close()
    if "cachePages" in given:
        try:
            execute(f"PRAGMA cache_size={given['cachePages']}").close()
        except sqlite3.Error:
            pass


def _named(database, uri):
    """The file of the world that a name of a database means, or None, and the name by which the gate finds it.

    The gate knows the world's folder alone, and the program may work in a folder of it.
    """
    given = os.fsdecode(database)
    if not setting.root or given in ("", ":memory:"):
        return None, database
    if uri and given.startswith("file:"):
        path, mark, query = given[len("file:") :].partition("?")
        if not path or path == ":memory:" or "mode=memory" in query:
            return None, database
        path = urllib.parse.unquote(path[2:] if path.startswith("///") else path)
        name = world.name_of(path)
        shown = path if name is None else world.shown(name)
        return name or path, f"file:{urllib.parse.quote(shown)}{mark}{query}"
    name = world.name_of(given)
    # A name from outside is the gate's to refuse, and to say so.
    return (given, given) if name is None else (name, world.shown(name))


def _alone(name, real, lock_of):
    """A method, with the lock of its connection held where there are other lanes."""

    def call(self, *args, **kwargs):
        gate.do_due()
        if not locks.several:
            result = real(self, *args, **kwargs)
        else:
            with lock_of(self):
                result = real(self, *args, **kwargs)
        gate.collect_if_told()
        return result

    call.__name__ = name
    return call


class Cursor(_Cursor):
    """Replaces sqlite3.Cursor."""


class Connection(_Connection):
    """Replaces sqlite3.Connection."""

    _lockstep_file = None

    def __init__(self, database, *args, **kwargs):
        gate.do_due()
        self._lockstep_lock = locks.QuietRLock()
        name, given = _named(database, args[6] if len(args) > 6 else kwargs.get("uri", False))
        super().__init__(given, *args, **kwargs)
        if name is not None:
            self._lockstep_file = name
            _set(self)

    def cursor(self, factory=Cursor):
        return super().cursor(factory)

    def close(self):
        """One step before SQLite's own; where a fault makes it fail, the connection stays open for the process's life."""
        file = self._lockstep_file
        self._lockstep_file = None
        if file is not None:
            if gate.step("disconnect", file, None):
                _leaked.append(self)
                return
            gate.done(0, 0, 0)
        if locks.several:
            with self._lockstep_lock:
                super().close()
        else:
            super().close()


def _close_at_last(self):
    if self._lockstep_file is None:
        return
    try:
        _Connection.close(self)
    except sqlite3.ProgrammingError:
        pass  # another thread has opened it


if sys.version_info < (3, 11):
    # There a connection that nobody can reach is closed with the interpreter's lock held, and a lane may stand still in a close.
    Connection.__del__ = _close_at_last

for _name in ("execute", "executemany", "executescript", "commit", "rollback", "backup", "__exit__"):
    setattr(Connection, _name, _alone(_name, getattr(_Connection, _name), lambda self: self._lockstep_lock))
for _name in ("execute", "executemany", "executescript", "fetchone", "fetchmany", "fetchall", "close", "__next__"):
    setattr(Cursor, _name, _alone(_name, getattr(_Cursor, _name), lambda self: self.connection._lockstep_lock))


def _connect(database, *args, **kwargs):
    # timeout, detect_types, isolation_level, check_same_thread, factory: all may be given by place.
    factory = args[4] if len(args) > 4 else kwargs.get("factory", Connection)
    return factory(database, *args, **kwargs)


def install():
    """Replaces what opens connections."""
    for cls, name in ((Connection, "Connection"), (Cursor, "Cursor")):
        cls.__name__ = cls.__qualname__ = name
        cls.__module__ = "sqlite3"
    replacing.put(sqlite3, Connection=Connection, Cursor=Cursor, connect=_connect)
