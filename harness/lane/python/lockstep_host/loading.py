"""What is to be done to a module as soon as it is loaded, if it ever is: loading all that the host knows of would take too long for a
process that is started by itself. What stays out: what is done (each module's install).
"""

import sys

_after = {}


def after(name, act):
    """Does something to a module: now where it is loaded, or when it has been.

    act: takes the module
    """
    if name in sys.modules:
        act(sys.modules[name])
    else:
        _after.setdefault(name, []).append(act)


class _Loader:
    """A loader that does what is to be done when the module has been executed."""

    def __init__(self, loader, name):
        self._loader, self._name = loader, name

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        for act in _after.pop(self._name, ()):
            act(module)


class _Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in _after:
            return None
        for finder in sys.meta_path:
            if finder is _Finder:
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = _Loader(spec.loader, name)
                return spec
        return None


def install():
    """Stands before the finders of the interpreter."""
    sys.meta_path.insert(0, _Finder)
