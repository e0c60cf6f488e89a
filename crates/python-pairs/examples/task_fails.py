"""An error in a task appears where you ask for the result."""

from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(max_workers=1) as pool:
    expected = pool.submit(int, "seven")
    bug = pool.submit(lambda: [][0])
    try:
        print(expected.result())
    except ValueError as error:
        print("expected:", error)
    try:
        print(bug.result())
    except IndexError as error:
        print("a bug:", error)
    print("the worker still works:", pool.submit(int, "7").result())
