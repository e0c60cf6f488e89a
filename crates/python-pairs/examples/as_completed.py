"""The first task to finish is reported first: the slow one was submitted first, and ends last."""

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed

quick_is_told = threading.Event()


def slow():
    quick_is_told.wait()
    return "slow"


with ThreadPoolExecutor(max_workers=2) as pool:
    futures = [pool.submit(slow), pool.submit(lambda: "quick")]
    for future in as_completed(futures):
        print(future.result())
        quick_is_told.set()
