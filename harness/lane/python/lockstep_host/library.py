"""Which files are the standard library's and this host's, and not the program's."""

import os

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_STANDARD = os.path.dirname(os.__file__) + os.sep
_PACKAGES = (_STANDARD + "site-packages" + os.sep, _STANDARD + "dist-packages" + os.sep)


def has(file):
    """Whether a file, as code objects and modules name it, is one of theirs."""
    return file.startswith((_HERE, "<frozen ")) or (file.startswith(_STANDARD) and not file.startswith(_PACKAGES))
