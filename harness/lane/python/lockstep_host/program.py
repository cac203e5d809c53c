"""Runs a program as the interpreter itself runs one (the Python documentation, "Command line and environment"): by a file, `-m` or `-c`.

What stays out: options of the interpreter, with which the zygote has been started (zygote).
"""

import os
import runpy
import sys
import types
from importlib.machinery import SourceFileLoader

# By file: what it is compiled to, and of which version of it.
_compiled = {}

_HERE = os.path.dirname(os.path.abspath(__file__))


def _version(path):
    stat = os.stat(path)
    return stat.st_mtime_ns, stat.st_size


def compile_ahead(words):
    """Compiles a program before any process runs it, where that can be.

    words: of the command line, behind the interpreter and its options
    """
    path = words[0] if words else "-"
    if path in ("-m", "-c", "-") or not os.path.isfile(path):
        return
    if path in _compiled and _compiled[path][0] == _version(path):
        return
    try:
        with open(path, "rb") as file:
            _compiled[path] = (_version(path), compile(file.read(), path, "exec", dont_inherit=True))
    except (OSError, SyntaxError, ValueError):
        _compiled.pop(path, None)  # it meets that itself


def _first(folder):
    """Where modules are looked for first, unless the interpreter's options say nowhere (-I, -P)."""
    if not sys.flags.isolated and not getattr(sys.flags, "safe_path", False):
        sys.path[0] = folder


def _fresh_main(file=None, loader=None):
    main = types.ModuleType("__main__")
    main.__builtins__ = sys.modules["builtins"]
    main.__loader__ = loader
    if file is not None:
        main.__file__ = file
        main.__cached__ = None
    sys.modules["__main__"] = main
    return main.__dict__


def _run_file(path):
    if os.path.isdir(path) or path.endswith(".zip"):
        _first(path)
        runpy._run_module_as_main("__main__", alter_argv=False)
        return
    _first(os.path.dirname(os.path.realpath(path)))
    namespace = _fresh_main(path, SourceFileLoader("__main__", path))
    if path in _compiled:
        code = _compiled[path][1]
    else:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
    exec(code, namespace)


def _run_text(text, name):
    _first("")
    exec(compile(text, name, "exec", dont_inherit=True), _fresh_main())


def _run(words):
    first, *rest = words
    if first == "-m":
        sys.argv = ["-m", *rest[1:]]
        _first(os.getcwd())
        runpy._run_module_as_main(rest[0])
    elif first == "-c":
        sys.argv = ["-c", *rest[1:]]
        _run_text(rest[0], "<string>")
    elif first == "-":
        sys.argv = ["-", *rest]
        _run_text(sys.stdin.read(), "<stdin>")
    else:
        sys.argv = [first, *rest]
        _run_file(first)


def _own(traceback):
    """A stack without the frames of this host, which the interpreter itself would not have."""
    while traceback is not None and os.path.dirname(traceback.tb_frame.f_code.co_filename) == _HERE:
        traceback = traceback.tb_next
    return traceback


def run(words):
    """Runs it, and shows an error that nobody caught as the interpreter does. Result: the SystemExit by which it ended, or None.

    words: of the command line, behind the interpreter and its options; none: standard input
    """
    try:
        _run(words or ["-"])
        return None
    except SystemExit as left:
        left.__traceback__ = left.__context__ = None  # which hold what its functions had
        return left
    except BaseException as error:
        error.__traceback__ = _own(error.__traceback__)
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
        if sys.version_info >= (3, 12):
            sys.last_exc = error
        sys.excepthook(type(error), error, error.__traceback__)
        return SystemExit(1)
