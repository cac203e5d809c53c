"""Connections of the module sqlite3: names as the program sees the world, the plan's settings, the step before a close.

What stays out: SQLite's own work, each call of which on a file is a step by the gate.
"""

import os
import sqlite3

from . import gate, setting

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


class Connection(_Connection):
    """Replaces sqlite3.Connection."""

    _lockstep_file = None

    def __init__(self, database, *args, **kwargs):
        super().__init__(database, *args, **kwargs)
        name = os.fsdecode(database)
        if not setting.root or name in ("", ":memory:"):
            return
        self._lockstep_file = name
        _set(self)

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

    def __del__(self):
        # Python up to 3.10 closes with the interpreter's lock held, and a lane may stand still in a close.
        if self._lockstep_file is not None and self not in _leaked:
            super().close()


def _connect(database, *args, **kwargs):
    # timeout, detect_types, isolation_level, check_same_thread, factory: all may be given by place.
    factory = args[4] if len(args) > 4 else kwargs.get("factory", Connection)
    return factory(database, *args, **kwargs)


def install():
    """Replaces what opens connections."""
    Connection.__name__ = Connection.__qualname__ = "Connection"
    Connection.__module__ = "sqlite3"
    for module in (sqlite3, sqlite3.dbapi2):
        module.Connection = Connection
        module.connect = _connect
