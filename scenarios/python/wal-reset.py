"""The canary in plain Python (wal-reset.program.ts is its TypeScript): a program that knows nothing of Lockstep.

python3 wal-reset.py writer NAME TRANSACTIONS PAYLOAD_BYTES AUTOCHECKPOINT_PAGES SLEEP_MS
python3 wal-reset.py checkpointer CHECKPOINTS SLEEP_MS
"""

import random
import sqlite3
import sys
import time


def open_board():
    db = sqlite3.connect("board.db", timeout=60, isolation_level=None)
    db.execute("PRAGMA synchronous=NORMAL")
    return db


def rest(most_ms):
    time.sleep(random.randint(1, most_ms) / 1000)


def writer(name, transactions, payload_bytes, autocheckpoint_pages, sleep_ms):
    db = open_board()
    db.execute(f"PRAGMA wal_autocheckpoint={autocheckpoint_pages}")
    payload = "x" * payload_bytes
    for i in range(transactions):
        db.execute("BEGIN IMMEDIATE")
        for n in (2 * i, 2 * i + 1):
            db.execute("INSERT INTO t(writer, n, payload) VALUES(?, ?, ?)", (name, n, payload))
        db.execute("COMMIT")
        rest(sleep_ms)
    db.close()


def checkpointer(checkpoints, sleep_ms):
    db = open_board()
    db.execute("PRAGMA wal_autocheckpoint=0")
    for _ in range(checkpoints):
        db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        rest(sleep_ms)
    db.close()


if __name__ == "__main__":
    role, *words = sys.argv[1:]
    if role == "writer":
        writer(words[0], *map(int, words[1:]))
    else:
        checkpointer(*map(int, words))
