"""What Python takes from where objects lie in memory: the order in which a set gives objects that have no hash of their own.

Objects lie at the same places in every process (no address space randomization, personality(2)), as far as it does the same; what the
standard library keeps in sets has numbers of its own in order of first use, which hold whatever happens.
"""

import ctypes
import os
import sys

from . import loading

_ADDR_NO_RANDOMIZE = 0x0040000
_QUERY = 0xFFFFFFFF

_next = 0


def next_number():
    """For an object that is hashed by it."""
    global _next
    _next += 1
    return _next


def _hash(self):
    number = self.__dict__.get("_lockstep_number")
    if number is None:
        number = self.__dict__["_lockstep_number"] = next_number()
    return number


def _futures(module):
    """They are locked in the order of their addresses (concurrent.futures.wait, as_completed)."""
    _number(module.Future)
    module.id = hash


def _number(cls, main=None):
    """Objects of that class hash by a number of their own. main: one of them that is there already or not, as it happens"""
    cls.__hash__ = _hash
    if main is not None:
        main.__hash__ = lambda self: 0


def at_the_same_places():
    """Starts this program anew where its objects would lie at random places; does not return then."""
    personality = ctypes.CDLL(None).personality
    personality.argtypes = [ctypes.c_ulong]
    now = personality(_QUERY)
    if now < 0 or now & _ADDR_NO_RANDOMIZE or personality(now | _ADDR_NO_RANDOMIZE) < 0:
        return  # it is so, or the system does not let it be
    if personality(_QUERY) & _ADDR_NO_RANDOMIZE:
        with open("/proc/self/cmdline", "rb") as file:
            words = file.read().split(b"\0")[:-1]
        os.execv(sys.executable, words)


def begin():
    """In the run: what has been numbered before has not been the same in every process."""
    global _next
    _next = 0


def install():
    """Numbers what the standard library keeps in sets."""
    loading.after("threading", lambda module: _number(module.Thread, module._MainThread))
    loading.after("concurrent.futures._base", _futures)
    loading.after("multiprocessing.process", lambda module: _number(module.BaseProcess))
