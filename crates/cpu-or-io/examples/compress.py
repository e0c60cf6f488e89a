"""Two threads that compute: in C code that releases the GIL, and in Python code, which needs it."""
import bz2
import os
import time
from concurrent.futures import ThreadPoolExecutor

texts = [os.urandom(400_000) for _ in range(4)]


def loop(text):
    total = 1
    for number in range(3 * len(text)):
        total = (total * 33 + number) & 0xFFFFFFFF


def milliseconds(work, threads):
    with ThreadPoolExecutor(threads) as pool:
        begun = time.perf_counter()
        list(pool.map(work, texts))
        return (time.perf_counter() - begun) * 1000


print("                     1 thread  2 threads  speed-up")
for name, work in [("bz2.compress, in C", bz2.compress), ("a loop, in Python", loop)]:
    one, two = milliseconds(work, 1), milliseconds(work, 2)
    print(f"{name:<20}{one:6.0f} ms  {two:6.0f} ms  {one / two:6.2f} x")
