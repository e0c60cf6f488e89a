"""The jobs of cpu-or-io with concurrent.futures. Arguments: jobs, seconds a job, URL, thread counts."""
import http.client
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

try:
    import resource
except ImportError:  # Windows has no getrusage.
    resource = None

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
    if resource is None:
        return "-", "-"
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_nvcsw, usage.ru_nivcsw


def measure(kind, threads, job, argument):
    with ThreadPoolExecutor(threads) as pool:
        before = switches()
        begun = time.perf_counter()
        list(pool.map(job, [argument] * jobs))
        took = time.perf_counter() - begun
        after = switches()
    counts = ["-" if b == "-" else a - b for a, b in zip(after, before)]
    print(kind, threads, took, *counts)


gil = getattr(sys, "_is_gil_enabled", lambda: True)()
print("version", sys.version.split()[0], "with the GIL" if gil else "free-threaded")
rounds = rounds_for(seconds)
for threads in map(int, sys.argv[4:]):
    measure("cpu", threads, compute, rounds)
    measure("io", threads, request, None)
