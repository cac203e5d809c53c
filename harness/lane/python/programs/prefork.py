"""For tests: a pool that replaces its workers, forks that share pipes, and what a fork finds of its parent's locks and chance."""

import multiprocessing
import os
import random
import select
import sqlite3
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool


def begin():
    global db
    db = sqlite3.connect("lab.db", timeout=10, isolation_level=None)


def insert(n):
    db.execute("INSERT INTO t VALUES(?, 'x')", (n,))
    return n


def leave(n):
    if n == 2:
        os._exit(5)


def pool():
    # Whose handler forks new workers, in a thread.
    with multiprocessing.Pool(3, initializer=begin, maxtasksperchild=2) as workers:
        found = [workers.apply_async(insert, (n,)) for n in range(12)]
        assert [one.get(timeout=30) for one in found] == list(range(12))
    try:
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as executor:
            list(executor.map(leave, range(4)))
        raise AssertionError("a worker has left, and nobody says so")
    except BrokenProcessPool:
        pass


def serve(jobs, results):
    begin()
    while True:
        data = os.read(jobs, 8)
        if not data:
            os._exit(0)
        insert(100 + int(data))
        time.sleep(random.random() / 20)  # of the run's chance, in a fork too
        os.write(results, data)


def servers():
    ends = []
    for n in range(3):
        (jobs, gives), (takes, results) = os.pipe(), os.pipe()
        if os.fork() == 0:
            for fd in (gives, takes, *(fd for pair in ends for fd in pair)):
                os.close(fd)
            serve(jobs, results)
        os.close(jobs)
        os.close(results)
        ends.append((takes, gives))
        os.write(gives, b"%8d" % n)
    todo, found = list(range(3, 9)), []
    while len(found) < 9:
        for fd in select.select([takes for takes, _ in ends], [], [], 5)[0]:
            found.append(int(os.read(fd, 8)))
            if todo:
                os.write(dict(ends)[fd], b"%8d" % todo.pop(0))
    for _, gives in ends:
        os.close(gives)
    assert [status for _, status in (os.wait() for _ in ends)] == [0, 0, 0]
    assert sorted(found) == list(range(9))


def held():
    lock, other = threading.Lock(), threading.Lock()

    def hold():
        with lock:
            time.sleep(5)

    holder = threading.Thread(target=hold)
    holder.start()
    time.sleep(1)
    if os.fork() == 0:
        assert not lock.acquire(timeout=20)  # nobody gives it back here
        child = threading.Thread(target=lambda: (other.acquire(), time.sleep(1), other.release()))
        child.start()
        time.sleep(0.5)
        with other:
            pass
        child.join()
        os._exit(7)
    assert os.wait()[1] == 7 << 8
    holder.join()


def futures():
    with ThreadPoolExecutor(4) as executor:
        jobs = [executor.submit(time.sleep, random.random() / 10) for _ in range(8)]
        assert len(list(as_completed(jobs))) == 8


if __name__ == "__main__":
    for name in sys.argv[1:]:
        globals()[name]()
    sqlite3.connect("lab.db").execute("SELECT * FROM t").fetchall()
