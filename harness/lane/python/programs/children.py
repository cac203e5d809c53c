"""For tests: processes that a program starts, by the module subprocess and by fork; each is a process of the run."""

import os
import sqlite3
import subprocess
import sys
import time

CHILD = """
import os, sqlite3, sys
db = sqlite3.connect("lab.db")
db.execute("INSERT INTO t(k, v) VALUES(?, ?)", (int(sys.argv[1]), "x"))
db.commit()
print(sys.argv[1], sys.stdin.read(), os.getppid())
"""


def child(*words):
    return [sys.executable, "-c", *words]


me = os.getpid()
ran = subprocess.run(child(CHILD, "1"), input="told", capture_output=True, text=True, check=True)
assert ran.stdout == f"1 told {me}\n", ran
both = [subprocess.Popen(child(CHILD, str(n)), stdout=subprocess.PIPE) for n in (2, 3)]
assert [one.wait() for one in both] == [0, 0]
assert [one.stdout.read() for one in both] == [f"{n}  {me}\n".encode() for n in (2, 3)]
assert subprocess.call(child("import sys; sys.exit(4)")) == 4
assert subprocess.check_output(child("print(5)")) == b"5\n"

sleeps = child("import time; time.sleep(100)")
before = time.monotonic()
try:
    subprocess.run(sleeps, timeout=2)
    raise AssertionError("it slept shorter than it should")
except subprocess.TimeoutExpired:
    assert time.monotonic() - before == 2
ended = subprocess.Popen(sleeps)
ended.terminate()
assert ended.wait() == -15
killed = subprocess.Popen(sleeps)
killed.kill()
assert killed.wait() == -9

with subprocess.Popen(child("import time\nfor n in range(3): print(n, flush=True); time.sleep(1)"), stdout=subprocess.PIPE, text=True) as talks:
    assert next(talks.stdout) == "0\n" and talks.poll() is None
    assert list(talks.stdout) == ["1\n", "2\n"]

echo = "import sys\nfor line in sys.stdin: print(line.upper(), end='', flush=True)"
for words in (child(echo), ["sed", "-u", "s/[a-z]/\\U&/g"]):
    talk = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    assert talk.pid > 0
    for word in ("ask\n", "again\n"):
        talk.stdin.write(word)
        assert talk.stdout.readline() == word.upper(), words
    talk.stdin.close()
    assert (talk.stdout.read(), talk.wait()) == ("", 0)
busy = subprocess.Popen(child("import time; time.sleep(1)"), stdin=subprocess.PIPE)
before = time.monotonic()
time.sleep(2)  # it goes on meanwhile, though nobody has written to it or closed
assert busy.poll() == 0
busy.stdin.write(b"too late")
try:
    busy.stdin.flush()
    raise AssertionError("it writes to one that has ended")
except BrokenPipeError:
    pass
deaf = subprocess.Popen(child("print(7)"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
time.sleep(1)
assert deaf.communicate(b"x") == (b"7\n", None)
try:
    with subprocess.Popen(child("pass"), stdin=subprocess.PIPE) as left:
        time.sleep(1)
        left.stdin.write(b"x")
    raise AssertionError("it writes to one that has ended")
except BrokenPipeError:
    assert left.returncode == 0

pid = os.fork()
if pid == 0:
    db = sqlite3.connect("lab.db")
    db.execute("INSERT INTO t(k, v) VALUES(4, 'x')")
    db.commit()
    db.close()
    os._exit(3 if os.getppid() == me else 1)
assert os.waitpid(pid, 0) == (pid, 3 << 8)

assert os.getpgrp() == os.getsid(0) == me and os.nice(3) == 3 and os.nice(0) == 3
try:
    os.setsid()
    raise AssertionError("it leads a group already")
except PermissionError:
    pass
pid = os.fork()
if pid == 0:
    assert os.getpgrp() == me and os.nice(0) == 3
    os.setsid()
    assert os.getpgrp() == os.getsid(0) == os.getpid() != me
    os.killpg(os.getpgrp(), 9)
assert os.waitpid(pid, 0) == (pid, 9)

assert subprocess.check_output("echo $((2 + 3))", shell=True) == b"5\n"
assert os.system("exit 3") == 3 << 8
