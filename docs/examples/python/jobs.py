"""Workers that take numbers from one counter. Run with --fix for the version without its two faults."""

import sqlite3
import sys
import threading
import time

NAME, FIXED = sys.argv[1], "--fix" in sys.argv


def check_health(stop):
    """Reads the live database raw: its close drops the locks that SQLite holds in this process."""
    while not stop.wait(1.0):
        with open("jobs.db", "rb") as file:
            if not file.read(16).startswith(b"SQLite format 3"):
                print("this is no database", file=sys.stderr)


def take(db):
    """Reads, adds one, writes: what another worker has added in between is lost."""
    if FIXED:
        db.execute("BEGIN IMMEDIATE")
    (taken,) = db.execute("SELECT n FROM counter").fetchone()
    db.execute("UPDATE counter SET n = ?", (taken + 1,))
    db.execute("INSERT INTO log VALUES (?, ?)", (NAME, taken + 1))
    if FIXED:
        db.execute("COMMIT")


stop = threading.Event()
if not FIXED:
    threading.Thread(target=check_health, args=(stop,)).start()
db = sqlite3.connect("jobs.db", isolation_level=None)
for _ in range(10):
    take(db)
    time.sleep(0.5)
stop.set()
db.close()
