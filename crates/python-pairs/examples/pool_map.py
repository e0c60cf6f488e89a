"""Results in the order of the items, whichever task is done first."""

import threading
from concurrent.futures import ThreadPoolExecutor

all_are_here = threading.Barrier(3)


def square(number):
    all_are_here.wait()
    return number * number


with ThreadPoolExecutor(max_workers=3) as pool:
    for result in pool.map(square, [1, 2, 3]):
        print(result)
