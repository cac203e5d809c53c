"""How the process ends: what the interpreter clears away at its end goes by steps of the run, and the coordinator is told how it ended.

The interpreter clears away all that there is, which takes a forked process several times as long as a short program: every page of the
zygote's is copied for it. So what is the program's goes here, in the interpreter's own order (pylifecycle.c, finalize_modules), and the rest
is the kernel's. The stack of an error that nobody caught is on standard error, as ever.
"""

import atexit
import builtins
import gc
import json
import sys
import traceback
import weakref

from . import gate, library, pipes, setting

_ERROR_MOST = 2000
_RETURNED = '{"how":"returned","open":0}'

# The text that says how the process ends where that is an error that nobody caught.
_threw = None


def text_of(error):
    """An error as the ending of a lane (lane/threw.ts)."""
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    return json.dumps({"how": "threw", "error": setting.visible(text)[:_ERROR_MOST], "open": 0})


def _is_of_program(module):
    file = getattr(module, "__file__", None) or ""
    return getattr(module, "__name__", None) == "__main__" or (file != "" and not library.has(file))


def _clear(module):
    """As _PyModule_Clear (moduleobject.c): names with one underscore first."""
    namespace = module.__dict__
    for is_private in (True, False):
        for name in list(namespace):
            if name != "__builtins__" and (name.startswith("_") and not name.startswith("__")) >= is_private:
                namespace[name] = None


def _clear_away():
    sys.last_type = sys.last_value = sys.last_traceback = None
    if hasattr(sys, "last_exc"):
        sys.last_exc = None
    builtins._ = None
    left = []
    for name, module in list(sys.modules.items()):
        if _is_of_program(module):
            left.append(weakref.ref(module))
            del sys.modules[name]
    module = None
    gc.collect()
    for reference in reversed(left):
        module = reference()
        if module is not None:
            _clear(module)
    module = None
    gc.collect()


def _last():
    global _threw
    # What nobody caught is left there before anybody is told of it (sys.last_value).
    error = getattr(sys, "last_value", None)
    if error is not None:
        _threw = text_of(error)
        gate.ends(_threw)
    error = None
    # From here on the interpreter lets no other thread run: daemons stop where they are.
    if setting.lanes > 1:
        gate.ask("alone")
    _clear_away()
    pipes.is_over()


def _code_of(left):
    """The exit code that a SystemExit means (Py_HandleSystemExit): what is no number is said, and is 1."""
    code = None if left is None else left.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def finish(left, leave_at_once):
    """Ends a forked process as the interpreter would.

    left: the SystemExit by which the program has ended, or None
    leave_at_once: the real os._exit
    """
    code = _code_of(left)
    left = None
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
    gate.leave(_RETURNED if code == 0 else _threw or json.dumps({"how": "exited", "code": code, "open": 0}, separators=(",", ":")))
    leave_at_once(code)


def install():
    """To be called before any handler of the program: the first to come is the last to be called."""
    atexit.register(_last)
