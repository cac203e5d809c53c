"""Replaces functions of the standard library, also in modules that took them by name before. What stays out: by what."""

import sys

# By the identity of what was there: that itself, so that its number is not used again, and what is there now.
_replaced = {}

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


def everywhere():
    """Replaces it in all modules that are loaded."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _UNTOUCHED or module is None:
            continue
        namespace = getattr(module, "__dict__", {})
        for key, value in list(namespace.items()):
            found = _replaced.get(id(value))
            if found is not None:
                namespace[key] = found[1]
