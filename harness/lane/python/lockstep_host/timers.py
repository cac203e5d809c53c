"""Signals at a time, and waits for signals: signal.alarm and setitimer in virtual time, pause, sigwait and its like.

Time moves only while lanes stand still, so that whoever stands still does it no longer than until the process's timer is due, and sends the
signal itself (lane/preload/timers.c has the same). A signal that somebody waits for stays blocked meanwhile, and is taken when it has come.
What stays out: signals to other processes (processes).
"""

import math
import os
import signal

from . import clock, gate, pipes, processes, refuse, replacing, setting

_getuid = os.getuid
_take = getattr(signal, "sigtimedwait", None)
_mask = getattr(signal, "pthread_sigmask", None)

# When the timer is due next is gate.due_ms; how often then, in virtual ms.
_every_ms = 0


def _is_due():
    gate.due_ms = gate.now_ms() + _every_ms if _every_ms else None
    processes.kill(setting.pid, signal.SIGALRM)


def _set(ms, every_ms):
    """Result: virtual ms that were left, and how often."""
    global _every_ms
    left = 0 if gate.due_ms is None else max(0, gate.due_ms - gate.now_ms())
    before, _every_ms = _every_ms, every_ms
    gate.due_ms = gate.now_ms() + ms if ms else None
    return left, before


def _alarm(seconds):
    left, _ = _set(int(seconds) * 1000, 0)
    return math.ceil(left / 1000)


def _only_real(which):
    if which != signal.ITIMER_REAL:
        refuse.not_followed("asks for a signal after so much processor time (signal.setitimer), which differs from run to run: let it take ITIMER_REAL")


def _setitimer(which, seconds, interval=0.0):
    _only_real(which)
    if seconds < 0 or interval < 0:
        raise signal.ItimerError(22, "Invalid argument")
    left, every = _set(clock.milliseconds(seconds), clock.milliseconds(interval))
    return left / 1000, every / 1000


def _getitimer(which):
    _only_real(which)
    left = 0 if gate.due_ms is None else max(0, gate.due_ms - gate.now_ms())
    return left / 1000, _every_ms / 1000


def _to_hand_over():
    """What go_on takes: another program has the timer of the one before (execve(2))."""
    return {"due": gate.due_ms, "every": _every_ms}


def go_on(handed):
    """This interpreter has taken the place of another."""
    global _every_ms
    gate.due_ms, _every_ms = handed["due"], handed["every"]


def _forget():
    global _every_ms
    gate.due_ms, _every_ms = None, 0


def _pause():
    gate.ask("receive", "")


def _told(info):
    """Of what has come: not by whose number of the system."""
    return signal.struct_siginfo((info.si_signo, 0, 0, setting.parent_pid, _getuid(), 0, 0))


def _wait_for(signals, timeout_ms):
    before = _mask(signal.SIG_BLOCK, signals)
    try:
        found = pipes.wait_until(lambda: _take(signals, 0), timeout_ms)
    finally:
        _mask(signal.SIG_SETMASK, before)
    return found and _told(found)


def _sigwait(signals):
    return signal.Signals(_wait_for(signals, None).si_signo)


def _sigtimedwait(signals, timeout):
    if timeout < 0:
        raise ValueError("timeout must be non-negative")
    return _wait_for(signals, clock.milliseconds(timeout))


def install():
    """Replaces timers, and waits for signals."""
    gate.on_due = _is_due
    processes.handed_too["timers"] = _to_hand_over
    os.register_at_fork(after_in_child=_forget)
    replacing.put(signal, alarm=_alarm, setitimer=_setitimer, getitimer=_getitimer, pause=_pause)
    replacing.put(signal, sigwait=_sigwait, sigtimedwait=_sigtimedwait, sigwaitinfo=lambda signals: _wait_for(signals, None))
