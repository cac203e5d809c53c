"""Files of the world that are mapped into memory: what is read and written there no trace would show. What stays out: memory of no file, and
files outside of the world.
"""

from . import files, loading, refuse


def _install(module):
    real = module.mmap

    class mmap(real):
        __doc__ = real.__doc__

        def __new__(cls, fileno, *args, **kwargs):
            if fileno in files.names:
                refuse.not_followed("maps a file of the run into memory (mmap), where nobody sees what it does: let it read and write the file")
            return super().__new__(cls, fileno, *args, **kwargs)

    module.mmap = mmap


def install():
    loading.after("mmap", _install)
