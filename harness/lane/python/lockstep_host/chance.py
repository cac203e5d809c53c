"""Chance of the run's seed instead of the system's: os.urandom and all that is made of it. What stays out: SQLite's own (gate.c)."""

import os
import random
import uuid

from . import gate, library, replacing

_BITS = 53
_seed = random.Random.seed

# As uuid.getnode() makes one up where there is no network card (RFC 4122, section 4.5): the same in every run.
_NODE = 0x010C_5E70_0001


def urandom(size):
    """Replaces os.urandom, in bytes."""
    if size < 0:
        raise ValueError("negative argument not allowed")
    if library.is_loading():
        return bytes(size)  # the key of multiprocessing's main process, of which the run's chance is not to know
    bits = 0
    for _ in range(-(-size * 8 // _BITS)):
        bits = bits << _BITS | gate.random_bits()
    return (bits & ((1 << size * 8) - 1)).to_bytes(size, "big")


def _getrandom(size, flags=0):
    return urandom(size)


def _seeded(self, a=None, version=2):
    """Random.seed: without a seed it takes one from the system."""
    if a is None:
        a = int.from_bytes(urandom(32), "big")
    _seed(self, a, version)


def install():
    """Replaces the system's chance."""
    replacing.put(os, urandom=urandom, getrandom=_getrandom)
    random.Random.seed = _seeded
    random.seed = random._inst.seed
    uuid._generate_time_safe = None
    uuid._node = _NODE


def begin():
    """Of the main lane, in its run: what was seeded when it was loaded begins anew."""
    random._inst.seed()
