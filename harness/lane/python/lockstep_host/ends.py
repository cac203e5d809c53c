"""How the process ends, for the coordinator: that a lane threw, and what. The end itself comes when the interpreter has cleared away
all that it has (gate.c, endsWithProcess), so that connections it closes then are steps of the run.

The stack of an error that nobody caught is on standard error, as ever.
"""

import atexit
import json
import sys
import traceback

from . import gate, setting

_ERROR_MOST = 2000


def text_of(error):
    """An error as the ending of a lane (lane/threw.ts)."""
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    return json.dumps({"how": "threw", "error": setting.visible(text)[:_ERROR_MOST], "open": 0})


def _last():
    # What nobody caught is left there before anybody is told of it (sys.last_value).
    error = getattr(sys, "last_value", None)
    if error is not None:
        gate.ends(text_of(error))
    # From here on the interpreter lets no other thread run: daemons stop where they are.
    if setting.lanes > 1:
        gate.ask("alone")


def install():
    """To be called before any handler of the program: the first to come is the last to be called."""
    atexit.register(_last)
