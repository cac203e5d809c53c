"""Further processes as processes of the run: fork, signals and waits by the numbers that programs know, and what starts a command.

A child of a fork goes on as a process of its own; a command is started by the coordinator (the request `exec`), a program of Python with
this host again, another with the preload host. What stays out: the modules subprocess (children) and multiprocessing (workers).
"""

import base64
import errno
import json
import os
import re
import signal
import sys

from . import chance, clock, gate, refuse, replacing, setting, threads

_FIRST = 100  # as in lane/preload/processes.c

# By process id: the child's name, until somebody has waited for it.
children = {}
_started = 0

_fork = os.fork
really_leave = os._exit


def _new_name():
    global _started
    _started += 1
    return f"{setting.process}.{_started}"


def ask(what, verb, *words):
    """Asks the coordinator for a process; what it refuses ends the run with a sentence.

    what: for that sentence: `starts "ls"`
    """
    try:
        return gate.ask(verb, *words)
    except gate.Refused as error:
        refuse.not_followed(f"{what}, which cannot be followed: {error}")


def is_python(word):
    """Whether a command's first word is an interpreter (run/interpreter.ts)."""
    return re.fullmatch(r"python[\d.]*t?", os.path.basename(word)) is not None


def start(words, env=None, stdin=None, cwd=None, held=False):
    """Starts a command. Result: its process id.

    words: the command; env: all of its environment, None for this process's; stdin: bytes; cwd: where it works, as the program sees it;
    held: it goes on once somebody has said what it is to read (begin)
    """
    name = _new_name()
    words = [os.fsdecode(word) for word in words]
    given = os.environ if env is None else env
    environ = {os.fsdecode(key): os.fsdecode(value) for key, value in given.items()}
    environ = {key: setting.without_places(value) for key, value in environ.items() if setting.usual.get(key) != value}
    environ["LOCKSTEP_PARENT"] = str(setting.pid)
    environ["LOCKSTEP_CWD"] = os.getcwd() if cwd is None else os.path.abspath(os.fsdecode(cwd))
    request = {
        "command": [setting.without_places(word) for word in words],
        "host": "python" if is_python(words[0]) else "preload",
        "env": environ,
    }
    if setting.files:
        request["files"] = setting.without_places(setting.files)
    if stdin:
        request["input"] = base64.b64encode(stdin).decode()
    if held:
        request["held"] = True
    number = ask(f"starts {words[0]!r}", "exec", name, json.dumps(request))
    pid = _FIRST + number
    children[pid] = name
    return pid


def begin(pid, stdin, is_open):
    """A child that is held goes on.

    stdin: bytes that it finds on its standard input; is_open: more may come (feed)
    """
    gate.ask("begin", children[pid], base64.b64encode(stdin).decode(), *(["open"] if is_open else []))


def feed(pid, stdin, ends):
    """More on the standard input of a child, or the end of it. Result: whether it lives to read that."""
    name = children.get(pid)
    return name is not None and gate.ask("feed", name, base64.b64encode(stdin).decode(), *(["end"] if ends else []))


def output(pid):
    """What a child has printed so far, from the beginning: on its standard output, and on its standard error."""
    found = gate.ask("output", children.get(pid) or _gone[pid], "0", "0")
    return base64.b64decode(found["out"]), base64.b64decode(found["err"])


# By process id: names of those that somebody has waited for, whose output may still be wanted.
_gone = {}


def _status(ending):
    """An ending as wait(2) gives it."""
    how = ending["how"]
    if how == "killed":
        return getattr(signal, ending["signal"]).value
    return {"returned": 0, "threw": 1}.get(how, ending.get("code", 1)) << 8


def _collected(pid, ending):
    _gone[pid] = children.pop(pid)
    return pid, _status(ending)


def has_ended(pid):
    """Whether a child has ended, be it that somebody has waited for it."""
    return pid not in children or gate.ask("poll", children[pid]) is not None


# Time stands while a lane runs: who looks again and again whether a child has ended would do so for ever. So many looks at one moment take a
# millisecond, as reads of the clock do under the preload host (lane/preload/time.c).
_LOOKS_OF_A_MOMENT = 100
_looked_at = 0
_looks = 0


def _has_looked():
    global _looked_at, _looks
    now = gate.now_ms()
    _looks = _looks + 1 if now == _looked_at else 1
    _looked_at = now
    if _looks == _LOOKS_OF_A_MOMENT:
        gate.sleep_ms(1)


