"""For tests: what processes of the module multiprocessing share, by fork and by spawn."""

import concurrent.futures
import multiprocessing
import os
import queue
import sqlite3
import sys
import time


def double(n):
    time.sleep(0.1)
    return 2 * n


def fails(n):
    raise ValueError(n)


def serve(tasks, results, connection, lock, event, ready):
    connection.send(connection.recv() + "!")
    event.wait()
    while True:
        n = tasks.get()
        if n is None:
            break
        with lock:
            db = sqlite3.connect("lab.db")
            db.execute("INSERT INTO t(k, v) VALUES(?, ?)", (n, multiprocessing.current_process().name))
            db.commit()
            db.close()
        results.put(n * n)
    with ready:
        ready.notify()
    results.put(None)


def main(method, first):
    context = multiprocessing.get_context(method)
    tasks, results = context.Queue(), context.SimpleQueue()
    ours, theirs = context.Pipe()
    lock, event, ready = context.RLock(), context.Event(), context.Condition()
    try:
        tasks.get(timeout=0.5)
        raise AssertionError("something came")
    except queue.Empty:
        pass
    workers = [context.Process(target=serve, args=(tasks, results, theirs, lock, event, ready)) for _ in range(2)]
    with ready:
        for worker in workers:
            worker.start()
        for _ in workers:
            ours.send("hello")
        assert [ours.recv(), ours.recv()] == ["hello!", "hello!"]
        assert not multiprocessing.connection.wait([worker.sentinel for worker in workers], 0.2)
        event.set()
        assert ready.wait(0.1) is False
        for n in range(first, first + 4):
            tasks.put(n)
        for _ in workers:
            tasks.put(None)
        assert ready.wait(60)
    found = []
    while found.count(None) < len(workers):
        found.append(results.get())
    assert sorted(n for n in found if n is not None) == [n * n for n in range(first, first + 4)], found
    for worker in workers:
        assert multiprocessing.connection.wait([worker.sentinel])
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]

    bounded = context.BoundedSemaphore(1)
    assert bounded.acquire(timeout=1) and not bounded.acquire(timeout=0.1) and not bounded.acquire(False)
    bounded.release()
    try:
        bounded.release()
        raise AssertionError("it was released too often")
    except ValueError:
        pass

    with context.Pool(2) as pool:
        assert pool.map(double, range(4)) == [0, 2, 4, 6]
        assert pool.apply(double, (7,)) == 14
        assert list(pool.imap_unordered(double, [3])) == [6]
        try:
            pool.apply(fails, (1,))
            raise AssertionError("it did not fail")
        except ValueError:
            pass
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        assert list(executor.map(double, range(3))) == [0, 2, 4]
        assert isinstance(executor.submit(fails, 2).exception(), ValueError)


if __name__ == "__main__":
    reads, writes = os.pipe()
    if os.fork() == 0:
        os.close(reads)
        time.sleep(1)
        assert os.write(writes, b"x" * 100_000) == 100_000
        os._exit(0)
    os.close(writes)
    assert os.fdopen(reads, "rb").read() == b"x" * 100_000
    os.wait()
    for place, how in enumerate(sys.argv[1:]):
        main(how, 10 * place + 1)
