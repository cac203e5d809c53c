"""Why a process cannot go on, for the coordinator's sentence (run/process-errors.ts)."""

import os

GAVE_UP = 70
NOT_FOLLOWED = 76

_exit = os._exit
_write = os.write


def _end(code, text):
    _write(2, f"lockstep: {text}\n".encode("utf-8", "backslashreplace"))
    _exit(code)


def give_up(why):
    """The machine lacks what the host needs, or the host is wrong. Does not return."""
    _end(GAVE_UP, why)


def not_followed(what):
    """The program does what no trace would show. Does not return.

    what: the predicate of a sentence about the program, with what to do: `opens a socket (…): …`
    """
    _end(NOT_FOLLOWED, what)