def wait_for(pid, timeout_ms=None):
    """Waits for one child. Result: its status as wait(2) has it, None when the time is up.

    timeout_ms: virtual; 0 does not wait, None waits for ever
    """
    name = children[pid]
    if timeout_ms == 0:
        ending = gate.ask("poll", name)
        if ending is None:
            _has_looked()
    else:
        until = None if timeout_ms is None else clock.seconds() * 1000 + timeout_ms
        while True:
            left = "" if until is None else str(max(0, round(until - clock.seconds() * 1000)))
            ending = gate.ask("wait", name, left)  # a signal ends it early, and its handler has run then
            if ending is not None or (until is not None and clock.seconds() * 1000 >= until):
                break
    return None if ending is None else _collected(pid, ending)[1]


def waitpid(pid, options):
    """Replaces os.waitpid."""
    if pid > 0:
        if pid not in children:
            raise ChildProcessError(errno.ECHILD, os.strerror(errno.ECHILD))
        status = wait_for(pid, 0 if options & os.WNOHANG else None)
        return (0, 0) if status is None else (pid, status)
    if not children:
        raise ChildProcessError(errno.ECHILD, os.strerror(errno.ECHILD))
    while True:
        # All in one step: what came between two would be missed.
        found = gate.ask("poll-any", *children.values())
        if found is not None:
            (child,) = [pid for pid, name in children.items() if name == found["name"]]
            return _collected(child, found["ending"])
        if options & os.WNOHANG:
            _has_looked()
            return 0, 0
        gate.ask("await", "kernel", "")  # any process has ended, or a signal has come


def _wait():
    return waitpid(-1, 0)


def kill(pid, number):
    """Replaces os.kill."""
    sent = signal.Signals(number).name if number else None
    target = f"pid:{pid - _FIRST}" if pid > 0 else f"pgrp:{(-pid or setting.pid) - _FIRST}"
    if sent is None:
        found = gate.ask("poll", target)
        if found is not None and pid not in children:
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        return
    if not ask(f"sends {sent}", "kill", target, sent):
        if pid not in children:
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))


def _killpg(group, number):
    kill(-group, number)


def fork():
    """Replaces os.fork: the child goes on as a process of the run, with this thread alone."""
    global _group, _session
    name = _new_name()
    channel = ask("forks", "fork", name)
    group, session = _own_group(), _session or setting.pid
    pid = _fork()
    if pid:
        number = _FIRST + ask("forks", "forked", name)
        children[number] = name
        _forked.add(number)
        return number
    children.clear()
    _forked.clear()
    _gone.clear()
    threads.forked()
    gate.forked(channel["in"], channel["out"])
    job = gate.job()
    setting.told(job, setting.pid)
    _group, _session = group, session
    gate.enter(job["number"], int(job["seed"]), setting.root)
    gate.ends(None)
    chance.begin()  # the module random has drawn a seed in the child, which was no process of the run then
    return 0


# ---- exec: another program goes on as this process, and as this lane ----

_execve = os.execve
_access = os.access


# By name: what gives what other modules hand over.
handed_too = {}


def to_hand_over():
    """What go_on takes."""
    own = {"started": _started, "group": _group, "session": _session, "niceness": _niceness}
    return {**own, "children": list(children.items()), "gone": list(_gone.items()), "forked": sorted(_forked)}


def go_on(handed):
    """This interpreter has taken the place of another, whose children are its own."""
    global _started, _group, _session, _niceness
    _started, _group, _session, _niceness = (handed[name] for name in ("started", "group", "session", "niceness"))
    children.update(handed["children"])
    _gone.update(handed["gone"])
    _forked.update(handed["forked"])


def _exec(path, args, env):
    """Replaces os.execve: descriptors are closed, and locks go with them, as the kernel has it."""
    path = os.fsdecode(path)
    words = [os.fsdecode(word) for word in args]
    if not _access(path, os.X_OK):
        number = errno.EACCES if os.path.exists(path) else errno.ENOENT
        raise OSError(number, os.strerror(number), path)
    if not is_python(path):
        refuse.not_followed("takes a program that is no Python in its own place (os.exec): let it start that by subprocess, and wait for it")
    if setting.lanes > 1:
        refuse.not_followed("takes another program in its place (os.exec) while it has other threads: let it end them first")
    environ = {os.fsdecode(key): os.fsdecode(value) for key, value in env.items()}
    told = {"setting": setting.to_hand_over(), "cwd": os.getcwd(), "processes": to_hand_over(), **{name: give() for name, give in handed_too.items()}}
    fd = gate.hand_over(os.path.basename(path), told)
    if fd < 0:
        raise OSError(errno.EIO, os.strerror(errno.EIO), path)
    try:
        _execve(path, words, {**setting.with_ours(environ), "LOCKSTEP_LANE": str(fd)})
    except OSError:
        gate.keep(fd)
        raise


