"""For tests: what differs between two starts of a program, said by it. All of it is alike in every replay."""

import datetime
import os
import random
import secrets
import sqlite3
import threading
import time
import uuid

said = [
    time.time(),
    time.monotonic_ns(),
    time.strftime("%Y-%m-%d %H:%M:%S"),
    datetime.datetime.now(),
    datetime.datetime.now(datetime.timezone.utc),
    datetime.date.today(),
    random.random(),
    random.Random().random(),
    uuid.uuid4(),
    uuid.uuid1(),
    secrets.token_hex(4),
    os.urandom(9).hex(),
    os.getpid(),
    os.getppid(),
    threading.get_ident(),
    list({threading.Thread(name=str(n)) for n in range(20)}),
    os.environ.get("HOME"),
    sorted(os.environ),
]
db = sqlite3.connect("lab.db")
db.execute("INSERT INTO t(k, v) VALUES(?, ?)", (said[4].year, "\n".join(map(str, said))))
db.commit()
