"""The same three measurements with concurrent.futures; nanoseconds that a tenth and a half of the batches stay below."""
import sys
import time
from concurrent.futures import ThreadPoolExecutor

WORKERS = 2


def tenth_and_median(times):
    times.sort()
    return times[len(times) // 10], times[len(times) // 2]


def measure(batches, per_batch, work):
    times = []
    for _ in range(batches):
        begun = time.perf_counter_ns()
        for _ in range(per_batch):
            work()
        times.append((time.perf_counter_ns() - begun) / per_batch)
    return tenth_and_median(times)


def start_and_shut_down():
    pool = ThreadPoolExecutor(WORKERS)
    # Python starts a thread on demand: one task for each, so that both exist.
    pool.submit(nothing)
    pool.submit(nothing)
    pool.shutdown()


def nothing():
    pass


def square(n):
    return n * n


with ThreadPoolExecutor(WORKERS) as pool:
    pool.submit(nothing).result()
    print("submit+result", *measure(15, 1000, lambda: pool.submit(nothing).result()))
    print("map-1000", *measure(15, 5, lambda: list(pool.map(square, range(1000)))))
print("shutdown", *measure(15, 20, start_and_shut_down))
print("version", sys.version.split()[0].replace(" ", ""))
