"""Which files are the standard library's and this host's, and not the program's."""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_STANDARD = os.path.dirname(os.__file__) + os.sep
_PACKAGES = (_STANDARD + "site-packages" + os.sep, _STANDARD + "dist-packages" + os.sep)


def has(file):
    """Whether a file, as code objects and modules name it, is one of theirs."""
    return file.startswith((_HERE, "<frozen ")) or (file.startswith(_STANDARD) and not file.startswith(_PACKAGES))


def is_loading():
    """Whether a module of the standard library does what the caller is asked for as it is loaded, or in the child of a fork.

    Which are loaded, and what they do with it at the end of the process, is no matter of the program's, and not the same in a process that
    a zygote has forked.
    """
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if not has(code.co_filename):
            return False
        if code.co_name == "<module>" or code.co_name.startswith("_after"):  # threading._after_fork makes its locks anew
            return True
        frame = frame.f_back
    return False
