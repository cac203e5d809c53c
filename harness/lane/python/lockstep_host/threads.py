"""Threads as lanes: each further thread of the process asks the coordinator for its place in the run, and is granted its steps.

What stays out: locks (locks), and what is built on both by the standard library, which is left as it is.
"""

import _thread
import ctypes
import sys
import traceback

from . import ends, gate, locks, refuse, replacing, setting

_real_start = _thread.start_new_thread
_real_ident = _thread.get_ident

# By thread, as the system numbers them: which thread of this process it is, 1 for the main one.
_numbers = {}
_MAIN = 1
_started = 0
_names = set()

# Of each thread: locks to give back when it ends, and the error that nobody caught.
_sentinels = {}
_uncaught = {}

# Done-locks of threads that the interpreter waits for at its end (Python 3.13 and later).
_awaited = []


def get_ident():
    """Replaces _thread.get_ident: the same in every replay."""
    return _numbers.get(_real_ident()) or _real_ident()


def _name_for(function):
    """A name of a lane for a thread: its own, as far as it may be one (model/names.ts)."""
    thread = getattr(function, "__self__", None)
    given = str(getattr(thread, "name", "") or getattr(function, "__name__", "")).partition(" ")[0]
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "-" for c in given)[:60]
    stem = plain if plain.strip(".") else "thread"
    name, n = stem, 1
    while name in _names:
        n += 1
        name = f"{stem}-{n}"
    _names.add(name)
    return name


def _clear_locals():
    """What is left in thread-locals goes as the thread does, which may close connections: steps of this lane, while it is one."""
    get = ctypes.pythonapi.PyThreadState_GetDict
    get.restype = ctypes.c_void_p
    place = get()
    if place:
        ctypes.cast(place, ctypes.py_object).value.clear()


def _begin(channel, number):
    _numbers[_real_ident()] = number
    gate.attach(channel["in"], channel["out"])
    job = gate.job()
    gate.enter(job["number"], int(job["seed"]), job["root"])


def _run(function, args, kwargs):
    try:
        function(*args, **kwargs)
    except SystemExit:
        pass
    except BaseException as error:
        _uncaught[get_ident()] = ends.text_of(error)
        print(f"Exception ignored in thread started by: {function!r}", file=sys.stderr)
        traceback.print_exc()


def _live(box):
    """What the thread does as a lane. Result: how it ended."""
    channel, number, function, args, kwargs = box.pop()
    try:
        _begin(channel, number)
    except BaseException as error:
        refuse.give_up(f"a thread could not begin: {error!r}")
    _run(function, args, kwargs)
    del function, args, kwargs
    _clear_locals()
    for lock in _sentinels.pop(number, ()):
        lock.release()
    del _numbers[_real_ident()]
    setting.lanes -= 1
    return _uncaught.pop(number, '{"how":"returned","open":0}')


def _lane(box):
    # When it has left, other lanes go on beside it: it touches nothing of theirs then, and has nothing that would go with it.
    gate.leave(_live(box))


def start_new_thread(function, args, kwargs=None):
    """Replaces _thread.start_new_thread. Result: the thread's number."""
    global _started
    if not callable(function):
        raise TypeError("first arg must be callable")
    if not isinstance(args, tuple):
        raise TypeError("2nd arg must be a tuple")
    return _start(function, args, kwargs or {}, None)


def _start(function, args, kwargs, done):
    global _started
    locks.several_lanes()
    setting.lanes += 1
    _started += 1
    number = _MAIN + _started
    name = _name_for(function)
    channel = gate.ask("thread", name, setting.program, "null")
    if done is not None:
        _sentinels[number] = [done]
    _real_start(_lane, ([(channel, number, function, args, kwargs)],))
    gate.ask("thread-started", name)
    return number


def _set_sentinel():
    """Replaces _thread._set_sentinel: a lock that is given back when the calling thread has ended (Python up to 3.12)."""
    lock = locks.Lock()
    _sentinels.setdefault(get_ident(), []).append(lock)
    return lock


class ThreadHandle:
    """Replaces _thread._ThreadHandle (Python 3.13 and later)."""

    def __init__(self, ident=None):
        self.ident = ident
        self._done = locks.Lock()
        if ident is None:
            self._done.acquire()
            self._began = False
        else:
            self._began = True
            self._done.acquire()

    def is_done(self):
        return not self._done.locked()

    def _set_done(self):
        if self._done.locked():
            self._done.release()

    def join(self, timeout=-1):
        if not self._began:
            raise RuntimeError("thread not started")
        if self.ident == get_ident() and not self.is_done():
            raise RuntimeError("Cannot join current thread")
        if self._done.acquire(True, -1 if timeout is None or timeout < 0 else timeout):
            self._done.release()


def start_joinable_thread(function, handle=None, daemon=True):
    """Replaces _thread.start_joinable_thread."""
    handle = ThreadHandle() if handle is None else handle
    if handle._began:
        raise RuntimeError("thread already started")
    handle._began = True
    if not daemon:
        _awaited.append(handle)
    handle.ident = _start(function, (), {}, handle._done)
    return handle


def _shutdown():
    """Replaces _thread._shutdown: waits for threads that are no daemons."""
    while _awaited:
        handle = _awaited.pop()
        if handle.ident != get_ident():
            handle.join()


def forked():
    """In the child of a fork: the thread that forked is its main one, and there is no other."""
    me = get_ident()
    _numbers.clear()
    _numbers[_real_ident()] = me
    for number in [number for number in _sentinels if number != me]:
        del _sentinels[number]
    _awaited.clear()
    setting.lanes = 1


def _excepthook(real):
    def hook(args, /):
        if args.exc_type is not SystemExit and args.exc_value is not None:
            _uncaught[get_ident()] = ends.text_of(args.exc_value)
        real(args)

    return hook


def install():
    """Replaces threads. Before the module threading is loaded: it takes them by name."""
    _numbers[_real_ident()] = _MAIN
    replacing.put(
        _thread,
        get_ident=get_ident,
        get_native_id=get_ident,
        start_new_thread=start_new_thread,
        start_new=start_new_thread,
        _excepthook=_excepthook(_thread._excepthook),
        _set_sentinel=_set_sentinel,
        start_joinable_thread=start_joinable_thread,
        _ThreadHandle=ThreadHandle,
        _make_thread_handle=ThreadHandle,
        _get_main_thread_ident=lambda: _MAIN,
        _shutdown=_shutdown,
    )
    # One that has been loaded has taken all that by name, and made locks with it: it is loaded anew.
    sys.modules.pop("threading", None)
