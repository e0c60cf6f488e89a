"""The jobs of cpu-or-io with concurrent.futures. Arguments: jobs, seconds a job, URL, thread counts."""
import http.client
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

try:
    from resource import RUSAGE_THREAD, getrusage
except ImportError:  # Only Linux counts for single threads.
    getrusage = None

jobs, seconds, url = int(sys.argv[1]), float(sys.argv[2]), urlsplit(sys.argv[3])


def compute(rounds):
    total = 1
    for number in range(rounds):
        total = (total * 33 + number) & 0xFFFFFFFF
    return total


def request(_):
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.request("GET", f"{url.path}?{url.query}")
    assert connection.getresponse().read()
    connection.close()


def rounds_for(seconds):
    rounds = 10_000
    while True:
        begun = time.perf_counter()
        compute(rounds)
        took = time.perf_counter() - begun
        if took >= 0.002:
            return int(rounds * seconds / took)
        rounds *= 2


def switches():
    usage = getrusage(RUSAGE_THREAD)
    return usage.ru_nvcsw, usage.ru_nivcsw


def counted(job, argument):
    if getrusage is None:
        job(argument)
        return None
    before = switches()
    job(argument)
    return [after - before for after, before in zip(switches(), before)]


def measure(kind, threads, job, argument):
    with ThreadPoolExecutor(threads) as pool:
        begun = time.perf_counter()
        counts = list(pool.map(counted, [job] * jobs, [argument] * jobs))
        took = time.perf_counter() - begun
    sums = "--" if None in counts else map(sum, zip(*counts))
    print(kind, threads, took, *sums)


gil = getattr(sys, "_is_gil_enabled", lambda: True)()
print("version", sys.version.split()[0], "with the GIL" if gil else "free-threaded")
rounds = rounds_for(seconds)
for threads in map(int, sys.argv[4:]):
    measure("cpu", threads, compute, rounds)
    measure("io", threads, request, None)
