"""Threads that wait, alone and beside one that computes. Arguments: threads, waits of each, seconds a wait."""
import sys
import threading
import time

threads, waits, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
done = threading.Event()


def compute():
    total = 1
    while not done.is_set():
        for number in range(1000):
            total = (total * 33 + number) & 0xFFFFFFFF


def wait():
    for _ in range(waits):
        time.sleep(seconds)


def measure():
    waiting = [threading.Thread(target=wait) for _ in range(threads)]
    begun = time.perf_counter()
    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join()
    return time.perf_counter() - begun


gil = getattr(sys, "_is_gil_enabled", lambda: True)()
print("version", sys.version.split()[0], "with the GIL" if gil else "free-threaded")
alone = measure()
computing = threading.Thread(target=compute)
computing.start()
beside = measure()
done.set()
computing.join()
print("mixed", alone, beside)
