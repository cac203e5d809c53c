"""Replaces functions of the standard library, also in modules that took them by name before. What stays out: by what."""

import sys
import types

# By the identity of what was there: that itself, so that its number is not used again, and what is there now.
_replaced = {}

# Loaded before this host: by .pth files of the person's.
_early = set(sys.modules)

# The import system finds modules by it, past the world.
_UNTOUCHED = ("posix", "lockstep_host")


def put(module, **functions):
    """Replaces what a module has under these names; what it has not is left out."""
    for name, function in functions.items():
        old = getattr(module, name, None)
        if old is None:
            continue
        _replaced[id(old)] = (old, function)
        setattr(module, name, function)


def _new(value):
    found = _replaced.get(id(value))
    return value if found is None else found[1]


def _defaults(function):
    """What a function takes where its caller gives nothing: `def close(self, unlink=os.unlink)`."""
    if function.__defaults__:
        function.__defaults__ = tuple(map(_new, function.__defaults__))
    if function.__kwdefaults__:
        function.__kwdefaults__ = {name: _new(value) for name, value in function.__kwdefaults__.items()}


def _in_class(cls):
    for name, value in list(vars(cls).items()):
        if isinstance(value, types.FunctionType):
            _defaults(value)
        elif id(value) in _replaced:
            setattr(cls, name, staticmethod(_new(value)))  # what it was is no method either


def everywhere():
    """Replaces it in all modules that are loaded; in what they define too, where that was before this host."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _UNTOUCHED or module is None:
            continue
        namespace = getattr(module, "__dict__", {})
        for key, value in list(namespace.items()):
            if id(value) in _replaced:
                namespace[key] = _new(value)
            elif name not in _early or getattr(value, "__module__", None) != name:
                continue
            elif isinstance(value, types.FunctionType):
                _defaults(value)
            elif isinstance(value, type):
                _in_class(value)
