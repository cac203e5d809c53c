"""Connections of the module sqlite3: names as the program sees the world, the plan's settings, the step before a close.

What stays out: SQLite's own work, each call of which on a file is a step by the gate.
"""

import os
import sqlite3
import urllib.parse

from . import gate, replacing, setting, world

_Connection = sqlite3.Connection

# Connections that a fault keeps from being closed: open until the process ends.
_leaked = []


def _set(connection):
    """As LaneConnection does it (lane/connection.ts): only `cache_size` reads the file, and the program meets the reason itself."""
    given = setting.sqlite
    execute = super(Connection, connection).execute
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


class Connection(_Connection):
    """Replaces sqlite3.Connection."""

    _lockstep_file = None

    def __init__(self, database, *args, **kwargs):
        name, given = _named(database, args[6] if len(args) > 6 else kwargs.get("uri", False))
        super().__init__(given, *args, **kwargs)
        if name is not None:
            self._lockstep_file = name
            _set(self)

    def execute(self, *args):
        cursor = super().execute(*args)
        gate.collect_if_told()
        return cursor

    def commit(self):
        super().commit()
        gate.collect_if_told()

    def close(self):
        """One step before SQLite's own; where a fault makes it fail, the connection stays open for the process's life."""
        file = self._lockstep_file
        if file is None:
            return super().close()
        self._lockstep_file = None
        if gate.step("disconnect", file, None):
            _leaked.append(self)
            return None
        gate.done(0, 0, 0)
        return super().close()


def _connect(database, *args, **kwargs):
    # timeout, detect_types, isolation_level, check_same_thread, factory: all may be given by place.
    factory = args[4] if len(args) > 4 else kwargs.get("factory", Connection)
    return factory(database, *args, **kwargs)


def install():
    """Replaces what opens connections."""
    Connection.__name__ = Connection.__qualname__ = "Connection"
    Connection.__module__ = "sqlite3"
    replacing.put(sqlite3, Connection=Connection, connect=_connect)
