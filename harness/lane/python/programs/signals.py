"""For tests: signals at a time, waits for signals, and locks that are waited for, in virtual time."""

import fcntl
import os
import signal
import sys
import threading
import time

rung = []


def ring(number, _frame):
    rung.append((number, time.time() - began))


class TimeUp(Exception):
    pass


def give_up(_number, _frame):
    raise TimeUp


began = time.time()
if sys.argv[1:] == ["taken over"]:
    signal.signal(signal.SIGALRM, ring)
    signal.pause()
    assert rung == [(signal.SIGALRM, 1.0)], rung  # 2 seconds from when it was set
    sys.exit(0)
signal.signal(signal.SIGALRM, ring)
assert signal.alarm(2) == 0
time.sleep(1)
assert signal.alarm(5) == 1 and signal.getitimer(signal.ITIMER_REAL) == (5.0, 0.0)
time.sleep(10)  # which goes on (PEP 475)
assert rung == [(signal.SIGALRM, 6.0)] and time.time() - began == 11, (rung, time.time() - began)
rung.clear()
signal.alarm(3)
signal.pause()
assert rung == [(signal.SIGALRM, 14.0)], rung
assert signal.setitimer(signal.ITIMER_REAL, 0.5, 1) == (0.0, 0.0)
time.sleep(3)
assert signal.setitimer(signal.ITIMER_REAL, 0) == (0.5, 1.0)
assert [at for _, at in rung[1:]] == [14.5, 15.5, 16.5], rung

# A handler that raises ends what its thread waits for.
signal.signal(signal.SIGALRM, give_up)
lock = threading.Lock()
lock.acquire()
for wait in (lock.acquire, lambda: time.sleep(100), threading.Event().wait, lambda: os.read(os.pipe()[0], 1)):
    signal.alarm(1)
    try:
        wait()
        raise AssertionError(wait)
    except TimeUp:
        pass

# A thread that works while the main one waits; its locks are waited for without looking again and again.
with open("lock", "w") as mine, open("lock") as other, open("lock", "r+") as third:
    fcntl.lockf(mine, fcntl.LOCK_EX)
    fcntl.flock(mine, fcntl.LOCK_EX)

    def free():
        time.sleep(60)
        fcntl.flock(mine, fcntl.LOCK_SH)

    threading.Thread(target=free).start()
    at = time.time()
    fcntl.flock(other, fcntl.LOCK_SH)
    assert time.time() - at == 60
    child = os.fork()
    if child == 0:
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        at = time.time()
        third = open("lock", "r+")
        fcntl.lockf(third, fcntl.LOCK_EX)
        assert time.time() - at == 30
        os.lockf(third.fileno(), os.F_ULOCK, 0)
        os._exit(7)
    time.sleep(30)
    fcntl.lockf(mine, fcntl.LOCK_UN)
    assert os.waitpid(child, 0) == (child, 7 << 8)

# Signals that are waited for.
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
pid = os.getpid()
child = os.fork()
if child == 0:
    time.sleep(4)
    os.kill(pid, signal.SIGUSR1)
    os._exit(0)
at = time.time()
assert signal.sigtimedwait([signal.SIGUSR1], 1) is None
assert signal.sigwait([signal.SIGUSR1]) == signal.SIGUSR1
assert time.time() - at == 4
os.waitpid(child, 0)
signal.alarm(1)
info = signal.sigwaitinfo([signal.SIGALRM])
assert info.si_signo == signal.SIGALRM and info.si_pid == 1
signal.alarm(2)
time.sleep(1)
os.execv(sys.executable, [sys.executable, __file__, "taken over"])
