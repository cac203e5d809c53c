"""What Python loads at its start, before the program: puts this process under the gate.

The gate is loaded into the SQLite that the module sqlite3 links against, and speaks by SQL functions (gate.c).
"""

import json
import os
import sqlite3
import sys


def _enter():
    control = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    control.enable_load_extension(True)
    control.load_extension(os.environ["LOCKSTEP_GATE"])

    def call(name, *values):
        marks = ",".join("?" * len(values))
        return control.execute(f"select lockstep_{name}({marks})", values).fetchone()[0]

    call("engine", os.environ["LOCKSTEP_SQLITE"])
    call("attach", os.environ["LOCKSTEP_IN"], os.environ["LOCKSTEP_OUT"])
    call("confine", *os.environ["LOCKSTEP_WRITABLE"].split(os.pathsep))
    job = json.loads(call("job"))
    call("enter", job["number"], int(job["seed"]), job["root"])
    call("ends", None)
    sys.modules["lockstep_control"] = control
    os.chdir(job["root"])


if "LOCKSTEP_IN" in os.environ:
    _enter()