def _spawnve(mode, file, args, env):
    pid = start([file, *list(args)[1:]], env)
    if mode == os.P_NOWAIT:
        return pid
    return os.waitstatus_to_exitcode(wait_for(pid))


def _posix_spawn(path, argv, env, *, file_actions=(), **kwargs):
    if file_actions or any(kwargs.values()):
        refuse.not_followed("starts a process with file actions (os.posix_spawn): let it use the module subprocess")
    return start([path, *list(argv)[1:]], env)


def _system(command):
    return wait_for(start(["/bin/sh", "-c", command]))


# ---- groups, sessions, priority: those of the kernel, by the numbers that programs know ----

_real_setsid, _real_setpgid = os.setsid, os.setpgid

# A process that the coordinator starts (start) leads a group and a session of its own, as one that a service manager starts; a fork is in
# those of its parent. None: this one's own.
_forked = set()
_group = None
_session = None
_niceness = 0


def _own_group():
    return _group or setting.pid


def _lead(session):
    global _group, _session
    _group = None
    if session:
        _session = None


def _setsid():
    if _own_group() == setting.pid:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
    _real_setsid()
    _lead(True)


def _leads(pid):
    """Whether it is a child that leads a group of its own."""
    return pid in children and pid not in _forked


def _setpgid(pid, group):
    if _leads(pid) and group in (0, pid):
        return
    if pid not in (0, setting.pid) or group not in (0, setting.pid):
        refuse.not_followed("puts another process into a group, or itself into another's (os.setpgid), which its host cannot follow: let each lead its own")
    if (_session or setting.pid) == setting.pid:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))  # the leader of a session
    _real_setpgid(0, 0)
    _lead(False)


def _of_own(pid, value):
    if _leads(pid):
        return pid
    if pid not in (0, setting.pid):
        refuse.not_followed("asks for the group or the session of another process (os.getpgid, os.getsid), which its host does not know: let it tell")
    return value


def _getpgid(pid):
    return _of_own(pid, _own_group())


def _getsid(pid):
    return _of_own(pid, _session or setting.pid)


def _nice(by):
    """The kernel is not told: one lane runs at a time, whatever its priority."""
    global _niceness
    _niceness = max(-20, min(19, _niceness + by))
    return _niceness


def _cannot(what, instead):
    def call(*_args, **_kwargs):
        refuse.not_followed(f"calls {what}, which its host cannot follow: {instead}")

    return call


def install():
    """Replaces what starts, waits for and signals processes."""
    replacing.put(
        os,
        _exit=leave_at_once,
        abort=lambda: kill(setting.pid, signal.SIGABRT),
        fork=fork,
        forkpty=_cannot("os.forkpty", "let it use the module subprocess"),
        kill=kill,
        killpg=_killpg,
        wait=_wait,
        waitpid=waitpid,
        wait3=lambda options: (*waitpid(-1, options), None),
        wait4=lambda pid, options: (*waitpid(pid, options), None),
        waitid=_cannot("os.waitid", "let it use os.waitpid"),
        system=_system,
        posix_spawn=_posix_spawn,
        posix_spawnp=_posix_spawn,
        spawnv=lambda mode, file, args: _spawnve(mode, file, args, None),
        spawnve=_spawnve,
        spawnvp=lambda mode, file, args: _spawnve(mode, file, args, None),
        spawnvpe=_spawnve,
        setsid=_setsid,
        setpgid=_setpgid,
        setpgrp=lambda: _setpgid(0, 0),
        getpgid=_getpgid,
        getpgrp=lambda: _own_group(),
        getsid=_getsid,
        nice=_nice,
    )
    replacing.put(os, execv=lambda path, args: _exec(path, args, os.environ), execve=_exec)
    # In Python a handler runs in the main thread, whichever a signal goes to.
    replacing.put(signal, raise_signal=lambda number: kill(setting.pid, number), pthread_kill=lambda thread, number: kill(setting.pid, number))


def leave_at_once(code):
    """Replaces os._exit: what this process has open is dropped, and not closed."""
    if gate.inside():
        gate.ask("exit", str(code & 0xFF))
    really_leave(code)
