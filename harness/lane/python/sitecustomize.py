"""What Python loads at its start, before the program: puts this process under the gate (lockstep_host).

A sitecustomize of the person's own, which this one hides, runs after it.
"""

import os
import sys


def _run_hidden():
    here = os.path.dirname(os.path.abspath(__file__))
    others = [folder for folder in sys.path if os.path.abspath(folder) != here]
    import importlib.machinery
    import importlib.util

    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if "LOCKSTEP_IN" in os.environ or "LOCKSTEP_LANE" in os.environ:
    from lockstep_host import start

    start.begin_by_environment()
_run_hidden()
