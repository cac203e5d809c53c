"""Threads of one process that share one connection, as SessionDB does: messages are added one by one, and a compaction now and then
rewrites several in one transaction, which it may give up. Run with --per-statement, --per-transaction or --own-connections."""

import random
import sqlite3
import sys
import threading
import time

MODE = sys.argv[1]
acknowledged = []
lock = threading.Lock()


def connect():
    return sqlite3.connect("sessions.db", timeout=30, isolation_level=None, check_same_thread=False)


shared = connect()


class Session:
    """A connection and what is held while it is used."""

    def __init__(self):
        self.db = connect() if MODE == "--own-connections" else shared

    def execute(self, sql, *values):
        if MODE == "--per-statement":
            with lock:
                return self.db.execute(sql, values).fetchall()
        return self.db.execute(sql, values).fetchall()

    def exclusively(self, body):
        if MODE != "--per-transaction":
            return body()
        with lock:
            return body()


def writer(name):
    session = Session()
    for i in range(6):
        key = f"{name}-{i}"
        session.exclusively(lambda: session.execute("INSERT INTO messages(id, body) VALUES (?, 'said')", key))
        acknowledged.append(key)
        time.sleep(random.randint(1, 3))


def compactor():
    session = Session()

    def compact():
        session.execute("BEGIN IMMEDIATE")
        session.execute("UPDATE messages SET body = 'short'")
        time.sleep(1)  # asks the model for a summary
        session.execute("ROLLBACK" if random.random() < 0.5 else "COMMIT")

    for _ in range(3):
        time.sleep(random.randint(1, 3))
        session.exclusively(compact)


threads = [threading.Thread(target=writer, args=(name,)) for name in ("chat", "tool")]
threads.append(threading.Thread(target=compactor))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with shared:
    shared.executemany("INSERT INTO acknowledged(id) VALUES (?)", [(key,) for key in acknowledged])
shared.close()
