"""Virtual time instead of the clocks: the modules time and datetime. What stays out: waits for other lanes (locks), asyncio (loops).

Virtual time has milliseconds. The monotonic clocks say that the machine has been up for a day when a run begins: as seconds since the
Unix epoch, a float could not tell apart what asyncio wants told apart (base_events.py, _clock_resolution).
"""

import ctypes
import datetime
import gc
import math
import time

from . import gate, loading, replacing, setting

_NS_PER_MS = 1_000_000
_UP = 86_400

_real = {name: getattr(time, name) for name in ("time", "time_ns", "monotonic", "monotonic_ns", "localtime", "gmtime", "ctime", "asctime", "strftime")}


real_sleep = time.sleep


def seconds():
    """Virtual time since the Unix epoch; real before this process is in a run."""
    return gate.now_ms() / 1000 if setting.root else _real["time"]()


def nanoseconds():
    """The same in whole nanoseconds."""
    return gate.now_ms() * _NS_PER_MS if setting.root else _real["time_ns"]()


def uptime():
    """The monotonic clocks."""
    return (gate.now_ms() - setting.epoch_ms) / 1000 + _UP if setting.root else _real["monotonic"]()


def uptime_ns():
    """The same in whole nanoseconds."""
    return (gate.now_ms() - setting.epoch_ms) * _NS_PER_MS + _UP * 1_000_000_000 if setting.root else _real["monotonic_ns"]()


def milliseconds(length):
    """A length in seconds as virtual ms, which nothing ends too early."""
    return max(0, math.ceil(length * 1000))


def sleep(seconds):
    """Replaces time.sleep. What a signal's handler interrupts goes on for what is left of it (PEP 475)."""
    if not isinstance(seconds, (int, float)):
        seconds = seconds.__index__() if hasattr(seconds, "__index__") else float(seconds)
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if math.isnan(seconds):
        raise ValueError("Invalid value NaN (not a number)")
    until = gate.now_ms() + milliseconds(seconds)
    left = until - gate.now_ms()
    while True:
        gate.sleep_ms(left)
        left = until - gate.now_ms()
        if left <= 0:
            return


def _clock_gettime(clock):
    return seconds() if clock == time.CLOCK_REALTIME else uptime()


def _clock_gettime_ns(clock):
    return nanoseconds() if clock == time.CLOCK_REALTIME else uptime_ns()


def _of_now(name):
    real = _real[name]

    def call(secs=None):
        return real(seconds() if secs is None else secs)

    call.__name__ = name
    return call


def _asctime(t=None):
    return _real["asctime"](_real["localtime"](seconds()) if t is None else t)


def _strftime(format, t=None):
    return _real["strftime"](format, _real["localtime"](seconds()) if t is None else t)


def _now(cls, tz=None):
    return cls.fromtimestamp(seconds(), tz)


def _utcnow(cls):
    return cls.fromtimestamp(seconds(), datetime.timezone.utc).replace(tzinfo=None)


def _replace_in_class(cls, **methods):
    """Methods of a class that is written in C, for all who have it already."""
    namespace = gc.get_referents(cls.__dict__)[0]
    for name, method in methods.items():
        namespace[name] = method
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))


def begin():
    """In the run: what takes the time when it is loaded takes it anew."""
    loading.after("logging", lambda logging: setattr(logging, "_startTime", seconds()))


def install():
    """Replaces the clocks."""
    for name in ("monotonic", "perf_counter", "process_time", "thread_time"):
        replacing.put(time, **{name: uptime, f"{name}_ns": uptime_ns})
    replacing.put(
        time,
        time=seconds,
        time_ns=nanoseconds,
        clock_gettime=_clock_gettime,
        clock_gettime_ns=_clock_gettime_ns,
        sleep=sleep,
        asctime=_asctime,
        strftime=_strftime,
        **{name: _of_now(name) for name in ("localtime", "gmtime", "ctime")},
    )
    _replace_in_class(datetime.datetime, now=classmethod(_now), utcnow=classmethod(_utcnow))
