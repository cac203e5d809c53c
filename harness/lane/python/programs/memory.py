"""For tests: memory and managers that processes of multiprocessing share, by fork and by spawn."""

import multiprocessing
import sys
import time
from multiprocessing import connection, managers, shared_memory


def count(value, array, raw, guarded, name, proxies):
    block = shared_memory.SharedMemory(name=name)
    for n in range(3):
        with value.get_lock() if guarded else raw.get_lock():
            seen = value.value
            time.sleep(0.01)
            value.value = seen + 1
        array[n] += 1
    block.buf[0] += 1
    block.close()
    if proxies:
        found, queue, lock = proxies
        with lock:
            found["n"] = found.get("n", 0) + 1
        queue.put(multiprocessing.current_process().name)


class Counter:
    def __init__(self):
        self.n = 0

    def add(self):
        self.n += 1
        return self.n


class Own(managers.BaseManager):
    pass


Own.register("Counter", Counter)


def serve(address):
    with connection.Listener(address, authkey=b"key") as listener:
        with listener.accept() as one:
            one.send(one.recv() * 2)


def main(method):
    context = multiprocessing.get_context(method)
    value, array, other = context.Value("i", 0), context.Array("d", 3), context.Value("i", 0)
    block = shared_memory.SharedMemory(create=True, size=16)
    with context.Manager() as manager, Own(ctx=context) as own:
        proxies = manager.dict(), manager.Queue(), manager.Lock()
        for guarded in (True, False):
            value.value = 0
            workers = [context.Process(target=count, args=(value, array, other, guarded, block.name, proxies)) for _ in range(2)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            assert [worker.exitcode for worker in workers] == [0, 0]
            assert value.value == 6
        assert list(array) == [4, 4, 4] and block.buf[0] == 4
        assert proxies[0].copy() == {"n": 4} and len({proxies[1].get() for _ in range(4)}) == 4
        counter = own.Counter()
        assert [counter.add(), counter.add()] == [1, 2]
        shared = manager.list([3, 1, 2])
        shared.sort()
        assert list(shared) == [1, 2, 3] and manager.Namespace() is not None
    block.close()
    block.unlink()
    try:
        shared_memory.SharedMemory(name=block.name)
        raise AssertionError("it is still there")
    except FileNotFoundError:
        pass
    address = ("localhost", 6000)
    server = context.Process(target=serve, args=(address,))
    server.start()
    time.sleep(1)
    with connection.Client(address, authkey=b"key") as client:
        client.send("ab")
        assert client.recv() == "abab"
    server.join()
    try:
        connection.Client(address, authkey=b"key")
        raise AssertionError("somebody listens")
    except ConnectionRefusedError:
        pass


if __name__ == "__main__":
    for how in sys.argv[1:]:
        main(how)
