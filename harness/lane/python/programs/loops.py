"""For tests: asyncio in virtual time, with threads of its executor, a child and a signal."""

import asyncio
import signal
import sqlite3
import sys
import time

begun = time.time()


def elapsed():
    return time.time() - begun


async def ticks(seconds, queue):
    for n in range(3):
        await asyncio.sleep(seconds)
        await queue.put((seconds, n, elapsed()))


def blocks(n):
    db = sqlite3.connect("lab.db")
    db.execute("INSERT INTO t(k, v) VALUES(?, 'x')", (n,))
    db.commit()
    db.close()
    time.sleep(2)
    return n


async def main():
    queue, loop = asyncio.Queue(), asyncio.get_running_loop()
    tasks = [asyncio.create_task(ticks(seconds, queue)) for seconds in (1, 1.5)]
    threads = asyncio.to_thread(blocks, 1), loop.run_in_executor(None, blocks, 2)
    assert await asyncio.gather(*threads, *tasks) == [1, 2, None, None]
    assert sorted(queue.get_nowait()[2] for _ in range(6)) == [1, 1.5, 2, 3, 3, 4.5]
    try:
        await asyncio.wait_for(asyncio.sleep(100), 3)
        raise AssertionError("it slept longer than it should")
    except asyncio.TimeoutError:
        assert elapsed() == 7.5
    lock = asyncio.Lock()
    async with lock:
        await asyncio.sleep(0)
    done, pending = await asyncio.wait([asyncio.create_task(asyncio.sleep(n)) for n in range(5)], return_when=asyncio.FIRST_COMPLETED)
    assert (len(done), len(pending)) == (1, 4)
    for task in pending:
        task.cancel()
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(7)", stdout=asyncio.subprocess.PIPE)
    assert await child.communicate() == (b"7\n", None) and child.returncode == 0
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    assert elapsed() == 600


asyncio.run(main())
