"""The gate's SQL functions as functions of Python (gate.c, "SQL functions").

The gate is loaded into the SQLite that the module sqlite3 links against. Each lane has a connection of its own for it: SQLite holds a
connection's mutex as long as a call lasts, and a lane may stand still in one. What stays out: what the calls mean to a program.
"""

import _sqlite3
import _thread
import ctypes
import json
import sqlite3

from . import refuse

_identity = _thread.get_ident
_connect = _sqlite3.connect

# By thread: what speaks for its lane. A dict and no thread-local, which would be cleared away before the lane has left.
_controls = {}

_init_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
_gate = None
_sqlite = None


def load(path):
    """Loads the gate.

    path: absolute
    """
    global _gate, _sqlite
    _gate = ctypes.CDLL(path)
    # The symbols of the library that the module links, wherever that is: its own handle leads there.
    _sqlite = ctypes.CDLL(getattr(_sqlite3, "__file__", None))


@_init_type
def _init(connection, error, api):
    # The gate says "loaded for good", which is an error to sqlite3_auto_extension.
    code = _gate.sqlite3_gate_init(ctypes.c_void_p(connection), ctypes.c_void_p(error), ctypes.c_void_p(api))
    return 0 if code == 256 else code


def open_control():
    """Gives the calling thread its connection.

    By sqlite3_auto_extension: many Pythons are built without Connection.enable_load_extension.
    """
    _sqlite.sqlite3_auto_extension(_init)
    try:
        control = _connect(":memory:", isolation_level=None, check_same_thread=False)
    finally:
        _sqlite.sqlite3_cancel_auto_extension(_init)
    _controls[_identity()] = control.execute


def close_control():
    """Of a thread that has left its run."""
    del _controls[_identity()]


def is_lane():
    """Whether the calling thread has a connection to the gate."""
    return _identity() in _controls


def _sql(name, places):
    return f"select lockstep_{name}({','.join('?' * places)})"


def _nullary(name):
    sql = _sql(name, 0)

    def call():
        return _controls[_identity()](sql).fetchone()[0]

    return call


def _call_of(name, places):
    sql = _sql(name, places)

    def call(*values):
        return _controls[_identity()](sql, values).fetchone()[0]

    return call


attach = _call_of("attach", 2)
job = _nullary("job")
enter = _call_of("enter", 3)
leave = _call_of("leave", 1)
ends = _call_of("ends", 1)
engine = _call_of("engine", 1)
reseed = _nullary("reseed")
step = _call_of("step", 3)
done = _call_of("done", 3)
refuse_name = _call_of("refuse", 1)
sleep_ms = _call_of("sleep", 1)
observe_text = _call_of("observe", 1)
ask_text = _call_of("ask", 1)
answer = _nullary("answer")
now_ms = _nullary("now")
random_bits = _nullary("random")
stopping = _nullary("stopping")


def confine(folders):
    """See confine in gate.c."""
    return _call_of("confine", len(folders))(*folders)


class Refused(Exception):
    """The coordinator says no, in a sentence."""


def ask(verb, *words):
    """Asks the coordinator, and gives its answer.

    words: the rest of the request; the last may be any JSON text
    """
    answered = json.loads(ask_text(" ".join((verb, *words))))
    if "error" in answered:
        raise Refused(answered["error"])
    return answered.get("value")


def label(text):
    """An explicit step: a place where another lane may go first."""
    step(text, None, None)
    done(0, 0, 0)


def check_engine(version):
    """Gives up where another SQLite than that answers."""
    try:
        engine(version)
    except sqlite3.OperationalError as error:
        refuse.give_up(str(error))
