"""The gate's calls (gate/lockstep.h) as functions of Python, and the gate in the SQLite that the module sqlite3 links against.

They are called without the interpreter's lock, so that other lanes of the process can go on while one stands still. What stays out: what
the calls mean to a program.
"""

import _sqlite3
import ctypes
import gc
import json

from . import refuse

_text = ctypes.c_char_p
_int = ctypes.c_int
_long = ctypes.c_int64

# By name: what it gives, and what it takes.
_CALLS = {
    "attach": (_text, _text, _text),
    "job": (_text,),
    "enter": (_int, _int, ctypes.c_uint64, _text),
    "leave": (None, _text),
    "ends": (_text, _text),
    "engine": (_text, _text),
    "confine": (_int, _int, ctypes.POINTER(_text), _int),
    "inside": (_int,),
    "step": (_int, _text, _text, _text),
    "on": (_int, _text, _int, ctypes.c_uint32, _long),
    "done": (None, _int, _long, ctypes.c_uint32),
    "opened": (None, _int),
    "refuse": (None, _text),
    "sleep": (None, _long, _text),
    "observe": (None, _text),
    "ask": (_text, _text),
    "now": (_long,),
    "random": (_long,),
    "stopping": (_int,),
    "collects": (_int,),
    "answer": (_text,),
    "semaphore": (None, _text, ctypes.c_uint32, ctypes.c_uint32),
    "acquire": (_int, _text, _long),
    "release": (_int, _text),
    "forked": (_text, _text, _text),
    "hand_over": (_int, _text, _text),
    "keep": (None, _int),
    "take_over": (_text, _int),
}

_calls = {}


def _call(name):
    return _calls[name]


def load(path):
    """Loads the gate, before the program has a connection.

    path: absolute
    """
    library = ctypes.CDLL(path)
    for name, (result, *arguments) in _CALLS.items():
        function = getattr(library, f"lockstep_{name}")
        function.restype, function.argtypes = result, arguments
        _calls[name] = function
    if not (_registers(library) or _extends(path)):
        refuse.give_up("this Python has an SQLite of its own compiled in, which lets nobody load the gate (run/interpreter.ts)")


def _has_gate(connection):
    try:
        connection.execute("SELECT lockstep_layout()").close()
    except _sqlite3.OperationalError:
        return False
    return True


def _registers(library):
    """By sqlite3_auto_extension: many Pythons are built without Connection.enable_load_extension. Result: whether that is to be found."""
    # The symbols of the library that the module links, wherever that is: its own handle leads there. One that is compiled in may hide them,
    # and those that are found then are another's.
    sqlite = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    try:
        register, cancel = sqlite.sqlite3_auto_extension, sqlite.sqlite3_cancel_auto_extension
    except AttributeError:
        return False
    register(library.lockstep_init)
    connection = _sqlite3.connect(":memory:")
    found = _has_gate(connection)
    connection.close()
    cancel(library.lockstep_init)
    return found


def _extends(path):
    """As an extension of SQLite. Result: whether this Python loads any."""
    connection = _sqlite3.connect(":memory:")
    try:
        connection.enable_load_extension(True)
        connection.load_extension(path)
        return _has_gate(connection)
    except (AttributeError, _sqlite3.Error):
        return False
    finally:
        connection.close()


def _check(error):
    if error is not None:
        refuse.give_up(error.decode())


def attach(in_path, out_path):
    """Opens the FIFOs of this thread and says hello."""
    _check(_call("attach")(in_path.encode(), out_path.encode()))


def job():
    """Waits for work. Result: the job, decoded."""
    return json.loads(_call("job")())


def enter(number, seed, root):
    """From here on this thread is a lane."""
    _call("enter")(number, seed & (2**64 - 1), root.encode())


def leave(text):
    """The end of this lane's part in the run."""
    _call("leave")(text.encode())


def ends(text):
    """From here on the end of the process is the end of this lane. text: how it ends where its exit code is not 0, or None"""
    _check(_call("ends")(text if text is None else text.encode()))


def check_engine(version):
    """Gives up where another SQLite than that answers."""
    _check(_call("engine")(version.encode()))


def confine(folders):
    """This process, and what takes its place by exec, may write below these folders only (gate.c, confine)."""
    given = (_text * len(folders))(*(folder.encode() for folder in folders))
    if _call("confine")(len(folders), given, 1) < 0:
        refuse.give_up("this process cannot be confined to its world")


