"""Virtual time instead of the clocks: the modules time and datetime. What stays out: waits for other lanes (locks), asyncio (loops).

Virtual time has milliseconds. The monotonic clocks count from the Unix epoch too: what programs may rely on is that they never go back.
"""

import ctypes
import datetime
import gc
import math
import time

from . import gate, loading, replacing, setting

_NS_PER_MS = 1_000_000

_real = {name: getattr(time, name) for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime")}


real_sleep = time.sleep


def seconds():
    """Virtual time since the Unix epoch; real before this process is in a run."""
    return gate.now_ms() / 1000 if setting.root else _real["time"]()


def nanoseconds():
    """The same in whole nanoseconds."""
    return gate.now_ms() * _NS_PER_MS if setting.root else _real["time_ns"]()


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
    return seconds()


def _clock_gettime_ns(clock):
    return nanoseconds()


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
    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
        replacing.put(time, **{name: seconds, f"{name}_ns": nanoseconds})
    replacing.put(
        time,
        clock_gettime=_clock_gettime,
        clock_gettime_ns=_clock_gettime_ns,
        sleep=sleep,
        asctime=_asctime,
        strftime=_strftime,
        **{name: _of_now(name) for name in ("localtime", "gmtime", "ctime")},
    )
    _replace_in_class(datetime.datetime, now=classmethod(_now), utcnow=classmethod(_utcnow))
