"""For tests: the module multiprocessing, by fork and by spawn."""

import multiprocessing
import sqlite3
import sys
import time


def work(n, code):
    db = sqlite3.connect("lab.db")
    db.execute("INSERT INTO t(k, v) VALUES(?, ?)", (n, multiprocessing.current_process().name))
    db.commit()
    db.close()
    time.sleep(1)
    sys.exit(code)


if __name__ == "__main__":
    n = 0
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        workers = []
        for code in (0, 5):
            n += 1
            workers.append(context.Process(target=work, args=(n, code)))
        for worker in workers:
            worker.start()
        workers[0].join(0.5)
        assert workers[0].is_alive()
        for worker in workers:
            worker.join()
        assert [worker.exitcode for worker in workers] == [0, 5]
        asleep = context.Process(target=time.sleep, args=(100,))
        asleep.start()
        asleep.terminate()
        asleep.join()
        assert asleep.exitcode == -15