def _bytes(text):
    return None if text is None else text.encode("utf-8", "surrogateescape")


# What is done before this process goes on to anything that others could see.
_due = []


def soon(act):
    """Has `act` done before the next step of this process, or before SQLite is called."""
    _due.append(act)


def do_due():
    """What was to be done before a step."""
    while _due:
        _due.pop(0)()


def _then(name):
    """What the gate calls for a step, or for a wait, once that is done."""
    do_due()
    return _call(name)


def step(kind, file, detail):
    """Stops before an operation on a file of the world, or at a label. Result: 0, or the SQLite code that it must fail with."""
    return _then("step")(_bytes(kind), _bytes(file), _bytes(detail))


def on(kind, fd, length, offset):
    """Stops before an operation on a descriptor, as step does."""
    return _then("on")(kind.encode(), fd, length & 0xFFFFFFFF, offset)


def refuse_name(name):
    """Says in the trace that a name leads out of the world."""
    _call("refuse")(_bytes(name))


# When this process's timer is due, in virtual ms, and what is to be done then (timers).
due_ms = None
on_due = None

# What a lane waits for, the last word saying for how long; a signal ends it.
_WAITS = ("await", "receive", "wait")


def collect_if_told():
    """Between two steps of a program: a fault of the plan runs the collector, in this lane; and a timer may be due."""
    if _call("collects")():
        gc.collect()
    if due_ms is not None and now_ms() >= due_ms:
        on_due()


def _no_longer(ms):
    """Whoever stands still does it no longer than until the timer is due. ms: None for ever"""
    if due_ms is None:
        return ms
    left = max(0, due_ms - now_ms())
    return left if ms is None else min(ms, left)


def sleep_ms(ms):
    """Stands still for so much virtual time, or until a signal comes."""
    _then("sleep")(_no_longer(ms), None)
    collect_if_told()


def observe(kind, data):
    """Leaves an observation in the history. data: what JSON can say"""
    _then("observe")(json.dumps({"kind": kind, "data": data}).encode())


def answer():
    """The text of the last grant."""
    return _call("answer")().decode()


def semaphore(name, count, most):
    """Makes a semaphore of which so many can be had."""
    _call("semaphore")(name.encode(), count, most)


def acquire(name, ms):
    """Takes one of a semaphore. ms: 0 tries, else virtual time to wait. Result: whether it is had."""
    taken = _then("acquire")(name.encode(), _no_longer(ms)) == 1
    collect_if_told()
    return taken


def release(name):
    """Gives one back."""
    _then("release")(name.encode())


def forked(in_path, out_path):
    """In the child of a fork: this process goes on as one of the run."""
    _check(_call("forked")(in_path.encode(), out_path.encode()))


def hand_over(program, more):
    """A step before exec: the next program goes on as this lane.

    program: the name of its file; more: what JSON can say
    Result: the descriptor by which it does, -1 where a fault has it fail
    """
    return _then("hand_over")(program.encode(), json.dumps(more).encode())


def keep(fd):
    """Exec has failed: this program goes on."""
    _call("keep")(fd)


def take_over(fd):
    """This program goes on as the lane of the one before it. Result: what that has said"""
    return json.loads(_call("take_over")(fd))


def done(code, length, checksum):
    """The action after a step has happened: 0 or an errno, and what it read or wrote."""
    _call("done")(code, length, checksum)
    collect_if_told()


def opened(fd):
    """In place of done after a step `open` that gave this descriptor."""
    _call("opened")(fd)


def inside():
    """Whether this thread is a lane."""
    return _call("inside")() == 1


def now_ms():
    """Virtual time since the Unix epoch; 0 in a thread that is no lane."""
    return _call("now")()


def random_bits():
    """53 random bits of this lane's stream."""
    return _call("random")()


class Refused(Exception):
    """The coordinator says no, in a sentence."""


def ask(verb, *words):
    """Asks the coordinator (model/request.ts), and gives its answer.

    words: the rest of the request; the last may be any JSON text
    """
    if due_ms is not None and verb in _WAITS:
        *first, ms = words
        words = (*first, str(_no_longer(int(ms) if ms else None)))
    answered = json.loads(_then("ask")(" ".join((verb, *words)).encode()))
    if "error" in answered:
        raise Refused(answered["error"])
    if due_ms is not None:
        collect_if_told()
    return answered.get("value")


def label(text):
    """An explicit step: a place where another lane may go first."""
    step(text, None, None)
    done(0, 0, 0)
