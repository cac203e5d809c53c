"""A gateway whose helper leaves something open on the board, in a cycle that only the collector breaks: a connection, a connection with a
transaction, or the board as a plain file. The collector runs in another thread, whenever. Run with --connection, --transaction, --file
or --closed."""

import gc
import random
import sqlite3
import sys
import threading
import time

ROLE, MODE = sys.argv[1], sys.argv[2]


def connect():
    return sqlite3.connect("board.db", timeout=2, isolation_level=None, check_same_thread=False)


def add(db, who, n):
    db.execute("INSERT INTO rows(id) VALUES (?)", (f"{who}-{n}",))


class Call:
    """A tool call: it keeps what it uses, and its traceback keeps it."""

    def __init__(self):
        self.me = self
        if MODE == "--file":
            self.used = open("board.db", "rb")
            self.used.read(16)
        else:
            self.used = connect()
            self.used.execute("SELECT count(*) FROM rows").fetchall()
        if MODE == "--transaction":
            self.used.execute("BEGIN IMMEDIATE")
            add(self.used, "call", id(self))
        if MODE == "--closed":
            self.used.close()


def helper():
    for _ in range(3):
        try:
            Call()
        except sqlite3.OperationalError as error:
            print(f"helper: {error}", file=sys.stderr)
        time.sleep(random.randint(1, 3))


def collector():
    for _ in range(4):
        time.sleep(random.randint(1, 3))
        gc.collect()


def gateway():
    gc.disable()
    db = connect()
    threads = [threading.Thread(target=helper), threading.Thread(target=collector)]
    for thread in threads:
        thread.start()
    for n in range(6):
        add(db, "gateway", n)
        time.sleep(random.randint(1, 2))
    for thread in threads:
        thread.join()
    db.close()


def reader():
    """Short-lived: opens, adds, closes."""
    for n in range(5):
        time.sleep(random.randint(1, 2))
        db = connect()
        add(db, "reader", n)
        db.close()


gateway() if ROLE == "gateway" else reader()
