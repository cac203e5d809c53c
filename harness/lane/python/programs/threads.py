"""For tests: what the standard library builds on threads and locks, in virtual time."""

import queue
import random
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

order = []
lock = threading.Lock()


def work(n):
    db = sqlite3.connect("lab.db", timeout=10)
    for i in range(3):
        with lock:
            order.append((n, i))
        with db:
            db.execute("INSERT INTO t(k, v) VALUES(?, ?)", (n * 10 + i, str(order)))
        time.sleep(random.random())
    db.close()


threads = [threading.Thread(target=work, args=(n,), name=f"work {n}") for n in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

handed = queue.Queue(maxsize=1)
threading.Thread(target=lambda: [handed.put(n) for n in (1, 2, 3, None)]).start()
got = []
while (item := handed.get(timeout=5)) is not None:
    got.append(item)
assert got == [1, 2, 3]

event = threading.Event()
before = time.monotonic()
assert not event.wait(2.5)
assert time.monotonic() - before == 2.5
threading.Timer(1.5, event.set).start()
assert event.wait(10)
assert time.monotonic() - before == 4

barrier, condition = threading.Barrier(2), threading.Condition()


def wakes():
    barrier.wait()
    with condition:
        condition.notify_all()


other = threading.Thread(target=wakes)
with condition:
    other.start()
    barrier.wait()
    assert condition.wait(5)
other.join()

semaphore = threading.BoundedSemaphore(1)
assert semaphore.acquire(timeout=1) and not semaphore.acquire(timeout=1)
with ThreadPoolExecutor(3) as pool:
    assert list(pool.map(lambda n: n * n, range(6))) == [0, 1, 4, 9, 16, 25]

local = threading.local()


def keeps():
    local.db = sqlite3.connect("lab.db")  # closed as the thread ends
    local.db.execute("SELECT count(*) FROM t").fetchone()


threading.Thread(target=keeps).start()
